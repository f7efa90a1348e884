"""The workers of a plan: from a place to an outcome, in the steps of the real pipeline."""

import random
from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from shared.domain.limit import Admission, Call, Scope
from shared.domain.outcome import (
    Accepted,
    Deferred,
    ErrorClass,
    Failed,
    Fault,
    Outcome,
    Receipt,
    Succeeded,
)
from shared.domain.post import Media
from shared.domain.release import LOOK_AHEAD
from shared.domain.settlement import Settlement
from shared.domain.settling import Ended, after_attempt
from shared.domain.states import State
from shared.plan.backlog import PlannedJob
from shared.plan.loop import Places, Process, Turns, Wait
from shared.plan.model import ModelConnection, Trouble
from shared.plan.windows import Line, Windows

#: A call to a provider that is away is given up so soon: it refuses (A).
REFUSED = timedelta(milliseconds=100)

#: As in the real wire.
SHORTEST = timedelta(milliseconds=5)
HELD_BACK = "held back: "

#: What keeps a released post that finds all threads busy.
NO_PLACE = "free places at the workers"

Step = Generator[Wait, None, Outcome | None]


@dataclass(slots=True)
class Publishing:
    """Carries released jobs out on so many places; what comes of one is told to `settle`."""

    windows: Windows
    places: Places
    trouble: Trouble
    turns: Turns
    chance: random.Random
    settle: Callable[[PlannedJob, Settlement], None]
    #: Files that are at a connection already.
    uploaded: set[tuple[str, Media]] = field(default_factory=set)

    def carry_out(self, planned: PlannedJob, model: ModelConnection) -> Process:
        """Publish one job, as its own process."""
        asked_at = self._now
        yield self.places
        planned.waited(NO_PLACE, max(self._now, asked_at))
        job = planned.job
        if job.not_after is not None and self._now > job.not_after:
            self.places.give_back()
            self.settle(planned, too_late("its not_after has passed"))
            return
        line = self.windows.line()
        opened, outcome = False, (yield from self._upload(planned, model, line))
        if outcome is None:
            yield from self._rest(job.due_at)
            outcome = yield from self._admitted(planned, line, Call.PUBLISH)
        if outcome is None:
            opened, outcome = yield from self._call(planned, model, line)
        self.windows.hang_up(line)
        self.places.give_back()
        self._end(planned, model, Ended(outcome, opened))

    @property
    def _now(self) -> datetime:
        return self.windows.clock.now()

    def _upload(self, planned: PlannedJob, model: ModelConnection, line: Line) -> Step:
        """Bring the files that are not at the connection yet; None = all are there."""
        uploads, media = model.terms.capabilities.uploads, planned.job.post.media
        missing = [each for each in media if (model.name, each) not in self.uploaded]
        for begin in range(0, len(missing), uploads.batch):
            batch = missing[begin : begin + uploads.batch]
            names = {(model.name, each) for each in batch}
            self.uploaded |= names
            for _ in range(uploads.requests(batch)):
                outcome = yield from self._uploaded(planned, model, line)
                if outcome is not None:
                    self.uploaded -= names
                    return outcome
        return None

    def _uploaded(self, planned: PlannedJob, model: ModelConnection, line: Line) -> Step:
        """Make one request that brings files; None = it was answered."""
        outcome = yield from self._admitted(planned, line, Call.UPLOAD)
        if outcome is not None:
            return outcome
        if self.trouble.is_away(model.name, self._now):
            line.not_sent()
            yield self._now + REFUSED
            return _failed("the provider is away")
        yield self._now + model.traits.upload
        line.answered(Scope(model.name), Call.UPLOAD)
        return None

    def _admitted(self, planned: PlannedJob, line: Line, call: Call) -> Step:
        """Reserve, waiting where it stands for a slot that is near; None = reserved."""
        patience = self._now + LOOK_AHEAD
        admission = self._ask(planned, line, call)
        if admission.granted:
            return None
        if admission.until is None or admission.until > patience:
            return self._denied(admission)
        limit = admission.limit
        turn = self.turns.join(limit, self._now + LOOK_AHEAD)
        self.places.give_back()
        if not turn.is_first:
            yield turn
        else:
            yield max(admission.until, self._now + SHORTEST)
        while not (admission := self._ask(planned, line, call)).granted:
            if admission.until is None or admission.until > patience:
                break
            yield max(admission.until, self._now + SHORTEST)
        self.turns.leave(limit, turn)
        yield self.places.back
        planned.waited(limit, self._now)
        return None if admission.granted else self._denied(admission)

    def _ask(self, planned: PlannedJob, line: Line, call: Call) -> Admission:
        post, connection = planned.job.post, planned.stream.lane.connection
        if call is Call.PUBLISH:
            scope = Scope(connection, post.account_id)
            return line.admit(scope, call, post.kind, post.containers)
        return line.admit(Scope(connection), call, None, post.containers)

    def _denied(self, admission: Admission) -> Outcome:
        if admission.until is None:
            return Failed(Fault(error_class=ErrorClass.VALIDATION, message=admission.limit))
        message = f"{HELD_BACK}{admission.limit}"
        fault = Fault(error_class=ErrorClass.RATE_LIMITED, message=message)
        return Deferred(admission.until - self._now, fault)

    def _rest(self, moment: datetime) -> Generator[Wait, None, None]:
        """Wait without a place, so that another job may run meanwhile."""
        if moment > self._now:
            self.places.give_back()
            yield moment
            yield self.places.back

    def _call(
        self, planned: PlannedJob, model: ModelConnection, line: Line
    ) -> Generator[Wait, None, tuple[bool, Outcome]]:
        """Make the publish call; return whether it left, and what came of it."""
        job = planned.job
        if self.trouble.is_away(model.name, self._now):
            line.not_sent()
            yield self._now + REFUSED
            return False, _failed("the provider is away")
        planned.stream.last_sent = self._now
        if job.first_sent_at is None:
            planned.job = replace(job, first_sent_at=self._now)
        sort = job.post.platform, job.post.kind
        synchronous = sort in model.terms.capabilities.synchronous
        fails = self.chance.random() < self.trouble.failing
        self.windows.sending[model.name] += 1
        yield self._now + model.traits.call_of(job.post.kind, synchronous=synchronous)
        self.windows.sending[model.name] -= 1
        line.answered(Scope(model.name, job.post.account_id), Call.PUBLISH)
        if fails:
            return True, _failed("the provider failed")
        receipt = Receipt(publish_id=str(job.id), provider_status="modelled")
        return True, Succeeded(receipt) if synchronous else Accepted(receipt)

    def _end(self, planned: PlannedJob, model: ModelConnection, ended: Ended) -> None:
        job = replace(planned.job, attempts=planned.job.attempts + ended.opened)
        after = after_attempt(job, ended, model.terms, self.chance, self._now)
        planned.job = job
        self.settle(planned, after)


def too_late(why: str) -> Settlement:
    return Settlement(
        to=State.FAILED, why=why, fault=Fault(error_class=ErrorClass.TOO_LATE, message=why)
    )


def _failed(why: str) -> Failed:
    return Failed(Fault(error_class=ErrorClass.TRANSIENT, message=why), again=True)
