"""A QR code's picture as text, module for module, whatever its size and margin."""

from io import BytesIO

import pytest
import segno
from PIL import Image, ImageDraw

from shared.cli.matrix import modules_of, text_of

DARK = {"\u2588": (True, True), "\u2580": (True, False), "\u2584": (False, True), " ": (False,) * 2}


def picture(code: segno.QRCode, **form: object) -> bytes:
    out = BytesIO()
    code.save(out, kind="png", **form)
    return out.getvalue()


def modules(code: segno.QRCode) -> list[list[bool]]:
    return [[bool(module) for module in row] for row in code.matrix]


def read_back(text: str) -> list[list[bool]]:
    rows: list[list[bool]] = []
    for line in text.split("\n"):
        pairs = [DARK[character] for character in line]
        rows += [[upper for upper, _ in pairs], [lower for _, lower in pairs]]
    return rows


@pytest.mark.parametrize("version", [1, 2, 7, 13, 40])
@pytest.mark.parametrize(
    "form", [{"scale": 1}, {"scale": 4, "border": 0}, {"scale": 7, "border": 9}]
)
def test_every_module_is_read(version: int, form: dict[str, object]) -> None:
    code = segno.make("rye", version=version)

    assert modules_of(picture(code, **form)) == modules(code)


def test_a_picture_without_paper_or_that_was_resized_is_read() -> None:
    code = segno.make("https://example.com/a-login")
    clear = picture(code, scale=5, light=None)
    assert modules_of(clear) == modules(code)

    with Image.open(BytesIO(picture(code, scale=8))) as image:
        resized = image.convert("L").resize((250, 250), Image.Resampling.BICUBIC)
    out = BytesIO()
    resized.save(out, format="JPEG")
    assert modules_of(out.getvalue()) == modules(code)


@pytest.mark.parametrize("version", [1, 5])
def test_the_text_shows_the_code_on_a_light_margin(version: int) -> None:
    code = segno.make("rye", version=version)

    shown = read_back(text_of(modules(code)))

    side = len(code.matrix)
    assert [row[4 : 4 + side] for row in shown[4 : 4 + side]] == modules(code)
    assert all(not any(row) for row in (*shown[:4], *shown[4 + side :]))
    assert all(not any((*row[:4], *row[4 + side :])) for row in shown)


def drawn(kind: str) -> bytes:
    image = Image.new("L", (120, 120), "white")
    if kind == "a frame":
        ImageDraw.Draw(image).rectangle((10, 10, 100, 60), outline="black", width=3)
    out = BytesIO()
    image.save(out, format="PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x89PNG\r\n\x1a\n", "cannot be read"),
        (b"", "cannot be read"),
        (drawn("paper"), "blank"),
        (drawn("a frame"), "not a QR code"),
    ],
)
def test_what_is_no_code_is_said(content: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        modules_of(content)
