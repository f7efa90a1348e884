"""A QR code's picture as text: two modules in each character, one above the other."""

from collections.abc import Iterator, Sequence
from io import BytesIO

from PIL import Image, UnidentifiedImageError

#: A code has 21 modules on a side, or 4, 8, ... more; its corners begin with 7 dark ones.
_SMALLEST, _STEP, _LARGEST = 21, 4, 177
_CORNER = 7

#: The light margin that readers need.
_MARGIN = 4

#: By whether the upper and the lower module are dark.
_HALVES = {(True, True): "\u2588", (True, False): "\u2580", (False, True): "\u2584"}

_MID_GREY = 128
Modules = Sequence[Sequence[bool]]


def modules_of(picture: bytes) -> Modules:
    """Return a code's modules, row by row, True = dark; ValueError where the picture is no code."""
    image = _grey(picture)
    dark = image.point(lambda value: 255 if value < _MID_GREY else 0)
    box = dark.getbbox()
    if box is None:
        raise ValueError("the picture is blank")
    code = dark.crop(box)
    count = _count(code)
    step = code.width / count
    centres = [int((number + 0.5) * step) for number in range(count)]
    return [[bool(code.getpixel((x, y))) for x in centres] for y in centres]


def text_of(modules: Modules) -> str:
    """Return the code as dark blocks on a light margin; it wants black on white."""
    side = len(modules) + 2 * _MARGIN
    return "\n".join(_line(modules, y, side) for y in range(0, side, 2))


def _line(modules: Modules, y: int, side: int) -> str:
    halves = ((_is_dark(modules, x, y), _is_dark(modules, x, y + 1)) for x in range(side))
    return "".join(_HALVES.get(pair, " ") for pair in halves)


def _is_dark(modules: Modules, x: int, y: int) -> bool:
    column, row = x - _MARGIN, y - _MARGIN
    inside = 0 <= column < len(modules) and 0 <= row < len(modules)
    return inside and modules[row][column]


def _grey(picture: bytes) -> Image.Image:
    """Return the picture in shades of grey; what is transparent is paper."""
    try:
        with Image.open(BytesIO(picture)) as image:
            coloured = image.convert("RGBA")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError) as wrong:
        raise ValueError(f"the picture cannot be read: {wrong}") from None
    paper = Image.new("RGBA", coloured.size, "white")
    return Image.alpha_composite(paper, coloured).convert("L")


def _count(code: Image.Image) -> int:
    """Tell the modules of a side from the corner's, which are known."""
    corner = next((x for x in range(code.width) if not code.getpixel((x, 0))), code.width)
    count = round(code.width * _CORNER / corner)
    is_square = abs(code.width - code.height) <= code.width / count
    if count not in _sizes() or not is_square:
        raise ValueError("the picture is not a QR code")
    return count


def _sizes() -> Iterator[int]:
    return iter(range(_SMALLEST, _LARGEST + 1, _STEP))
