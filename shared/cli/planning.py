"""From a file to a question: its jobs, what waits already, what was spent, and the connections."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from shared.bootstrap import Parts
from shared.cli.checking import refusal
from shared.cli.exits import tell
from shared.cli.plan_others import Others
from shared.cli.plan_stops import Standstill
from shared.connected import Connected
from shared.domain.campaign import CampaignRules
from shared.domain.cap import limits_of
from shared.domain.job import Job, NewJob
from shared.domain.limit import Limit, Reach, Unit
from shared.domain.post import Kind
from shared.limits.gauge import milliseconds
from shared.plan.model import ModelConnection, PlannedCampaign, Question, Spent, Trouble
from shared.plan.rows import platforms
from shared.plan.traits import Traits
from shared.rows import Defaults, read_file

#: Campaigns' names cannot begin so.
THIS_FILE = "/file"

#: So many warnings are told; a plan is not the place to mend a file.
WARNINGS = 5


@dataclass(frozen=True, slots=True)
class Asking:
    """What the options ask beside the file."""

    rules: CampaignRules
    traits: Traits
    #: None = now.
    start: datetime | None
    trouble: Trouble
    seed: int
    workers: int
    alone: bool


def read_jobs(path: Path, defaults: Defaults, parts: Parts) -> list[NewJob]:
    """Check a file by what is known here, without the network. Raises InputError.

    That an account cannot post now is no fault of the file: the plan says what comes of it.
    """
    rows, problems = read_file(path, defaults)
    checked = parts.producer.checking(offline=True, health=False).check(rows)
    problems += checked.problems
    errors = [each for each in problems if not each.warning]
    if errors:
        raise refusal(errors, f"{path}: ")
    for warning in problems[:WARNINGS]:
        tell(f"warning: {warning}")
    if len(problems) > WARNINGS:
        tell(f"{len(problems) - WARNINGS} more warnings; `dropline campaign check` tells all")
    return checked.jobs


def ask(parts: Parts, jobs: Sequence[NewJob], asking: Asking) -> tuple[Question, list[Spent]]:
    """Return the question, and what long windows count already where it begins now."""
    start = asking.start or parts.clock.now()
    standstill = Standstill.read(parts)
    others = Others.read(parts, standstill, start, {each.connection for each in jobs})
    in_slots = list(_in_slots(jobs, others.waiting, start))
    ours = PlannedCampaign(name=THIS_FILE, jobs=in_slots, rules=asking.rules)
    campaigns = [*([] if asking.alone else others.campaigns), ours]
    names = {job.connection for campaign in campaigns for job in campaign.jobs}
    for outage in asking.trouble.outages:
        if outage.connection is not None:
            parts.connected(outage.connection)
    known = {
        name: model_of(parts, parts.connections[name], asking.traits)
        for name in sorted(names & parts.connections.keys())
    }
    question = Question(
        campaigns=[_at_known(each, known) for each in campaigns],
        connections=known,
        start=start,
        places=asking.workers * parts.settings.worker_threads,
        seed=asking.seed,
        trouble=asking.trouble,
        about=THIS_FILE,
        stops=standstill.stops(jobs),
    )
    return question, list(_spent(parts, question, start))


def _in_slots(jobs: Sequence[NewJob], waiting: Sequence[Job], start: datetime) -> Iterator[NewJob]:
    """Yield the jobs, those that queue for a slot of their account with the next free one."""
    taken = {_place(job, job.run_at) for job in waiting}
    for job in jobs:
        if job.timetable is None or job.run_at is not None:
            yield job
            continue
        free = (each for each in job.timetable.slots(start) if _place(job, each) not in taken)
        run_at = next(free, None)
        taken.add(_place(job, run_at))
        yield replace(job, run_at=run_at)


def _place(job: Job | NewJob, moment: datetime | None) -> tuple[str, str, datetime | None]:
    return job.connection, job.post.account_id, moment


def _at_known(campaign: PlannedCampaign, known: Mapping[str, ModelConnection]) -> PlannedCampaign:
    """Leave out what waits at a connection that this configuration does not have."""
    return replace(campaign, jobs=[each for each in campaign.jobs if each.connection in known])


def _spent(parts: Parts, question: Question, start: datetime) -> Iterator[Spent]:
    """Yield the publish calls that windows still count where the plan begins."""
    accounts: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for scope, platform in platforms(question).items():
        accounts[scope.connection].add((str(scope.account), platform))
    for name, model in question.connections.items():
        for limit in model.limits:
            if limit.reach is Reach.CONNECTION:
                yield from _counted(parts, name, None, limit, start)
        for account, platform in sorted(accounts[name]):
            for limit in _limits_of(model, account, platform):
                yield from _counted(parts, name, account, limit, start)


def _limits_of(model: ModelConnection, account: str, platform: str) -> list[Limit]:
    own = [each for each in model.limits if each.reach is Reach.ACCOUNT]
    of_kinds = (model.account_limits(account, platform, kind) for kind in Kind)
    return list(dict.fromkeys([*own, *(limit for some in of_kinds for limit in some)]))


def _counted(
    parts: Parts, connection: str, account: str | None, limit: Limit, start: datetime
) -> Iterator[Spent]:
    limits = parts.ledger.limits
    since = start - limit.per
    reading = limits.containers_since if limit.unit is Unit.CONTAINERS else limits.sent_since
    sent = reading(connection, account, since)
    ends = [milliseconds(each) for each in sent if each <= start]
    if ends:
        yield Spent(scope_connection=connection, account=account, limit=limit, ends_ms=ends)


def model_of(parts: Parts, connected: Connected, traits: Traits) -> ModelConnection:
    """Return a connection as a plan knows it: its limits and caps, its habits, its policies."""
    caps = parts.settings.caps

    def of_account(account: str, platform: str, kind: Kind) -> tuple[Limit, ...]:
        return connected.account_limits.get(account, ()) + limits_of(caps, platform, kind)

    return ModelConnection(
        name=connected.name,
        terms=connected.terms,
        traits=traits,
        limits=connected.limits(None),
        account_limits=of_account,
        habits=parts.ledger.habits.of(connected.name),
        polling_share=connected.connection.policies.polling_share,
    )
