"""How the bytes of a file are to be read: UTF-8, UTF-16 with its mark, or what Excel writes."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from shared.errors import InputError
from shared.rows.found import Found, Note

_PIECE = 1 << 20
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
#: Where the high bytes of the first letters of a table stand in UTF-16 without its mark.
_HIGH_BYTES = {"utf-16-le": slice(1, None, 2), "utf-16-be": slice(0, None, 2)}
#: Excel's own workbooks are archives, whatever they are called.
_ARCHIVE = b"PK\x03\x04"
#: Excel's "CSV" in western Windows; "CSV UTF-8" has a mark.
_EXCEL = "cp1252"


@dataclass(frozen=True, slots=True)
class Encoding:
    """The name of an encoding, and whether the file leaves room for doubt about it."""

    name: str
    assumed: bool = False

    def warning(self) -> Found:
        """Return what is to be said of an assumed encoding."""
        message = "is not UTF-8; it was read as Excel's Windows-1252. Look at its accents"
        return Found(row=0, notes=(Note("", message, warning=True),))


def encoding_of(path: Path, *, table: bool) -> Encoding:
    """Return the encoding, having decoded the whole file by it, a piece at a time.

    Only a table may be in Excel's own encoding. Raises InputError, OSError.
    """
    with path.open("rb") as file:
        start = file.read(4)
    if start == _ARCHIVE:
        raise InputError("is a workbook or another archive; save it as CSV UTF-8 and try again")
    marked = next((name for mark, name in _MARKS.items() if start.startswith(mark)), "")
    marked = marked or (_unmarked(start) if table else "")
    failed = _fails_at(path, marked or "utf-8")
    if failed is None:
        return Encoding(marked or "utf-8")
    if not marked and table and _fails_at(path, _EXCEL) is None:
        return Encoding(_EXCEL, assumed=True)
    stated = "UTF-16" if marked.startswith("utf-16") else "UTF-8"
    raise InputError(f"is not {stated} (line {failed}); save it as UTF-8 and try again")


def _unmarked(start: bytes) -> str:
    """Return the form of UTF-16 that a table without a mark is in; '' = it is not.

    The names of columns are of letters whose high bytes are zero, and no text has zero bytes.
    """
    zeros = ((name, start[high]) for name, high in _HIGH_BYTES.items())
    return next((name for name, high in zeros if high == bytes(2)), "")


def _fails_at(path: Path, encoding: str) -> int | None:
    """Return the line of the first bytes that are not in this encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    lines = 1
    for piece, last in _pieces(path):
        try:
            lines += decoder.decode(piece, last).count("\n")
        except UnicodeDecodeError as wrong:
            before = bytes(wrong.object)[: wrong.start]
            return lines + before.decode(encoding, "replace").count("\n")
    return None


def _pieces(path: Path) -> Iterator[tuple[bytes, bool]]:
    with path.open("rb") as file:
        piece = file.read(_PIECE)
        while piece:
            following = file.read(_PIECE)
            yield piece, not following
            piece = following
