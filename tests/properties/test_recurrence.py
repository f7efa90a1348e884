"""Nothing is missed and nothing comes twice, whatever the clocks of any zone do in ten years."""

# ruff: noqa: DTZ001 - local times are naive by their nature

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise, takewhile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.cron import read_cron
from shared.domain.omission import read_omissions
from shared.domain.recurrence import Recurrence
from shared.domain.wall import Showing, instant_of, showing, wall_of
from tests.support.zones import BEGIN, END, Change, changes, zones

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def every(text: str, zone: ZoneInfo, **more: object) -> Recurrence:
    return Recurrence(cron=read_cron(text), zone=zone, **more)  # type: ignore[arg-type]


def between(recurrence: Recurrence, low: datetime, high: datetime) -> list[datetime]:
    later = recurrence.occurrences(low - timedelta(microseconds=1))
    return [each.at for each in takewhile(lambda each: each.at <= high, later)]


def watched(zone: ZoneInfo, low: datetime, high: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Watch a zone's clock minute by minute: give each local time as it is shown or passed."""
    reached = wall_of(low - MINUTE, zone)
    at = low
    while at <= high:
        while reached < wall_of(at, zone):
            reached += MINUTE
            yield at, reached
        at += MINUTE


def around(change: Change) -> tuple[datetime, datetime]:
    width = abs(change.after - change.before) + HOUR
    return change.at - width, change.at + width


def test_every_zone_has_been_looked_at() -> None:
    assert len(zones()) > 590
    assert len(changes()) > 300
    assert {each.gap for each in changes()} == {True, False}
    assert {abs(each.after - each.before) for each in changes()} >= {HOUR, HOUR / 2}


def test_each_local_time_around_each_change_comes_when_a_watcher_of_the_clock_sees_it() -> None:
    for change in changes():
        low, high = around(change)
        for at, wall in watched(change.zone, low, high):
            assert instant_of(wall, change.zone) == at, (change, wall)


def test_no_occurrence_around_any_change_is_missed_or_doubled() -> None:
    cron = read_cron("*/10 * * * *")
    for change in changes():
        low, high = around(change)
        seen = {at for at, wall in watched(change.zone, low, high) if wall.minute % 10 == 0}
        found = between(Recurrence(cron=cron, zone=change.zone), low, high)
        assert found == sorted(seen), change


def test_a_daily_post_in_the_hour_of_a_change_comes_once_on_each_day() -> None:
    for change in changes():
        time = change.wall + 10 * MINUTE
        daily = every(f"{time.minute} {time.hour} * * *", change.zone)
        found = list(islice(daily.occurrences(change.at - 3 * DAY), 6))
        days = [each.walls[0].date() for each in found]
        assert all(second - first == DAY for first, second in pairwise(days)), change
        [changed] = [each for each in found if each.walls == (time,)]
        if change.gap:
            assert (changed.at, changed.skipped) == (change.at, (time,)), change
        else:
            assert changed.doubled, change
            assert changed.at == (time - change.before).replace(tzinfo=UTC), change
            assert changed.at < change.at, change


@pytest.mark.parametrize(
    "name", ["Europe/Paris", "Australia/Lord_Howe", "Africa/Casablanca", "America/Santiago"]
)
def test_ten_years_of_days_are_all_there(name: str) -> None:
    zone = zones()[name]
    first = next(each for each in changes_of(zone) if each.gap).wall
    found = between(every(f"{first.minute} {first.hour} * * *", zone), BEGIN, END)

    assert all(one < other for one, other in pairwise(found))
    days = [wall_of(at, zone).date() for at in found]
    whole = (wall_of(END, zone).date() - wall_of(BEGIN, zone).date()).days
    assert len(set(days)) == len(days)
    assert abs(len(days) - whole) <= 1


def changes_of(zone: ZoneInfo) -> list[Change]:
    """Give the changes that this zone takes part in."""

    def changed(change: Change) -> bool:
        before = (change.at - MINUTE).astimezone(zone).utcoffset()
        return (before, change.at.astimezone(zone).utcoffset()) == (change.before, change.after)

    return [each for each in changes() if changed(each)]


names = st.sampled_from(sorted(zones()))
moments = st.datetimes(datetime(2026, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))
crons = st.sampled_from(
    ["*/7 * * * *", "30 * * * *", "0 0 * * *", "30 1-3 * * *", "59 23 * * sun", "15 2 l * *"]
)


@settings(max_examples=50, deadline=None)
@given(names, moments, crons)
def test_any_stretch_of_any_zone_agrees_with_a_watcher(name: str, low: datetime, text: str) -> None:
    zone, low = zones()[name], low.replace(second=0, microsecond=0)
    recurrence, high = every(text, zone), low + 26 * HOUR
    walls = recurrence.cron.walls(wall_of(low, zone) - DAY)
    named = set(takewhile(lambda wall: wall <= wall_of(high, zone) + DAY, walls))
    seen = {at for at, wall in watched(zone, low, high) if wall in named}

    assert between(recurrence, low, high) == sorted(seen)


@settings(max_examples=50, deadline=None)
@given(names, moments, crons)
def test_going_on_from_any_occurrence_gives_the_next_one(
    name: str, after: datetime, text: str
) -> None:
    recurrence = every(text, zones()[name])
    whole = [each.at for each, _ in zip(recurrence.occurrences(after), range(6), strict=False)]

    at: datetime | None = after
    for expected in whole:
        assert at is not None
        following = recurrence.next(at)
        assert following is not None
        assert following.at == expected > at
        at = following.at


PARIS = ZoneInfo("Europe/Paris")


def test_a_day_that_a_zone_left_out_comes_at_the_beginning_of_the_next() -> None:
    zone = ZoneInfo("Pacific/Apia")  # it had no 30 December 2011
    found = every("0 9 * * *", zone).occurrences(datetime(2011, 12, 29, 0, tzinfo=UTC))

    first, left_out, last = (next(found) for _ in range(3))
    assert first.local.isoformat() == "2011-12-29T09:00:00-10:00"
    assert left_out.local.isoformat() == "2011-12-31T00:00:00+14:00"
    assert left_out.skipped == (datetime(2011, 12, 30, 9),)
    assert last.local.isoformat() == "2011-12-31T09:00:00+14:00"


def test_times_that_are_skipped_together_come_once_with_the_next() -> None:
    before = datetime(2026, 3, 29, 0, 50, tzinfo=UTC)
    found = every("*/20 * * * *", PARIS).occurrences(before)

    first, second = next(found), next(found)
    assert first.at == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert [f"{each:%H:%M}" for each in first.walls] == ["02:00", "02:20", "02:40", "03:00"]
    assert "skips 02:00 to 02:40" in first.clock_change()
    assert second.at == datetime(2026, 3, 29, 1, 20, tzinfo=UTC)
    assert second.clock_change() == ""


def test_a_time_that_is_shown_twice_comes_at_its_first_showing() -> None:
    night = datetime(2026, 10, 25, tzinfo=UTC)
    found = every("30 2 * * *", PARIS).next(night)

    assert found is not None
    assert found.local.isoformat() == "2026-10-25T02:30:00+02:00"
    assert found.clock_change() == "the clock shows 02:30 twice: runs at the first"
    assert showing(datetime(2026, 10, 25, 2, 30), PARIS) is Showing.TWICE


def test_start_and_end_are_included() -> None:
    start, end = datetime(2026, 5, 1, 7, tzinfo=UTC), datetime(2026, 5, 3, 7, tzinfo=UTC)
    recurrence = every("0 9 * * *", PARIS, start=start, end=end)

    assert [each.at.day for each in recurrence.occurrences(BEGIN)] == [1, 2, 3]
    assert recurrence.next(end) is None


def test_days_local_times_and_instants_are_left_out() -> None:
    omissions = read_omissions(["2026-05-02", "2026-05-03T09:00", "2026-05-04T07:00:00Z"])
    recurrence = every("0 9,15 * * *", PARIS, omissions=omissions)

    found = between(
        recurrence, datetime(2026, 5, 1, 22, tzinfo=UTC), datetime(2026, 5, 4, 22, tzinfo=UTC)
    )
    assert [(each.day, each.hour) for each in found] == [(3, 13), (4, 13)]
    assert read_omissions(omissions.words()) == omissions
    assert recurrence.idle_omissions() == []
    other = every("0 8 * * *", PARIS, omissions=omissions)
    assert len(other.idle_omissions()) == 2


@pytest.mark.parametrize("word", ["soon", "2026-13-01", "2026-02-30T09:00", "20260501", "09:00"])
def test_an_omission_that_is_no_day_and_no_time_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match="must be a day such as"):
        read_omissions([word, "2026-05-01"])
