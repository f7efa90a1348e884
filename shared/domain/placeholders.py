"""Placeholders in a text: `{username}` is replaced, `{{` and `}}` stand for braces."""

import re
from collections.abc import Iterator, Mapping

_PART = re.compile(r"\{\{|\}\}|\{(?P<name>[^{}]*)\}|(?P<stray>[{}])")


def names_in(text: str) -> Iterator[str]:
    """Yield the names of a text; ValueError where a brace stands alone."""
    for part in _PART.finditer(text):
        if part["stray"]:
            brace = part["stray"]
            raise ValueError(f"has a single {brace}; write {brace * 2} for a brace")
        if part["name"] is not None:
            yield part["name"].strip()


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return the text with its placeholders replaced; one without a value stays as it is."""

    def replaced(part: re.Match[str]) -> str:
        return part[0][0] if part["name"] is None else values.get(part["name"].strip(), part[0])

    return _PART.sub(replaced, text)
