"""Releases: due jobs handed to the broker, as many of each lane as the caller chooses."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, zip_longest
from typing import Any

from sqlalchemy import Connection, exists, func, select, update

from shared.domain.campaign import CampaignRules
from shared.domain.release import Lane, Stream
from shared.domain.settlement import Settlement
from shared.domain.states import State
from shared.ledger.book import Book, reading, writing
from shared.ledger.bulk import move_all
from shared.ledger.due import Due, count_in_flight, due_jobs
from shared.ledger.events import Stamp
from shared.ledger.rules import Head, heads, rules_of
from shared.ledger.stops import Stops, read_stops
from shared.ledger.streams import (
    PAUSE,
    awake,
    connection_of,
    first_of,
    first_waiting,
    first_wake,
    lock_due,
    look_again,
    rouse,
)
from shared.ledger.tables import BUSY, IN_FLIGHT, WAITING, attempt, job, lane, standing, stream

#: Of each campaign at least so many lanes are looked at, however many campaigns there are.
FEWEST = 8


@dataclass(frozen=True, slots=True)
class DueLane:
    """A lane that dispatch should look at, and how many of its jobs are on their way."""

    id: int
    connection: str
    account_id: str
    in_flight: int


@dataclass(frozen=True, slots=True)
class Released:
    """A job to ring for."""

    job_id: int
    due_at: datetime
    connection: str


class Releases(Book):
    """What dispatch needs; its work depends on what is due, not on how much waits."""

    @writing
    def due_connections(self, tx: Connection, horizon: datetime) -> list[str]:
        """Return the connections that have a lane to look at."""
        return sorted({connection_of(share) for share in _due_shares(tx, horizon)})

    @writing
    def due_lanes(
        self, tx: Connection, horizon: datetime, limit: int, closed: Collection[str] = ()
    ) -> list[DueLane]:
        """Return lanes to look at, the longest due of each campaign first.

        The campaigns at each connection take turns; lanes of `closed` connections are left out.
        """
        shares = _due_shares(tx, horizon, closed)
        if not shares:
            return []
        first = first_of(tx, shares, horizon, max(2 * limit // len(shares), FEWEST))
        turns = chain.from_iterable(zip_longest(*first.values()))
        found = list(dict.fromkeys(each for each in turns if each is not None))
        return _read_lanes(tx, found[:limit])

    @reading
    def lanes(self, tx: Connection, ids: Sequence[int]) -> list[DueLane]:
        """Return these lanes, whether they have anything due or not."""
        return _read_lanes(tx, ids)

    @reading
    def in_flight(self, tx: Connection) -> dict[str, int]:
        """Return how many jobs of each connection are queued or publishing and not sent yet.

        What is being sent has its place in the limits' windows already.
        """
        sent = exists().where(attempt.c.job_id == job.c.id, attempt.c.closed_at.is_(None))
        query = (
            select(job.c.connection, func.count().label("jobs"))
            .where(standing(*BUSY), job.c.state.in_(IN_FLIGHT), ~sent)
            .group_by(job.c.connection)
        )
        return {row.connection: row.jobs for row in tx.execute(query)}

    @writing
    def release(  # noqa: PLR0913 - the whole of a decision of dispatch
        self,
        tx: Connection,
        lanes: Sequence[int],
        choose: Callable[[Sequence[Lane]], Sequence[int]],
        *,
        horizon: datetime,
        per_lane: int,
        wake: Mapping[int, datetime],
        now: datetime,
        by: str,
    ) -> list[Released]:
        """Queue the jobs that `choose` picks of those due; lanes that others hold are left out."""
        held = _lock(tx, lanes)
        due = _look(tx, held, horizon, per_lane)
        chosen = choose(_as_lanes(tx, held, due))
        released = _queue(tx, chosen, due.jobs, Stamp(now, by))
        looks = _next_looks(tx, due, set(chosen), wake, horizon)
        look_again(tx, looks, soon=horizon + PAUSE)
        return released

    @reading
    def next_due(self, tx: Connection) -> datetime | None:
        """Return when dispatch will next have something to look at."""
        return first_wake(tx)

    @writing
    def pull_forward(self, tx: Connection, lanes: set[int], now: datetime) -> None:
        """Let dispatch look at these lanes at once."""
        later = stream.c.lane_id.in_(lanes) & (stream.c.wake_at > now)
        tx.execute(update(stream).where(later).values(wake_at=now))


@dataclass(frozen=True, slots=True)
class _Looked:
    """What a look at some lanes found: their streams, their due jobs, whose turn is kept."""

    streams: Sequence[Any]
    rules: Mapping[int, CampaignRules]
    jobs: Mapping[int, Due]
    heads: Mapping[int, Head]
    #: Streams that are paused: they sleep until somebody resumes them.
    stopped: Collection[int]


def _due_shares(tx: Connection, horizon: datetime, closed: Collection[str] = ()) -> list[str]:
    rouse(tx, horizon)
    shares = [share for share in awake(tx) if connection_of(share) not in closed]
    return [share for share, lanes in first_of(tx, shares, horizon, 1).items() if lanes]


def _read_lanes(tx: Connection, ids: Sequence[int]) -> list[DueLane]:
    found = {row.id: row for row in tx.execute(select(lane).where(lane.c.id.in_(ids)))}
    counts = count_in_flight(tx, ids)
    rows = [found[each] for each in ids if each in found]
    return [DueLane(row.id, row.connection, row.account_id, counts.get(row.id, 0)) for row in rows]


def _lock(tx: Connection, lanes: Sequence[int]) -> list[Any]:
    # NO KEY: a submission to the lane need not wait for us to check its foreign key.
    query = (
        select(lane.c.id, lane.c.connection, lane.c.account_id, lane.c.paused)
        .where(lane.c.id.in_(lanes))
        .with_for_update(key_share=True, skip_locked=True)
    )
    found = {row.id: row for row in tx.execute(query)} if lanes else {}
    return [found[each] for each in dict.fromkeys(lanes) if each in found]


def _look(tx: Connection, held: Sequence[Any], horizon: datetime, per_lane: int) -> _Looked:
    lanes = {row.id: row for row in held}
    streams = lock_due(tx, list(lanes), horizon)
    # Read under the streams' locks: whoever resumes one waits for us, and wakes it after us.
    stops = read_stops(tx)
    stopped = {each.id for each in streams if _is_stopped(each, lanes[each.lane_id], stops)}
    going = [each for each in streams if each.id not in stopped]
    rules = rules_of(tx, {each.campaign_id for each in going})
    first = heads(tx, going, rules, horizon)
    jobs = due_jobs(tx, [each for each in going if each.id not in first], horizon, per_lane)
    taken = {(each.lane_id, each.likeness) for each in jobs.values()}
    for head in first.values():
        due = head.due
        if head.at is not None and head.at <= horizon and (due.lane_id, due.likeness) not in taken:
            taken.add((due.lane_id, due.likeness))
            jobs[due.id] = replace(due, due_at=head.at)
    if stops.providers:
        refused = {_stream(each) for each in jobs.values() if each.provider in stops.providers}
        jobs = {key: each for key, each in jobs.items() if _stream(each) not in refused}
        stopped |= {each.id for each in going if (each.lane_id, each.campaign_id) in refused}
    return _Looked(streams, rules, jobs, first, stopped)


def _is_stopped(stream: Any, lane: Any, stops: Stops) -> bool:
    return lane.paused or stops.hold(stream.campaign_id, lane.connection)


def _stream(due: Due) -> tuple[int, int]:
    return due.lane_id, due.campaign_id


def _as_lanes(tx: Connection, rows: Sequence[Any], looked: _Looked) -> list[Lane]:
    counts = count_in_flight(tx, [row.id for row in rows])
    due: defaultdict[tuple[int, int], list[Due]] = defaultdict(list)
    for each in looked.jobs.values():
        due[each.lane_id, each.campaign_id].append(each)
    streams: defaultdict[int, list[Stream]] = defaultdict(list)
    for of in looked.streams:
        if of.id in looked.stopped:
            continue
        jobs = due[of.lane_id, of.campaign_id]
        weight = looked.rules[of.campaign_id].priority.weight
        streams[of.lane_id].append(_as_stream(of.campaign_id, weight, jobs))
    return [
        Lane(
            id=row.id,
            connection=row.connection,
            account_id=row.account_id,
            in_flight=counts.get(row.id, 0),
            streams=streams[row.id],
        )
        for row in rows
    ]


def _as_stream(campaign_id: int, weight: int, due: Sequence[Due]) -> Stream:
    first = min((each.due_at for each in due), default=None)
    ids = [each.id for each in due]
    return Stream(campaign_id=campaign_id, weight=weight, due=ids, first_due=first)


def _queue(
    tx: Connection, chosen: Sequence[int], due: Mapping[int, Due], stamp: Stamp
) -> list[Released]:
    queued = Settlement(to=State.QUEUED, why="handed to the broker")
    rows: list[Any] = []
    for state in WAITING:
        ids = [each for each in chosen if due[each].state is state]
        if ids:
            rows += move_all(tx, job.c.id.in_(ids), [state], queued, stamp)
    _move_due(tx, rows, due)
    released = {row.id: Released(row.id, due[row.id].due_at, row.connection) for row in rows}
    return [released[each] for each in chosen if each in released]


def _move_due(tx: Connection, rows: Sequence[Any], due: Mapping[int, Due]) -> None:
    """Write down for when the distance to the post before has put a job off."""
    for row in rows:
        if due[row.id].due_at != row.due_at:
            tx.execute(update(job).where(job.c.id == row.id).values(due_at=due[row.id].due_at))


def _next_looks(
    tx: Connection,
    looked: _Looked,
    chosen: set[int],
    wake: Mapping[int, datetime],
    horizon: datetime,
) -> dict[int, datetime | None]:
    """Say when each stream is worth another look: at its next due job, not before it may go."""
    soon = horizon + PAUSE
    waiting = first_waiting(tx, [each.id for each in looked.streams])
    looks: dict[int, datetime | None] = {}
    for each in looked.streams:
        if each.id in looked.stopped:
            looks[each.id] = None
            continue
        head = looked.heads.get(each.id)
        at = waiting[each.id] if head is None else _after(head, chosen, each, looked, soon)
        if at is not None:
            at = max(at, wake.get(each.lane_id, at), soon if at <= horizon else at)
        looks[each.id] = at
    return looks


def _after(
    head: Head, chosen: set[int], of: Any, looked: _Looked, soon: datetime
) -> datetime | None:
    """Return when to look after a head: one in turn wakes its stream when it ends."""
    if head.due.id not in chosen:
        return head.at
    return None if looked.rules[of.campaign_id].ordered else soon
