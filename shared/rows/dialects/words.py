"""Words and lists in the cells of other tools."""

import json
import re

from shared.rows.cells import media_word

_PLATFORMS = {"twitter": "x", "x (twitter)": "x", "twitter/x": "x", "x/twitter": "x"}
_TRUE = frozenset({"true", "yes", "y", "1"})
_FALSE = frozenset({"", "false", "no", "n", "0"})


def platform_word(word: str) -> str:
    """Return a platform as we name it."""
    name = word.strip().lower()
    return _PLATFORMS.get(name, name)


def listed(cell: str) -> list[str]:
    """Return the parts of a list, each once: JSON, or by commas, semicolons or bars."""
    return list(dict.fromkeys(_parts(cell)))


def _parts(cell: str) -> list[str]:
    if cell.lstrip().startswith("["):
        try:
            parts = [str(each) for each in json.loads(cell)]
        except (ValueError, RecursionError):
            parts = re.split(r"[,;|]", cell.strip(" []"))
    else:
        parts = re.split(r"[,;|]", cell)
    return [part.strip() for part in parts if part.strip()]


def addresses(cell: str) -> list[str]:
    """Return the addresses of a cell; one may have commas of its own."""
    words = re.split(r"[\s,;|]+(?=[A-Za-z][A-Za-z0-9+.-]*://)", cell.strip())
    return [word for word in (each.strip(" \t\r\n,;|") for each in words) if word]


def media_of(cell: str) -> list[object]:
    """Return the files of a cell, each as often as it stands there."""
    listing = cell.lstrip().startswith("[") or "://" not in cell
    return [media_word(word) for word in (_parts(cell) if listing else addresses(cell))]


def truth(cell: str) -> bool:
    """Return a yes or no; ValueError says what one looks like."""
    word = cell.strip().lower()
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise ValueError(f"must be true or false, not {cell.strip()!r}")
