"""Slots come when a watcher of the zone's clock sees them, once each, in every zone."""

# ruff: noqa: DTZ001 - local times are naive by their nature

from datetime import UTC, datetime, time, timedelta
from itertools import islice, pairwise, takewhile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.timetable import FURTHEST, read_timetable
from tests.support.zones import changes, zones

DAY = timedelta(days=1)
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

moments = st.datetimes(datetime(2026, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))
times = st.builds(time, st.integers(0, 23), st.integers(0, 59))
slots = st.sets(st.tuples(st.integers(0, 6), times), min_size=1, max_size=6)


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(sorted(zones())), moments, slots)
def test_a_week_of_slots_is_what_was_asked_for(
    name: str, after: datetime, wanted: set[tuple[int, time]]
) -> None:
    zone = zones()[name]
    table = read_timetable(zone, [f"{DAYS[day]} {at:%H:%M}" for day, at in wanted])
    found = list(takewhile(lambda at: at <= after + 7 * DAY, table.slots(after)))

    assert all(one < other for one, other in pairwise([after, *found]))
    local = after.astimezone(zone).replace(tzinfo=None)
    named = {
        datetime.combine(local.date() + number * DAY, at)
        for number in range(-1, 9)
        for day, at in wanted
        if (local.date() + number * DAY).weekday() == day
    }
    # Where no clock is changed meanwhile, the slots are just the local times that were asked for.
    if not any(after - DAY < each.at < after + 9 * DAY for each in changes()):
        expected = {each for each in named if local < each <= local + 7 * DAY}
        assert {each.astimezone(zone).replace(tzinfo=None) for each in found} == expected


def test_around_each_change_of_a_clock_each_day_has_its_slot_once() -> None:
    for change in changes():
        at = change.wall + timedelta(minutes=10)
        table = read_timetable(change.zone, [f"{at:%H:%M}"])
        found = list(islice(table.slots(change.at - 3 * DAY), 6))

        # Where the last hour of a day is skipped, its slot has moved into the next day.
        moved = {change.at: at.date()} if change.gap else {}
        days = [moved.get(each, each.astimezone(change.zone).date()) for each in found]
        assert all(other - one == DAY for one, other in pairwise(days)), change
        expected = change.at if change.gap else (at - change.before).replace(tzinfo=UTC)
        assert expected in found, change


def test_days_are_lists_and_ranges_and_may_go_round_the_week() -> None:
    paris = ZoneInfo("Europe/Paris")
    table = read_timetable(paris, ["Sat-Mon,wed 9:00,17:30", "07:15"])
    monday = datetime(2026, 6, 1, tzinfo=paris)
    week = takewhile(lambda at: at < monday + 7 * DAY, table.slots(monday.astimezone(UTC)))
    local = [each.astimezone(paris) for each in week]

    per_day = {day: [f"{at:%H:%M}" for at in local if at.weekday() == day] for day in range(7)}
    assert per_day[0] == per_day[2] == per_day[5] == per_day[6] == ["07:15", "09:00", "17:30"]
    assert per_day[1] == per_day[3] == per_day[4] == ["07:15"]


def test_slots_end_after_two_years() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    found = list(read_timetable(ZoneInfo("UTC"), ["12:00"]).slots(now))

    assert len(found) == FURTHEST.days


@pytest.mark.parametrize(
    "entry", ["", "noon", "25:00", "9:60", "9", "moon 09:00", "mon-xyz 09:00", "mon 09:00 10:00"]
)
def test_what_is_no_slot_is_named(entry: str) -> None:
    with pytest.raises(ValueError, match=r"is not a (slot|time|day)"):
        read_timetable(ZoneInfo("UTC"), ["mon 09:00", entry])


def test_no_slots_at_all_are_no_timetable() -> None:
    with pytest.raises(ValueError, match="has no slots"):
        read_timetable(ZoneInfo("UTC"), [])
