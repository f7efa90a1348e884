"""When a waiting job should go: its place in the queues that it stands in, and their windows."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from shared.domain.crowd import before_at_connection, before_in_lane
from shared.domain.forecast import Forecast, Pace, Queue, distance, forecast, opening, paces_of
from shared.ledger.waits import MOST_BEFORE, MOST_DUE, Wait
from shared.producer.facts import Facts, Room


def expect(facts: Facts) -> Forecast | None:
    """Return when it should go and what puts it off longest; None = nobody can know."""
    wait, room = facts.wait, facts.room
    if wait is None or _hangs_on_others(wait):
        return None
    earliest = max(facts.job.due_at, wait.spaced_until or facts.job.due_at)
    if room is None:
        return None if facts.is_due else Forecast(earliest)
    if sum(each.jobs for each in wait.at_connection) > MOST_DUE or place(facts) is None:
        return None
    queues = _queues(facts, wait, room)
    found = forecast(queues, facts.now, opening(room.windows, facts.now))
    return replace(found, at=max(found.at, earliest))


def place(facts: Facts) -> int | None:
    """Return its place among what is due on its lane, from 1; None = too far back to count."""
    wait = facts.wait
    if wait is None or (facts.is_due and wait.before > MOST_BEFORE):
        return None
    if facts.is_due:
        return 1 + before_in_lane(wait.before, wait.campaign_id, wait.in_lane)
    return 1 + sum(each.jobs for each in wait.in_lane)


def _hangs_on_others(wait: Wait) -> bool:
    """Whether it waits for a person, or for the end of another job."""
    return any((wait.pause, wait.unfit is not None, wait.turn, wait.twin))


def _queues(facts: Facts, wait: Wait, room: Room) -> Iterator[Queue]:
    shared = [each for each in room.windows if each.account is None]
    own = [each for each in room.windows if each.account is not None]
    in_lane = (place(facts) or 1) + wait.lane_in_flight
    yield Queue(jobs=_at_connection(facts, wait), paces=paces_of(shared))
    yield Queue(jobs=in_lane, paces=paces_of(own))
    if wait.rules.spaced and facts.is_due:
        yield Queue(jobs=wait.before + 1, paces=[_distance(wait, facts.now)])


def _at_connection(facts: Facts, wait: Wait) -> int:
    if facts.is_due:
        before = before_at_connection(wait.before, wait.campaign_id, wait.at_connection)
    else:
        before = sum(each.jobs for each in wait.at_connection)
    return before + 1 + wait.connection_in_flight


def _distance(wait: Wait, now: datetime) -> Pace:
    soonest = now + wait.rules.spacing + wait.rules.jitter / 2
    return distance(wait.rules, soonest if wait.close else wait.spaced_until or now)
