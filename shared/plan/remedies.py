"""What would make a plan fit: each change is tried by planning again, and the smallest is told."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from shared.domain.job import NewJob
from shared.plan.backlog import SPACING, TURN
from shared.plan.model import PlannedCampaign, Question
from shared.plan.outcome import Plan
from shared.plan.publishing import NO_PLACE

#: More than so many times the accounts, connections or places is no advice.
MOST = 64

#: Parts into which a spacing is divided to find the largest that fits.
STEPS = 8

Planner = Callable[[Question], Plan]


@dataclass(frozen=True, slots=True)
class Remedy:
    """A change with which everything is out by the deadline: `hours`, `accounts`, `spacing`..."""

    what: str
    words: str


#: The remedy of what stands still.
RESUME = "resuming"


def remedies(
    question: Question, answer: Plan, deadline: datetime | None, planner: Planner
) -> Iterator[Remedy]:
    """Yield the smallest change of each sort that makes the plan fit, as far as one does.

    What stands still has to go on first: the other changes are those that are needed besides.
    """
    if question.stops:
        question = replace(question, stops={})
        answer = planner(question)
        fits = answer.fits(deadline)
        besides = "" if fits else "; one of the others is needed besides"
        yield Remedy(RESUME, f"all that stands still goes on{besides}")
    if not answer.fits(deadline):
        yield from _changes(question, answer, deadline, planner)


def _changes(
    question: Question, answer: Plan, deadline: datetime | None, planner: Planner
) -> Iterator[Remedy]:
    finish = answer.finish_at
    if deadline is not None and finish is not None and not answer.missing:
        yield Remedy("hours", f"{_span(finish, deadline)} more, until {_shown(finish)}")
        if any(each.run_at >= deadline for each in answer.posts):
            return
    trial = _Trial(question, answer, deadline, planner)
    why = answer.binding or ""
    own = " of each account of " in why or why in {SPACING, TURN}
    if why == SPACING or any(each.rules.spaced for each in question.campaigns):
        yield from trial.spacing()
    if own:
        yield from trial.accounts()
    elif why == NO_PLACE:
        yield from trial.places()
    elif why:
        yield from trial.connections()


class _Trial:
    """Plans again with something changed."""

    def __init__(
        self, question: Question, answer: Plan, deadline: datetime | None, planner: Planner
    ) -> None:
        self._question = question
        self._answer = answer
        self._deadline = deadline
        self._plan = planner
        behind = answer.behind(deadline)
        self._late = {(each.connection, each.account) for each in behind}

    def accounts(self) -> Iterator[Remedy]:
        """Share the posts of each account that is behind among several."""
        times = self._fewest(lambda number: _spread(self._question, self._late, number))
        if times is not None:
            more = (times - 1) * len(self._late)
            yield Remedy("accounts", f"{more} more accounts, {times} for each that is behind")

    def connections(self) -> Iterator[Remedy]:
        """Share the accounts of each connection that is behind among several."""
        names = {connection for connection, _ in self._late}
        times = self._fewest(lambda number: _split(self._question, names, number))
        if times is not None:
            named = ", ".join(sorted(names))
            yield Remedy("connections", f"{times} connections instead of one for {named}")

    def places(self) -> Iterator[Remedy]:
        """Give the workers more threads."""
        before = self._question.places
        times = self._fewest(lambda number: replace(self._question, places=before * number))
        if times is not None:
            words = f"{before * times} publish calls at once instead of {before}"
            yield Remedy("workers", words)

    def spacing(self) -> Iterator[Remedy]:
        """Find the largest spacing that fits, in eighths of what is asked."""
        low, high = 0, STEPS
        if not self._fits(_closer(self._question, 0)):
            return
        while high - low > 1:
            middle = (low + high) // 2
            if self._fits(_closer(self._question, middle)):
                low = middle
            else:
                high = middle
        share = f"{low}/{STEPS} of the spacing and jitter" if low else "no spacing"
        yield Remedy("spacing", share)

    def _fewest(self, changed: Callable[[int], Question]) -> int | None:
        """Return by how many times the least that fits is more; beginning with a fair guess."""
        low, high = 1, self._guess()
        while not self._fits(changed(high)):
            if high >= MOST:
                return None
            low, high = high, high * 2
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self._fits(changed(middle)) else (middle, high)
        return high

    def _guess(self) -> int:
        finish, start = self._answer.finish_at, self._question.start
        if self._deadline is None or finish is None or self._deadline <= start:
            return 2
        return min(max(math.ceil((finish - start) / (self._deadline - start)), 2), MOST)

    def _fits(self, question: Question) -> bool:
        return self._plan(question).fits(self._deadline)


def _spread(question: Question, late: set[tuple[str, str]], times: int) -> Question:
    seen: dict[tuple[str, str], int] = {}

    def moved(job: NewJob) -> NewJob:
        key = job.connection, job.post.account_id
        if key not in late:
            return job
        number = seen[key] = seen.get(key, -1) + 1
        account = f"{key[1]}+{number % times}"
        return replace(job, post=replace(job.post, account_id=account))

    return _changed(question, moved)


def _split(question: Question, names: set[str], times: int) -> Question:
    models = dict(question.connections)
    for name in names:
        for number in range(times):
            copy = f"{name}+{number}"
            models[copy] = replace(models[name], name=copy)
    seen: dict[tuple[str, str], int] = {}

    def moved(job: NewJob) -> NewJob:
        if job.connection not in names:
            return job
        number = seen.setdefault((job.connection, job.post.account_id), len(seen))
        return replace(job, connection=f"{job.connection}+{number % times}")

    return replace(_changed(question, moved), connections=models)


def _changed(question: Question, change: Callable[[NewJob], NewJob]) -> Question:
    def of(campaign: PlannedCampaign) -> PlannedCampaign:
        if not question.concerns(campaign.name):
            return campaign
        return replace(campaign, jobs=[change(each) for each in campaign.jobs])

    return replace(question, campaigns=[of(each) for each in question.campaigns])


def _closer(question: Question, parts: int) -> Question:
    def of(campaign: PlannedCampaign) -> PlannedCampaign:
        if not question.concerns(campaign.name):
            return campaign
        rules = campaign.rules
        share = parts / STEPS
        closer = replace(rules, spacing=rules.spacing * share, jitter=rules.jitter * share)
        return replace(campaign, rules=closer)

    return replace(question, campaigns=[of(each) for each in question.campaigns])


def _span(finish: datetime, deadline: datetime) -> str:
    minutes = max(math.ceil((finish - deadline).total_seconds() / 60), 1)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}Z"
