"""From a file to a question: its jobs, what waits already, what was spent, and the connections."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from shared.bootstrap import Parts
from shared.cli.checking import refusal
from shared.cli.exits import tell
from shared.cli.plan_loaded import in_slots
from shared.cli.plan_others import others
from shared.cli.plan_spent import spent
from shared.cli.plan_stops import Standstill
from shared.connected import Connected
from shared.domain.campaign import CampaignRules
from shared.domain.cap import limits_of
from shared.domain.job import NewJob
from shared.domain.limit import Limit
from shared.domain.post import Kind
from shared.plan.model import ModelConnection, Place, PlannedCampaign, Question, Spent, Trouble
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
    dated = list(in_slots(parts, jobs, start))
    ours = PlannedCampaign(name=THIS_FILE, jobs=dated, rules=asking.rules)
    campaigns = [*([] if asking.alone else others(parts, standstill, start, jobs)), ours]
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
        blocks=parts.ledger.limits.blocks(start),
    )
    return question, list(spent(parts, question))


def names_of(parts: Parts, question: Question) -> dict[Place, str]:
    """Return what people call the accounts at the connections of a question, where that is known.

    A name that several accounts of a connection have is told with its platform.
    """
    found: dict[Place, str] = {}
    for connection in question.connections:
        accounts = [each.account for each in parts.ledger.accounts.list(connection=connection)]
        named = Counter(each.username.removeprefix("@") for each in accounts)
        for each in accounts:
            username = each.username.removeprefix("@")
            if username:
                platform = f" {each.platform}" if named[username] > 1 else ""
                found[connection, each.account_id] = f"@{username}{platform}"
    return found


def _at_known(campaign: PlannedCampaign, known: Mapping[str, ModelConnection]) -> PlannedCampaign:
    """Leave out what waits at a connection that this configuration does not have."""
    return replace(campaign, jobs=[each for each in campaign.jobs if each.connection in known])


def _learnt(parts: Parts, name: str) -> dict[str | None, list[Limit]]:
    """Return what a connection's answers have taught of its limits, by account."""
    found: defaultdict[str | None, list[Limit]] = defaultdict(list)
    for row in parts.ledger.limits.learnt(parts.clock.now()):
        if row.connection == name and row.limit.source == "learnt" and row.limit.requests:
            found[row.account].append(row.limit)
    return found


def _corrected(stated: Sequence[Limit], learnt: Sequence[Limit]) -> tuple[Limit, ...]:
    """Return the limits with the figures that were learnt of the same windows, and the others."""
    known = {_window(each): each for each in stated}
    return tuple((known | {_window(each): each for each in learnt}).values())


def _window(limit: Limit) -> Limit:
    return replace(limit, requests=1, source="")


def model_of(parts: Parts, connected: Connected, traits: Traits) -> ModelConnection:
    """Return a connection as a plan knows it: its limits and caps, its habits, its policies."""
    caps = parts.settings.caps
    learnt = _learnt(parts, connected.name)

    def of_account(account: str, platform: str, kind: Kind) -> tuple[Limit, ...]:
        stated = connected.account_limits.get(account, ())
        return _corrected(stated, learnt.get(account, ())) + limits_of(caps, platform, kind)

    return ModelConnection(
        name=connected.name,
        terms=connected.terms,
        traits=traits,
        limits=_corrected(connected.limits(None), learnt.get(None, ())),
        account_limits=of_account,
        habits=parts.ledger.habits.of(connected.name),
        polling_share=connected.connection.policies.polling_share,
    )
