"""Texts are counted in the unit of their platform."""

import pytest

from shared.domain.text import Unit, length


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        ("héllo", Unit.CHARACTERS, 5),
        ("👍🏽", Unit.CHARACTERS, 2),
        ("👍🏽", Unit.UTF16, 4),
        ("héllo", Unit.BYTES, 6),
        ("hello", Unit.WEIGHTED, 5),
        ("日本", Unit.WEIGHTED, 4),
        ("see https://example.com/a/very/long/path?with=query", Unit.WEIGHTED, 4 + 23),
    ],
)
def test_length(text: str, unit: Unit, expected: int) -> None:
    assert length(text, unit) == expected
