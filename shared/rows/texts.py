"""Texts of a row: of the right type, not endless, and such that every database can hold them."""

import json
import re
from collections.abc import Mapping

#: Names, refs and ids are shorter than this in every sheet; longer is a slip of the columns.
NAME_MAX = 200

#: PostgreSQL stores no U+0000 in a text, and half a surrogate pair has no UTF-8.
_UNSOUND = re.compile("[\x00\ud800-\udfff]")


def sound(text: str) -> str:
    """Return the text, or raise ValueError naming the character that cannot be stored."""
    found = _UNSOUND.search(text)
    if found:
        code_point = f"U+{ord(found.group()):04X}"
        raise ValueError(f"holds {code_point}, a character that cannot be stored")
    return text


def read_text(value: object) -> str:
    """Return a text as it is written; a whole number is taken for its digits."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise ValueError(f"must be a text, not {type_word(value)}")  # noqa: TRY004
    return sound(value)


def read_name(value: object) -> str:
    """Return a name or an id, without the spaces around it."""
    name = read_text(value).strip()
    if len(name) > NAME_MAX:
        raise ValueError(f"has {len(name)} characters; at most {NAME_MAX} are allowed")
    return name


def read_word(value: object) -> str:
    """Return a name in which case does not count."""
    return read_name(value).lower()


def read_flag(value: object) -> bool:
    """Return yes or no, as files and sheets write them."""
    word = str(value).strip().lower()
    if word in {"true", "yes", "1"}:
        return True
    if word in {"false", "no", "0", ""}:
        return False
    raise ValueError(f"must be true or false, not {value!r}")


def sound_values(values: Mapping[str, object]) -> None:
    """Raise ValueError unless the values can be stored as JSON."""
    try:
        text = json.dumps(values, ensure_ascii=False, allow_nan=False)
    except (ValueError, TypeError, RecursionError):
        raise ValueError("holds a value that JSON cannot express") from None
    sound(text.replace("\\\\", "").replace("\\u0000", "\x00"))


def type_word(value: object) -> str:
    """Name the type of a value in the words of the files it comes from."""
    if value is None:
        return "nothing"
    words = {bool: "true or false", int: "a number", float: "a number", str: "a text"}
    words |= {list: "a list", tuple: "a list", dict: "an object"}
    return words.get(type(value), type(value).__name__)
