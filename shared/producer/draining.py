"""How a campaign's backlog drains: how much is overdue, until when, and what binds."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from shared.domain.campaign import CampaignRules
from shared.domain.crowd import Crowd, gathered, gone_when_done
from shared.domain.forecast import Forecast, Queue, distance, forecast, opening, paces_of
from shared.domain.limit import Limiter, Scope, WindowUse
from shared.errors import PartUnreachable
from shared.ledger import Ledger
from shared.ledger.backlogs import LaneBacklog

#: Account (None = all of them) by connection, with what concerns it alone.
Windows = Mapping[Scope, Sequence[WindowUse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drain:
    """What a campaign has not sent yet and, as things stand, when the overdue part has gone."""

    waiting: int
    overdue: int
    #: None = nothing is overdue, or nobody can know.
    drained_at: datetime | None = None
    #: The limit, or what else, that puts it off longest.
    binding: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """All that a drain is foretold from."""

    now: datetime
    rules: CampaignRules
    #: The campaign's own lanes with something overdue.
    lanes: Sequence[LaneBacklog]
    #: What is due at each connection, by account, other campaigns included.
    due: Mapping[str, Mapping[str, Sequence[Crowd]]]
    #: Jobs of each connection that are queued or publishing.
    in_flight: Mapping[str, int]
    windows: Windows


def foretell(
    campaign: str, now: datetime, ledger: Ledger, limiter: Callable[[], Limiter]
) -> Drain | None:
    """Return how a campaign drains; None when nothing of it waits. Raises UnknownName."""
    lanes = ledger.backlogs.of_campaign(campaign, now)
    overdue = [each for each in lanes if each.overdue]
    counted = Drain(
        waiting=sum(each.waiting for each in lanes), overdue=sum(each.overdue for each in overdue)
    )
    if not overdue:
        return counted if lanes else None
    names = sorted({each.connection for each in overdue})
    try:
        windows = windows_of(overdue, limiter(), now)
    except PartUnreachable:
        return counted
    backlog = Backlog(
        now=now,
        rules=ledger.campaigns.rules(campaign),
        lanes=overdue,
        due={name: ledger.backlogs.at_connection(name, now) for name in names},
        in_flight=ledger.releases.in_flight(),
        windows=windows,
    )
    return drain(backlog, counted)


def windows_of(lanes: Sequence[LaneBacklog], limiter: Limiter, now: datetime) -> Windows:
    scopes = [Scope(each.connection, each.account_id) for each in lanes]
    found: defaultdict[Scope, list[WindowUse]] = defaultdict(list)
    for each in limiter.windows(now, scopes):
        found[Scope(each.connection, each.account)].append(each)
    return found


def drain(backlog: Backlog, counted: Drain) -> Drain:
    """Return the drain with its end: that of the queue which takes longest."""
    paused = next((each for each in backlog.lanes if each.paused), None)
    if paused is not None:
        place = f"{paused.connection}/{paused.account_id}"
        return _ending(counted, None, f"a pause that {place} is under")
    latest = max(_ends(backlog), key=lambda each: each.at)
    return _ending(counted, latest.at, latest.binding)


def _ending(counted: Drain, at: datetime | None, binding: str) -> Drain:
    return Drain(
        waiting=counted.waiting,
        overdue=counted.overdue,
        drained_at=at,
        binding=binding or None,
    )


def _ends(backlog: Backlog) -> Iterator[Forecast]:
    yield Forecast(backlog.now)
    for each in backlog.lanes:
        yield _end_of_lane(backlog, each)
        if each.ready_at:
            yield Forecast(each.ready_at)
    for name in backlog.due:
        yield _end_at_connection(backlog, name)


def _end_at_connection(backlog: Backlog, name: str) -> Forecast:
    own = [each for each in backlog.lanes if each.connection == name]
    crowds = gathered(chain.from_iterable(backlog.due[name].values()))
    gone = gone_when_done(own[0].campaign_id, crowds) + backlog.in_flight.get(name, 0)
    jobs = max(gone, sum(each.overdue for each in own))
    windows = backlog.windows.get(Scope(name), ())
    return _end([Queue(jobs=jobs, paces=paces_of(windows))], windows, backlog.now)


def _end_of_lane(backlog: Backlog, lane: LaneBacklog) -> Forecast:
    crowds = backlog.due[lane.connection].get(lane.account_id, ())
    jobs = max(gone_when_done(lane.campaign_id, crowds), lane.overdue)
    windows = backlog.windows.get(Scope(lane.connection, lane.account_id), ())
    queues = [Queue(jobs=jobs, paces=paces_of(windows))]
    if backlog.rules.spaced:
        queues.append(Queue(jobs=lane.overdue, paces=[distance(backlog.rules, backlog.now)]))
    return _end(queues, windows, backlog.now)


def _end(queues: Sequence[Queue], windows: Sequence[WindowUse], now: datetime) -> Forecast:
    start = opening(windows, now)
    found = forecast(queues, now, start)
    if found.binding or start <= now:
        return found
    return Forecast(found.at, next(each.words for each in windows if each.blocked_until == start))
