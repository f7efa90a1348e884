"""How long a text is, in the unit its platform counts in."""

import re
from enum import StrEnum


class Unit(StrEnum):
    """What a platform counts."""

    CHARACTERS = "characters"
    UTF16 = "UTF-16 units"
    BYTES = "bytes"
    #: X counts a URL as 23 and most scripts outside Latin as 2 (X's own counting rules).
    WEIGHTED = "weighted characters"


#: A `#` inside a word or a URL's fragment begins no hashtag, and one of digits only is a number.
_HASHTAG = re.compile(r"(?<![\w/#&])#(?=\w*[^\W\d])\w+")
_URL = re.compile(r"https?://\S+")
_X_URL_LENGTH = 23
#: The code point ranges that X counts once; everything else counts twice.
_X_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))


def length(text: str, unit: Unit) -> int:
    """Return how long `text` is in `unit`."""
    match unit:
        case Unit.CHARACTERS:
            return len(text)
        case Unit.UTF16:
            return len(text.encode("utf-16-le")) // 2
        case Unit.BYTES:
            return len(text.encode())
        case Unit.WEIGHTED:
            return _weighted(text)


def hashtags(text: str) -> int:
    """Count the hashtags: a `#` that begins a word with a letter in it."""
    return len(_HASHTAG.findall(text))


def _weighted(text: str) -> int:
    urls = _URL.findall(text)
    rest = _URL.sub("", text)
    return len(urls) * _X_URL_LENGTH + sum(_x_weight(ord(char)) for char in rest)


def _x_weight(code_point: int) -> int:
    return 1 if any(low <= code_point <= high for low, high in _X_LIGHT) else 2
