"""Placeholders: replaced by name, braces escaped by doubling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.placeholders import fill, names_in


def test_names_are_replaced_and_doubled_braces_stand_for_one() -> None:
    text = "Hi {name}, {{not me}} {{{city}}} {name}!"

    assert list(names_in(text)) == ["name", "city", "name"]
    assert fill(text, {"name": "Mia", "city": "Bari"}) == "Hi Mia, {not me} {Bari} Mia!"


def test_a_value_is_not_read_again() -> None:
    assert fill("{a}", {"a": "{b} {{", "b": "x"}) == "{b} {{"


def test_attributes_and_formats_are_names_like_any_other() -> None:
    assert list(names_in("{name.__class__} {name!r:>10}")) == ["name.__class__", "name!r:>10"]


@pytest.mark.parametrize(("text", "brace"), [("a { b", "{"), ("a } b", "}"), ("{{}", "}")])
def test_a_brace_alone_is_refused(text: str, brace: str) -> None:
    with pytest.raises(ValueError, match=f"single {brace}; write {brace}{brace}"):
        list(names_in(text))


@given(st.text())
def test_every_text_can_be_written_with_doubled_braces(text: str) -> None:
    doubled = text.replace("{", "{{").replace("}", "}}")

    assert list(names_in(doubled)) == []
    assert fill(doubled, {}) == text
