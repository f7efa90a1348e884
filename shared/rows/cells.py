"""Cells and flags: values written as one text where other formats have lists and objects."""

import json
import re
from collections.abc import Iterator

_JSON = json.JSONDecoder()
#: Where an object may begin: at the start of a word.
_BRACE = re.compile(r"(?<![^\s|])\{")

#: Options whose values have parts: a bar-separated list, or JSON.
_LISTS = frozenset({"tags"})
_OBJECTS = frozenset({"settings"})


class CellError(ValueError):
    """A cell that does not hold what its column asks for."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def option_cell(name: str, cell: str) -> object:
    if name in _OBJECTS:
        return object_cell(f"options.{name}", cell)
    return list_cell(cell) if name in _LISTS else cell.strip()


def object_cell(name: str, cell: str) -> dict[str, object]:
    try:
        value = json.loads(cell)
    except (ValueError, RecursionError) as wrong:
        raise CellError(name, f"is not JSON: {wrong}") from None
    if not isinstance(value, dict):
        raise CellError(name, "must be a JSON object")
    return value


def media_cell(cell: str) -> list[object]:
    """Split at bars or at spaces; a path with spaces needs bars, an odd id the JSON form."""
    listed = _json_list(cell)
    if listed is not None:
        return listed
    found: list[object] = []
    for part in _objects_apart(cell):
        found += _media_words(part) if isinstance(part, str) else [part]
    return found


def _objects_apart(cell: str) -> Iterator[object]:
    """Yield the JSON objects of a cell, such as `{"id": "m9"}`, and the texts between them."""
    start = 0
    for brace in _BRACE.finditer(cell):
        if brace.start() < start:
            continue
        try:
            value, end = _JSON.raw_decode(cell, brace.start())
        except (ValueError, RecursionError):
            continue
        yield cell[start : brace.start()]
        yield value
        start = end
    yield cell[start:]


def _media_words(cell: str) -> list[object]:
    words: list[str] = []
    for part in cell.split("|"):
        whole = "|" in cell and "://" not in part
        words += [part.strip()] if whole else part.split()
    return [media_word(word) for word in words if word]


def media_word(word: str) -> object:
    for prefix in ("id", "path"):
        if word.startswith(f"{prefix}:"):
            return {prefix: word.removeprefix(f"{prefix}:")}
    return word if "://" in word else {"path": word}


def list_cell(cell: str) -> list[object]:
    listed = _json_list(cell)
    return [part.strip() for part in cell.split("|")] if listed is None else listed


def _json_list(cell: str) -> list[object] | None:
    if not cell.lstrip().startswith("["):
        return None
    try:
        value = json.loads(cell)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, list) else None
