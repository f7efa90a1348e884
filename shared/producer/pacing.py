"""When jobs that are not there yet would go: beside all that is due, paced by the same windows."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from shared.domain.crowd import Crowd
from shared.domain.limit import Limiter
from shared.domain.pause import Whereabouts, holding
from shared.errors import PartUnreachable
from shared.ledger import Ledger
from shared.ledger.backlogs import LaneBacklog
from shared.producer.draining import Backlog, Drain, drain, windows_of


@dataclass(frozen=True, slots=True)
class Place:
    """Where a job that is about to be added would wait."""

    campaign: str
    campaign_id: int
    provider: str
    connection: str
    account_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Paced:
    """So many jobs of a campaign at a connection, and when the last of them would go."""

    campaign: str
    connection: str
    jobs: int
    #: None = nobody can know.
    last_at: datetime | None
    #: The limit, or what else, that puts it off longest.
    binding: str | None


def pace(
    places: Sequence[Place], now: datetime, ledger: Ledger, limiter: Callable[[], Limiter]
) -> list[Paced]:
    """Foretell, by campaign and connection, how jobs added now would drain."""
    counts = Counter(places)
    campaigns = {each.campaign for each in counts}
    backlogs = {name: _lanes(name, counts, now, ledger) for name in campaigns}
    due = _due(counts, now, ledger)
    paced = []
    for name, connection in sorted({(each.campaign, each.connection) for each in counts}):
        lanes = [each for each in backlogs[name] if each.connection == connection]
        end = _end(name, lanes, due, now, ledger, limiter)
        jobs = sum(
            count
            for each, count in counts.items()
            if (each.campaign, each.connection) == (name, connection)
        )
        paced.append(
            Paced(
                campaign=name,
                connection=connection,
                jobs=jobs,
                last_at=end.drained_at,
                binding=end.binding,
            )
        )
    return paced


def _lanes(
    campaign: str, counts: Mapping[Place, int], now: datetime, ledger: Ledger
) -> list[LaneBacklog]:
    """Return a campaign's lanes as they would be, with those of its new jobs alone."""
    pauses = ledger.pauses.every()
    there = {
        (of.connection, of.account_id): of for of in ledger.backlogs.of_campaign(campaign, now)
    }
    lanes = []
    for place, jobs in counts.items():
        if place.campaign == campaign:
            known = there.get((place.connection, place.account_id)) or _empty(
                place, paused=holding(pauses, _whereabouts(place)) is not None
            )
            more = known.overdue + jobs
            lanes.append(replace(known, waiting=known.waiting + jobs, overdue=more))
    return lanes


def _whereabouts(place: Place) -> Whereabouts:
    return Whereabouts(
        campaign=place.campaign,
        provider=place.provider,
        connection=place.connection,
        account_id=place.account_id,
    )


def _empty(place: Place, *, paused: bool) -> LaneBacklog:
    return LaneBacklog(
        campaign_id=place.campaign_id,
        connection=place.connection,
        account_id=place.account_id,
        paused=paused,
        waiting=0,
        overdue=0,
        ready_at=None,
    )


def _due(
    counts: Mapping[Place, int], now: datetime, ledger: Ledger
) -> dict[str, dict[str, list[Crowd]]]:
    """Return what would be due at each connection, by account."""
    due: dict[str, dict[str, list[Crowd]]] = {}
    weights: dict[str, int] = {}
    for name in {each.connection for each in counts}:
        found = ledger.backlogs.at_connection(name, now)
        due[name] = defaultdict(list, {account: list(of) for account, of in found.items()})
    for place, jobs in counts.items():
        if place.campaign not in weights:
            weights[place.campaign] = ledger.campaigns.rules(place.campaign).priority.weight
        crowds = due[place.connection][place.account_id]
        own = next((each for each in crowds if each.campaign_id == place.campaign_id), None)
        if own is None:
            own = Crowd(campaign_id=place.campaign_id, weight=weights[place.campaign], jobs=0)
        else:
            crowds.remove(own)
        crowds.append(replace(own, jobs=own.jobs + jobs))
    return due


def _end(
    campaign: str,
    lanes: Sequence[LaneBacklog],
    due: Mapping[str, Mapping[str, Sequence[Crowd]]],
    now: datetime,
    ledger: Ledger,
    limiter: Callable[[], Limiter],
) -> Drain:
    counted = Drain(
        waiting=sum(each.waiting for each in lanes), overdue=sum(each.overdue for each in lanes)
    )
    try:
        paused = any(each.paused for each in lanes)
        windows = {} if paused else windows_of(lanes, limiter(), now)
    except PartUnreachable:
        return replace(counted, binding="the limits, which cannot be asked now")
    backlog = Backlog(
        now=now,
        rules=ledger.campaigns.rules(campaign),
        lanes=lanes,
        due={each.connection: due[each.connection] for each in lanes},
        in_flight=ledger.releases.in_flight(),
        windows=windows,
    )
    return drain(backlog, counted)
