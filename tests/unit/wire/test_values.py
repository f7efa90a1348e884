"""Foreign values are read without trust."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.wire.answer import Answer
from shared.wire.values import first, instant, rows, server_ahead, text

NOON = datetime(2026, 6, 20, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("a", "a"), (4101, "4101"), (None, ""), (True, ""), ([1], ""), ({}, ""), (1.5, "1.5")],
)
def test_only_texts_and_numbers_are_texts(value: Any, expected: str) -> None:
    assert text(value) == expected


def test_the_first_value_that_is_not_null_counts() -> None:
    assert first({"a": None, "b": 0, "c": 1}, "a", "b", "c") == 0
    assert first(None, "a") is None
    assert first([1], "a") is None


def test_only_objects_are_rows() -> None:
    assert rows([{"a": 1}, None, 3]) == [{"a": 1}]
    assert rows(2) == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-06-20T12:00:00Z", NOON),
        ("2026-06-20T14:00:00.000+02:00", NOON),
        ("2026-06-20T12:00:00", NOON),
        ("yesterday", None),
        (None, None),
        (12, None),
    ],
)
def test_instants_are_in_utc(value: Any, expected: datetime | None) -> None:
    assert instant(value) == expected


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("Sat, 20 Jun 2026 12:05:00 GMT", timedelta(minutes=5)),
        ("Sat, 20 Jun 2026 11:00:00 -0000", timedelta(hours=-1)),
        ("yesterday", timedelta(0)),
    ],
)
def test_the_date_header_tells_the_servers_clock(date: str, expected: timedelta) -> None:
    assert server_ahead(Answer(status=200, headers={"date": date}), NOON) == expected


def test_an_answer_without_a_date_tells_nothing() -> None:
    assert server_ahead(Answer(status=200), NOON) == timedelta(0)
