"""An expression names the minutes it seems to name, found by trying every day."""

# ruff: noqa: DTZ001 - local times are naive by their nature

from datetime import date, datetime, timedelta
from itertools import islice

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shared.domain.cron import read_cron

#: The text of a field and the values it stands for.
Field = tuple[str, frozenset[int]]


def fields(low: int, high: int) -> st.SearchStrategy[Field]:
    every = frozenset(range(low, high + 1))
    one = st.integers(low, high).map(lambda each: (str(each), frozenset({each})))
    spans = st.tuples(st.integers(low, high), st.integers(low, high)).filter(
        lambda ends: ends[0] < ends[1]
    )
    ranges = spans.map(
        lambda ends: (f"{ends[0]}-{ends[1]}", frozenset(range(ends[0], ends[1] + 1)))
    )
    steps = spans.flatmap(
        lambda ends: st.integers(1, ends[1] - ends[0]).map(
            lambda step: (
                f"{ends[0]}-{ends[1]}/{step}",
                frozenset(range(ends[0], ends[1] + 1, step)),
            )
        )
    )
    strides = st.integers(1, high - low).map(
        lambda step: (f"*/{step}", frozenset(range(low, high + 1, step)))
    )
    lists = st.lists(one | ranges | steps, min_size=1, max_size=3).map(
        lambda parts: (
            ",".join(text for text, _ in parts),
            frozenset().union(*(values for _, values in parts)),
        )
    )
    return st.just(("*", every)) | strides | lists


WEEKDAYS: st.SearchStrategy[Field] = fields(0, 6) | st.sampled_from(
    [
        ("7", frozenset({0})),
        ("sat-sun", frozenset({6, 0})),
        ("fri-mon", frozenset({5, 6, 0, 1})),
        ("mon-fri", frozenset(range(1, 6))),
        ("5-7", frozenset({5, 6, 0})),
        ("0-7", frozenset(range(7))),
    ]
)
STARTS = st.datetimes(datetime(2024, 1, 1), datetime(2031, 1, 1))


def on(day: date, days: Field, months: Field, weekdays: Field) -> bool:
    """Whether a day is meant; where both day and weekday are named either suffices."""
    if day.month not in months[1]:
        return False
    by_day, by_weekday = day.day in days[1], day.isoweekday() % 7 in weekdays[1]
    if days[0] == "*" or weekdays[0] == "*":
        return by_day and by_weekday
    return by_day or by_weekday


@given(fields(0, 59), fields(0, 23), fields(1, 31), fields(1, 12), WEEKDAYS, STARTS)
def test_it_names_what_a_search_through_every_day_finds(
    minutes: Field, hours: Field, days: Field, months: Field, weekdays: Field, start: datetime
) -> None:
    text = " ".join(each[0] for each in (minutes, hours, days, months, weekdays))
    try:
        cron = read_cron(text)
    except ValueError as wrong:
        # Nothing else may be wrong with what is drawn here.
        if "list the days instead" in str(wrong):
            assert days[0].startswith("*/") or weekdays[0].startswith("*/")
            return
        lengths = [29 if each == 2 else 30 if each in {4, 6, 9, 11} else 31 for each in months[1]]
        assert min(days[1]) > max(lengths)
        return

    def search() -> list[datetime]:
        found: list[datetime] = []
        day = start.date()
        while len(found) < 40 and day.year < 2040:
            if on(day, days, months, weekdays):
                found += [
                    wall
                    for hour in sorted(hours[1])
                    for minute in sorted(minutes[1])
                    if (wall := datetime(day.year, day.month, day.day, hour, minute)) > start
                ]
            day += timedelta(days=1)
        return found[:40]

    expected = search()
    assume(expected)
    assert list(islice(cron.walls(start), len(expected))) == expected
    assert cron.names(expected[0])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0 9 l * *", ["2026-01-31T09:00", "2026-02-28T09:00", "2026-03-31T09:00"]),
        ("0 9 15,L * *", ["2026-01-15T09:00", "2026-01-31T09:00", "2026-02-15T09:00"]),
        ("0 9 * * fri#2", ["2026-01-09T09:00", "2026-02-13T09:00", "2026-03-13T09:00"]),
        ("0 9 * * L5", ["2026-01-30T09:00", "2026-02-27T09:00", "2026-03-27T09:00"]),
        ("0 9 29 2 *", ["2028-02-29T09:00", "2032-02-29T09:00", "2036-02-29T09:00"]),
        ("0 0 1 * mon", ["2026-01-05T00:00", "2026-01-12T00:00", "2026-01-19T00:00"]),
        ("0 0 * 2 MON#5", ["2044-02-29T00:00", "2072-02-29T00:00"]),
    ],
)
def test_last_days_nth_weekdays_and_leap_days(text: str, expected: list[str]) -> None:
    walls = islice(read_cron(text).walls(datetime(2026, 1, 1)), len(expected))
    assert [each.isoformat(timespec="minutes") for each in walls] == expected


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("@reboot", "nickname"),
        ("@daily", "nickname"),
        ("0 9 * *", "has 4 fields"),
        ("0 9 * * * 30", "has 6 fields"),
        ("0 9 * * * 0 2030", "has 7 fields"),
        ("", "has 0 fields"),
        ("60 24 0 13 8", "minute: 60 .*hour: 24 .*day of month: 0 .*month: 13 .*day of week: 8"),
        ("0 0 30 2 *", "can never occur"),
        ("0 0 31 2,4,6,9,11 *", "can never occur"),
        ("0 0 30 2 mon", "can never occur"),
        ("*/90 * * * *", "leaves one value"),
        ("*/0 * * * *", "leaves one value"),
        ("0 0 1-31/40 * *", "leaves one value"),
        ("5/15 * * * *", "write 5-59/15"),
        ("22-2 * * * *", "write 22-59,0-2"),
        ("5-5 * * * *", "range of one value"),
        ("*,5 * * * *", "stands alone"),
        ("1,,2 * * * *", "an empty part"),
        ("0 0 ? * *", "is not a value"),
        ("0 0 15W * *", "is not a value"),
        ("H R * * *", "minute: h .*hour: r "),
        ("0 9 * foo *", "foo is not one of"),
        ("0 9 * * mon#6", "is not a value"),
        ("0 9 * * fri-mon/2", "step without a range"),
        ("0 9 * * tue,mon#1", "mixing"),
        ("0 9 */2 * mon", "list the days instead"),
        ("0 9 1 * */2", "list the days instead"),
        ("-5 +5 0.5 1_0 ٣", "is not a value"),
    ],
)
def test_what_is_no_cron_or_would_be_read_as_another_is_refused(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_cron(text)
