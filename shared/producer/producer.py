"""The producer itself: submit, cancel, retry, resolve."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from shared.clock import Clock
from shared.connected import Connected
from shared.dispatch import Dispatcher
from shared.domain.campaign import CampaignRules
from shared.domain.editing import Change
from shared.domain.job import Job, NewJob
from shared.domain.limit import Limiter
from shared.domain.outcome import Receipt
from shared.domain.pause import Target
from shared.domain.settlement import Hold, Settlement
from shared.domain.settling import accepted
from shared.domain.states import FINAL, State
from shared.errors import InputError, PartUnreachable, PublishClaimed, UnknownName
from shared.ledger import Ledger
from shared.ledger.accounts import SyncResult
from shared.ledger.cancels import Cancelled
from shared.ledger.jobs import JobFilter
from shared.ledger.pauses import Stopped
from shared.logs import logger
from shared.producer.changes import Changes
from shared.producer.controlling import cancel_all, pause, resume
from shared.producer.draining import Drain, foretell
from shared.producer.explaining import explain
from shared.producer.explanation import Explanation
from shared.producer.facts import gather
from shared.producer.preparing import Checked, Preparing
from shared.producer.retrying import RetryPlan, Wanted, plan_retry, refused
from shared.rows import Row, RowProblem

log = logger(__name__)

#: Jobs made from flags, and by code that names no campaign, belong to this one.
ADHOC = "adhoc"


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What a submit did: ids added, rows that were there already, refs whose row differs."""

    added: list[int]
    unchanged: int
    changed: list[str]
    existing: list[int] = field(default_factory=list)
    #: What differs of the changed ones by field, and whether it was changed or why not.
    changes: list[Change] = field(default_factory=list)
    warnings: list[RowProblem] = field(default_factory=list)
    #: Whether due jobs could be handed to workers at once; if not, the next tick does it.
    rung: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether it was done, and a sentence that says what happened or why not."""

    done: bool
    message: str


@dataclass(frozen=True, slots=True)
class Retried:
    """New jobs by id, and those that were refused with the reason."""

    added: list[int]
    refused: list[tuple[int, str]]


class Producer:
    """Puts publish jobs into the ledger and rings; everything else happens elsewhere."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        connections: Mapping[str, Connected],
        dispatcher: Callable[[], Dispatcher],
        sync_accounts: Callable[[str], SyncResult],
        clock: Clock,
    ) -> None:
        self._ledger = ledger
        self._connections = connections
        self._dispatcher = dispatcher
        self._sync_accounts = sync_accounts
        self._clock = clock

    def check(self, rows: Sequence[Row]) -> Checked:
        """Find every problem of every row; nothing is written but the accounts asked for."""
        return self.checking().check(rows)

    def checking(self, *, offline: bool = False, health: bool = True) -> Preparing:
        """Return what checks the rows of one file, some at a time.

        `offline` asks no provider: the accounts as they were stored last must do. Without
        `health`, rows for accounts that cannot post now are sound.
        """
        sync = None if offline else self._sync_accounts
        return Preparing(self._ledger, self._connections, sync, self._clock, health=health)

    def submit(
        self,
        rows: Sequence[Row],
        *,
        campaign: str = ADHOC,
        rules: CampaignRules | None = None,
        by: str,
    ) -> Submission:
        """Commit the jobs of all rows, or raise InputError with every problem and commit none.

        `rules` replace those the campaign has; None leaves them.
        """
        flawed = [row.place for row in rows if row.flawed]
        if flawed:
            raise InputError(f"not every field could be read; nothing was written: {flawed}")
        checked = self.check(rows)
        if checked.errors:
            count = len(checked.errors)
            message = f"{count} problem{'s' if count > 1 else ''}; nothing was written"
            raise InputError(message, [str(each) for each in checked.errors])
        submission = self._commit(campaign, checked.jobs, by, rules)
        return replace(submission, warnings=checked.warnings)

    def commit(
        self,
        jobs: Iterable[NewJob],
        *,
        campaign: str,
        rules: CampaignRules | None = None,
        update: bool = False,
        by: str,
    ) -> Submission:
        """Commit jobs that were checked, all of them or none; they are gone through twice.

        With `update`, jobs that are there and were surely not sent yet become what is asked for.
        """
        return self._commit(campaign, jobs, by, rules, update=update, edited=True)

    def edit(self, job_id: int, changes: Changes, *, by: str) -> Change:
        """Change a job that was surely not sent yet, or say why not. Raises InputError.

        What it becomes is checked like a new one, but for its account's health: the job waits
        for that, and may be changed meanwhile.
        """
        job = self._ledger.jobs.get(job_id)
        checked = self.check([changes.row(job)])
        ill = any(not each.account.can_post for each in checked.prepared)
        errors = [each for each in checked.errors if not ill or each.field != "account"]
        if errors:
            message = f"job {job_id} stays as it is"
            raise InputError(message, [str(each) for each in errors])
        [prepared] = checked.prepared
        change = self._ledger.edits.apply(job, prepared.job, now=self._clock.now(), by=by)
        if change.done:
            self._ring(self._ledger.edits.lanes([job_id]), by)
        return change

    def cancel(self, job_id: int, *, by: str) -> Answer:
        """Cancel what was not sent yet; ask the provider to where the post is on its way."""
        job = self._ledger.jobs.get(job_id)
        if job.state in FINAL:
            return Answer(done=False, message=f"job {job_id} has ended already: it is {job.state}")
        if job.state in {State.PUBLISHING, State.IN_PROGRESS, State.UNCERTAIN}:
            return self._cancel_sent(job, by)
        if self._may_be_live(job):
            return Answer(done=False, message=f"job {job_id} may be live; {_what_then(job)}")
        settlement = Settlement(to=State.CANCELLED, why=f"cancelled by {by}")
        if self._ledger.moves.apply(job, settlement, now=self._clock.now(), by=by):
            return Answer(done=True, message=f"job {job_id} is cancelled; nothing was sent")
        return _moved_just_now(job_id)

    def retry(self, job_ids: Sequence[int], *, by: str) -> Retried:
        """Make a new job for each failed or cancelled one, once; refuse what might be live."""
        retried = Retried([], [])
        for job_id in job_ids:
            job = self._ledger.jobs.get(job_id)
            refusal = self._no_retry(job)
            if refusal:
                retried.refused.append((job_id, refusal))
                continue
            done = self._ledger.retries.add({job.campaign: [job.id]}, now=self._clock.now(), by=by)
            retried.added.extend(done.added)
            if done.added:
                self._ring(done.lanes, by)
            else:
                retried.refused.append((job_id, "it was retried, or answered, just now"))
        return retried

    def plan_retry(self, wanted: Wanted) -> RetryPlan:
        """Say what a retry of these would do: how many would go when, and which not and why."""
        now = self._clock.now()
        return plan_retry(wanted, now, self._ledger, self._connections, self._limiter)

    def carry_out(self, plan: RetryPlan, *, by: str) -> list[int]:
        """Make the new jobs of a plan, all or none; of two people each job is retried by one."""
        done = self._ledger.retries.add(plan.ids, now=self._clock.now(), by=by)
        if done.added:
            self._ring(done.lanes, by)
        return done.added

    def pause(self, target: Target, *, why: str, by: str) -> Stopped:
        """Stop an account, campaign, connection or provider; what is being sent finishes."""
        now = self._clock.now()
        return pause(target, self._ledger, self._connections, why=why, now=now, by=by)

    def resume(self, target: Target) -> bool:
        """Let it go on, paced as ever; False when it was not paused."""
        return resume(target, self._ledger, self._connections, now=self._clock.now())

    def cancel_all(self, target: Target, *, by: str) -> Cancelled:
        """Cancel all of a target that can be; the providers that offer it are asked to.

        Raises UnknownName.
        """
        now = self._clock.now()
        done = cancel_all(target, self._ledger, self._connections, now=now, by=by)
        if done.asked:
            self._ring_cancels(done.asked)
        return done

    def resolve(self, job_id: int, *, published: str | None, by: str) -> Job:
        """Settle a held lost answer by a person's word: its URL or id, or that it is not there."""
        job = self._ledger.jobs.get(job_id)
        if job.state is not State.HELD or job.hold is not Hold.LOST_ANSWER:
            raise InputError(f"job {job_id} does not wait for a person: it is {job.state}")
        if published is None:
            settlement = self._absent(by)
        elif published.strip():
            settlement = self._published(job, published.strip(), by)
        else:
            raise InputError("say the URL of the post, or the provider's id of it")
        try:
            moved = self._ledger.moves.apply(job, settlement, now=self._clock.now(), by=by)
        except PublishClaimed as claimed:
            raise InputError(f"job {job_id} is not resolved: {claimed}") from None
        if not moved:
            raise InputError(f"job {job_id} moved just now; look at it again")
        return self._ledger.jobs.get(job_id)

    def explain(self, job_id: int) -> Explanation:
        """Say in a sentence why a job is where it is and when it should go on."""
        job = self._ledger.jobs.get(job_id)
        return explain(
            gather(job, self._clock.now(), self._ledger, self._connections, self._limiter)
        )

    def foretell(self, campaign: str) -> Drain | None:
        """Say when what is overdue of a campaign will have gone; None when nothing waits."""
        return foretell(campaign, self._clock.now(), self._ledger, self._limiter)

    def _limiter(self) -> Limiter:
        """Return the limiter that dispatch asks. Raises PartUnreachable."""
        return self._dispatcher().limiter

    def _commit(
        self,
        campaign: str,
        jobs: Iterable[NewJob],
        by: str,
        rules: CampaignRules | None = None,
        *,
        update: bool = False,
        edited: bool = False,
    ) -> Submission:
        now = self._clock.now()
        stored = self._ledger.campaigns.submit(
            campaign, jobs, rules=rules, update=update, edited=edited, now=now, by=by
        )
        return Submission(
            added=stored.added,
            unchanged=stored.unchanged,
            changed=stored.changed,
            changes=stored.changes,
            existing=stored.existing,
            rung=self._ring(stored.lanes, by) if stored.lanes else True,
        )

    def _ring(self, lanes: set[int], by: str) -> bool:
        """Dispatch what is due; the rows are committed, so a part that is away costs a moment."""
        try:
            self._dispatcher().submit(lanes, by)
        except PartUnreachable as away:
            log.warning("due jobs wait for the next tick", why=str(away))
            return False
        return True

    def _cancel_sent(self, job: Job, by: str) -> Answer:
        able = self._connected(job).provider.capabilities.cancel
        state = self._ledger.jobs.request_cancel(job.id, ask=able, now=self._clock.now(), by=by)
        if state is None:
            return _moved_just_now(job.id)
        if state is not State.IN_PROGRESS:
            there = f", or asked for at {job.provider} once it is there" if able else ""
            message = f"job {job.id} may be live; it is cancelled should it have to wait again"
            return Answer(done=False, message=message + there)
        if not able:
            return Answer(
                done=False, message=f"job {job.id} is at {job.provider}, which cannot cancel"
            )
        self._ring_cancels([job.id])
        return Answer(
            done=True, message=f"job {job.id} is at {job.provider}; it is asked to cancel it"
        )

    def _connected(self, job: Job) -> Connected:
        """Return the job's connection, which may have left the settings since."""
        if job.connection not in self._connections:
            raise UnknownName(f"job {job.id} needs connection {job.connection}, which is not set")
        return self._connections[job.connection]

    def _ring_cancels(self, job_ids: Sequence[int]) -> None:
        try:
            self._dispatcher().broker.ring_cancels(job_ids)
        except PartUnreachable as away:
            log.warning("the cancel waits for the next rescue", why=str(away))

    @staticmethod
    def _may_be_live(job: Job) -> bool:
        return job.replay or job.hold in {Hold.LOST_ANSWER, Hold.SETTLE}

    def _no_retry(self, job: Job) -> str:
        if job.state not in {State.FAILED, State.CANCELLED}:
            return f"it is {job.state}, not failed"
        [candidate] = self._ledger.retries.candidates(JobFilter(ids=[job.id]))
        return refused(candidate)

    def _published(self, job: Job, published: str, by: str) -> Settlement:
        why = f"{by} says it is published: {published}"
        if re.match(r"https?://", published):
            receipt = Receipt(
                publish_id=job.provider_publish_id or f"resolved:{job.id}",
                provider_status="resolved",
                permalink=published,
            )
            return Settlement(to=State.SUCCEEDED, why=why, outcome="succeeded", receipt=receipt)
        receipt = Receipt(publish_id=published, provider_status="resolved")
        terms = self._connected(job).terms
        return replace(accepted(receipt, terms, self._clock.now()), why=why)

    def _absent(self, by: str) -> Settlement:
        why = f"{by} says it is not published"
        return Settlement(to=State.RETRYING, why=why, outcome="failed", due_at=self._clock.now())


def _moved_just_now(job_id: int) -> Answer:
    return Answer(done=False, message=f"job {job_id} moved just now; look at it and try again")


def _what_then(job: Job) -> str:
    if job.hold is Hold.LOST_ANSWER:
        return f"use `dropline jobs resolve {job.id}` when you know"
    return "wait until that is known"
