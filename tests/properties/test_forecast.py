"""A forecast is what stepping through the windows comes to, and more room never makes it later."""

import heapq
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.forecast import Pace, Queue, forecast

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@st.composite
def paces(draw: st.DrawFn) -> Pace:
    per = draw(st.integers(1, 90)) * SECOND
    limit = draw(st.integers(1, 9))
    used = draw(st.integers(0, limit + 2))
    opens = NOW + draw(st.integers(0, 1000)) * per / 1000
    return Pace(
        name="the window",
        limit=limit,
        per=per,
        used=used,
        opens=draw(st.sampled_from([opens, None])) if used else None,
        at_once=draw(st.booleans()),
    )


numbers = st.integers(1, 60)
starts = st.integers(0, 200).map(lambda seconds: NOW + seconds * SECOND)


def stepped(pace: Pace, number: int, start: datetime) -> datetime:
    """Let the jobs go one by one, each as soon as the window has a place."""
    return _batches(pace, number, start) if pace.at_once else _places(pace, number, start)


def _batches(pace: Pace, number: int, start: datetime) -> datetime:
    moment, free = NOW, max(pace.limit - pace.used, 0)
    empties = NOW + pace.per if pace.opens is None else pace.opens
    for _ in range(number):
        moment = max(moment, start)
        while empties <= moment or free == 0:
            moment, free = max(moment, empties), pace.limit
            empties += pace.per
        free -= 1
    return moment


def _places(pace: Pace, number: int, start: datetime) -> datetime:
    taken = min(pace.used, pace.limit)
    opens = NOW + pace.per if pace.opens is None else pace.opens
    spread = NOW + pace.per - opens
    places = [NOW] * (pace.limit - taken)
    places += [opens + spread * (each / taken) for each in range(taken)]
    heapq.heapify(places)
    moment = start
    for _ in range(number):
        moment = max(heapq.heappop(places), start)
        heapq.heappush(places, moment + pace.per)
    return moment


@given(paces(), numbers, starts)
def test_it_is_what_stepping_through_the_window_comes_to(
    pace: Pace, number: int, start: datetime
) -> None:
    assert pace.nth(number, NOW, start) == stepped(pace, number, start)


@given(paces(), numbers, starts)
def test_nothing_goes_before_now_or_the_start(pace: Pace, number: int, start: datetime) -> None:
    assert pace.nth(number, NOW, NOW) >= NOW
    assert pace.nth(number, NOW, start) >= start


@given(paces(), numbers, starts)
def test_a_later_place_in_the_queue_never_goes_sooner(
    pace: Pace, number: int, start: datetime
) -> None:
    assert pace.nth(number, NOW, start) <= pace.nth(number + 1, NOW, start)


@given(paces(), numbers, starts)
def test_a_greater_limit_never_makes_it_later(pace: Pace, number: int, start: datetime) -> None:
    wider = replace(pace, limit=pace.limit + 1)
    assert wider.nth(number, NOW, start) <= pace.nth(number, NOW, start)


@given(paces(), numbers, starts)
def test_what_is_free_goes_at_once(pace: Pace, number: int, start: datetime) -> None:
    if number <= pace.limit - pace.used:
        assert pace.nth(number, NOW, start) == start


@given(st.lists(st.tuples(numbers, st.lists(paces(), max_size=3)), max_size=3), starts)
def test_the_latest_window_binds(asked: list[tuple[int, list[Pace]]], start: datetime) -> None:
    queues = [Queue(jobs=jobs, paces=of) for jobs, of in asked]
    found = forecast(queues, NOW, start)
    times = [pace.nth(jobs, NOW, start) for jobs, of in asked for pace in of]
    assert found.at == max([start, *times])
    assert bool(found.binding) == (found.at > start)


def test_a_calendar_day_empties_at_its_own_midnight() -> None:
    # Paris goes over to summer time on the 29th: that day has 23 hours.
    midnight = datetime(2026, 3, 28, 23, tzinfo=UTC)
    day = Pace(
        name="the day",
        limit=2,
        per=timedelta(days=1),
        used=2,
        opens=midnight,
        at_once=True,
        zone="Europe/Paris",
    )
    noon = datetime(2026, 3, 28, 12, tzinfo=UTC)
    assert day.nth(2, noon, noon) == midnight
    assert day.nth(3, noon, noon) == datetime(2026, 3, 29, 22, tzinfo=UTC)
    assert day.nth(1, noon, midnight + timedelta(hours=30)) == midnight + timedelta(hours=30)
