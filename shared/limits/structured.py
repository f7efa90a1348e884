"""Lists with parameters, as structured header fields write them: `"a";r=1;t=2, "b";r=3`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

#: No server describes more windows than this in one header; the rest is nonsense.
_MOST = 16

_COMMA = re.compile(r',(?=(?:[^"]*"[^"]*")*[^"]*$)')
_SEMICOLON = re.compile(r';(?=(?:[^"]*"[^"]*")*[^"]*$)')
_LONGEST_TEXT = 2_000


@dataclass(frozen=True, slots=True)
class Part:
    """One member of a list: what stands first, and its `key=value` parameters."""

    head: str
    values: Mapping[str, str]


def parts(text: str) -> list[Part]:
    """Split a header's value; an empty or an oversized one has no parts."""
    if not text.strip() or len(text) > _LONGEST_TEXT:
        return []
    return [_part(piece) for piece in _COMMA.split(text)[:_MOST]]


def _part(piece: str) -> Part:
    first, *rest = _SEMICOLON.split(piece)
    pairs = rest if "=" not in first else [first, *rest]
    return Part("" if "=" in first else _bare(first), dict(map(_pair, pairs)))


def _pair(text: str) -> tuple[str, str]:
    key, _, value = text.partition("=")
    return _bare(key).lower(), _bare(value)


def _bare(text: str) -> str:
    return text.strip().strip('"').strip()
