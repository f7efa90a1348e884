"""The defences, and for each a change that takes it out and the tests that must then fail."""

from dataclasses import dataclass
from pathlib import Path

_CLAIMS = "shared/ledger/claims.py"
_OPENINGS = "shared/ledger/openings.py"
_CLAIM_TESTS = "tests/contract/ledger/test_claims.py"
_LATE_TESTS = "tests/contract/ledger/test_late_answers.py"
_MOVE_TESTS = "tests/contract/ledger/test_moves.py"
_PIPELINE_TESTS = "tests/integration/worker/test_pipeline.py"
_RELEASE_TESTS = "tests/contract/ledger/test_releases.py"
_LOST_TESTS = "tests/unit/domain/test_lost.py"
_CRASH_TESTS = "tests/crash/test_points.py"
_KILLED = "test_killed_at_any_point_it_is_published_once_or_held"
_LISTED_LATE = "test_a_publish_that_is_listed_late_is_not_made_again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One defence less: `old`, which occurs once in `path`, becomes `new`."""

    defence: str
    path: str
    old: str
    new: str
    #: The file of the tests that notice, and which of them must fail.
    suite: str
    noticed_by: tuple[str, ...]
    #: A test that the mutant makes hang is failed after this.
    timeout_s: int = 60

    @property
    def killers(self) -> tuple[str, ...]:
        return tuple(f"{self.suite}::{name}" for name in self.noticed_by)

    def applied(self, root: Path) -> str:
        """Return the changed text of the file, or say that the defence is not where it was."""
        text = (root / self.path).read_text()
        found = text.count(self.old)
        if found != 1:
            raise LookupError(
                f"the mutant {self.defence!r} does not apply: its text occurs {found} times"
                f" in {self.path}, not once; bring tests/mutants/catalogue.py up to date"
            )
        return text.replace(self.old, self.new)


MUTANTS = (
    Mutant(
        defence="only the newest claim sends",
        path=_OPENINGS,
        old="tuple_(job.c.id, job.c.fence).in_([(each.id, each.fence) for each in claims]),",
        new="job.c.id.in_([each.id for each in claims]),",
        suite=_CLAIM_TESTS,
        noticed_by=("test_nothing_is_sent_on_an_older_claim[sqlite]",),
    ),
    Mutant(
        defence="only the newest claim settles",
        path=_CLAIMS,
        old="move(tx, _claimed(claim), State.PUBLISHING,",
        new="move(tx, _claimed(claim).clauses[0], State.PUBLISHING,",
        suite=_LATE_TESTS,
        noticed_by=(
            "test_an_answer_is_kept_but_moves_nothing_once_there_is_a_later_claim[sqlite]",
        ),
    ),
    Mutant(
        defence="endings that are not all written together are not written at all",
        path="shared/ledger/endings.py",
        old=".rowcount != len(parameters):",
        new=".rowcount > len(parameters):",
        suite="tests/contract/ledger/test_together.py",
        noticed_by=("test_a_lost_claim_among_others_moves_nothing_and_they_do[sqlite]",),
    ),
    Mutant(
        defence="no attempt on a lease that ran out",
        path=_OPENINGS,
        old="            job.c.lease_until > now,\n            ~open_already,",
        new="            ~open_already,",
        suite=_PIPELINE_TESTS,
        noticed_by=("test_a_lease_that_ran_out_sends_nothing",),
    ),
    Mutant(
        defence="a lease that ran out is not revived",
        path=_CLAIMS,
        old="job.c.lease_until > now,\n            )\n",
        new=")\n",
        suite=_CLAIM_TESTS,
        noticed_by=("test_a_lease_that_ran_out_is_not_revived[sqlite]",),
    ),
    Mutant(
        defence="one claim sends once",
        path=_OPENINGS,
        old="            ~open_already,\n",
        new="",
        suite=_CLAIM_TESTS,
        noticed_by=("test_one_claim_sends_once[sqlite]",),
    ),
    Mutant(
        defence="the attempt is on record before the first byte",
        path="shared/wire/exchange.py",
        old='event.endswith(".send_request_headers.started")',
        new='event.endswith(".receive_response_headers.complete")',
        suite=_CRASH_TESTS,
        noticed_by=(f"{_KILLED}[wahdx instagram image new]",),
    ),
    Mutant(
        defence="no publish call without an attempt",
        path="shared/wire/wire.py",
        old="            gate.open(memo)\n",
        new="            _ = gate.open, memo\n",
        suite=_CRASH_TESTS,
        noticed_by=(f"{_KILLED}[wahdx instagram image new]",),
    ),
    Mutant(
        defence="the lease is checked after the commit",
        path="worker/gate.py",
        old="if not self._claim.sendable(self._clock.monotonic()):",
        new="if not self._claim:",
        suite=_PIPELINE_TESTS,
        noticed_by=("test_a_lease_about_to_run_out_sends_nothing_and_costs_nothing",),
    ),
    Mutant(
        defence="what waits for its moment keeps nobody back",
        path="worker/crew.py",
        old="carry_out(claim, self._places.resting)",
        new="carry_out(claim)",
        suite="tests/integration/worker/test_crew.py",
        noticed_by=("test_a_post_that_is_due_passes_those_that_wait_for_their_instant",),
    ),
    Mutant(
        defence="nothing leaves before its instant",
        path="worker/gate.py",
        old="        self._wait_until(job.due_at)\n",
        new="",
        suite="tests/integration/worker/test_punctual.py",
        noticed_by=("test_the_attempt_is_on_record_when_the_instant_comes_and_names_it",),
    ),
    Mutant(
        defence="nothing is sent after a commit that took too long",
        path="worker/gate.py",
        old="if self._clock.monotonic() - started > COMMIT_MAX.total_seconds():",
        new="if self._clock.monotonic() < started:",
        suite="tests/integration/worker/test_gate.py",
        noticed_by=("test_an_attempt_that_took_long_to_write_is_not_sent",),
    ),
    Mutant(
        defence="an old admission is asked for anew",
        path="shared/wire/admitting.py",
        old="if self._age(admitted) <= ADMITTED_FOR / 2:",
        new="if admitted:",
        suite="tests/integration/wire/test_wire.py",
        noticed_by=("test_a_request_that_stood_still_after_its_admission_asks_anew",),
    ),
    Mutant(
        defence="nothing is sent on an old admission",
        path="shared/wire/admitting.py",
        old="if self._age(admitted) > ADMITTED_FOR:",
        new="if not admitted:",
        suite="tests/integration/worker/test_gate.py",
        noticed_by=("test_a_machine_that_slept_before_the_first_byte_sends_nothing",),
    ),
    Mutant(
        defence="nothing is published after its not_after",
        path="worker/gate.py",
        old="if is_too_late(job, self._clock.now()):",
        new="if not job:",
        suite="tests/integration/worker/test_gate.py",
        noticed_by=(
            "test_what_became_too_late_on_its_way_to_the_first_byte_is_failed_and_not_sent",
        ),
    ),
    Mutant(
        defence="absence needs a second look",
        path="shared/domain/lost.py",
        old="LOOKS_NEEDED = 2",
        new="LOOKS_NEEDED = 1",
        suite=_LOST_TESTS,
        noticed_by=("test_one_look_proves_nothing_however_late",),
    ),
    Mutant(
        defence="absence needs its time",
        path="shared/domain/lost.py",
        old="believable_at = call.ended_at + call.absence_after",
        new="believable_at = call.ended_at",
        suite=_CRASH_TESTS,
        noticed_by=(
            f"{_LISTED_LATE}[wonda instagram carousel]",
            f"{_LISTED_LATE}[posteverywhere instagram image]",
        ),
    ),
    Mutant(
        defence="absence is as old as the question",
        path="shared/reconcile.py",
        old="connected.terms, self.chance, asked_at)",
        new="connected.terms, self.chance, self.road.clock.now())",
        suite="tests/integration/scheduler/test_reconcile.py",
        noticed_by=(
            "test_absence_is_believed_as_of_when_it_was_asked_for_not_of_when_it_was_answered",
        ),
    ),
    Mutant(
        defence="the list is looked at before a replay",
        path="shared/providers/genviral/search.py",
        old="    if not matching:\n",
        new="    if matching is not None:\n",
        suite=_CRASH_TESTS,
        noticed_by=("test_a_service_that_does_not_know_the_key_is_looked_at_first",),
    ),
    Mutant(
        defence="a key is replayed only while it is trusted",
        path="shared/domain/lost.py",
        old="if now < call.first_sent_at + call.replay_window:",
        new="if call.replay_window:",
        suite=_LOST_TESTS,
        noticed_by=("test_a_replay_is_sent_only_while_its_key_is_trusted",),
    ),
    Mutant(
        defence="publishes of other jobs are not ours",
        path="shared/ledger/looks.py",
        old="attempt.c.job_id != except_job,",
        new="attempt.c.job_id == except_job,",
        suite="tests/contract/ledger/test_polls_and_looks.py",
        noticed_by=("test_publishes_of_other_jobs_of_the_account_are_claimed[sqlite]",),
    ),
    Mutant(
        defence="a round of polls changes only what is as it was seen",
        path="shared/ledger/polled.py",
        old="*(job.c[name] == new.c[name] for name in _GUARD))",
        new="job.c.id == new.c.id)",
        suite="tests/contract/ledger/test_polled.py",
        noticed_by=(
            "test_a_job_that_another_scheduler_polled_meanwhile_stays_as_that_one_wrote[sqlite]",
        ),
    ),
    Mutant(
        defence="a denied poll is none",
        path="scheduler/settle.py",
        old="if cut_short is None or isinstance(cut_short, CallFailed):",
        new="if cut_short is None or isinstance(cut_short, DroplineError):",
        suite="tests/integration/scheduler/test_rounds.py",
        noticed_by=("test_a_denied_request_costs_no_poll_and_loses_no_answer",),
    ),
    Mutant(
        defence="an open attempt of the dead is in doubt",
        path="shared/domain/settling.py",
        old="    if attempt_open:\n",
        new="    if attempt_open is None:\n",
        suite=_CRASH_TESTS,
        noticed_by=(f"{_KILLED}[wahdx instagram image died in flight]",),
    ),
    Mutant(
        defence="a surprise after the send is in doubt",
        path="worker/pipeline.py",
        old="    if published:\n        return _uncertain(why)",
        new="    if published is None:\n        return _uncertain(why)",
        suite=_PIPELINE_TESTS,
        noticed_by=("test_an_adapter_that_raises_is_never_taken_for_absence",),
    ),
    Mutant(
        defence="an answer lost after the send is in doubt",
        path="shared/provider.py",
        old="    if published:\n",
        new="    if published is None:\n",
        suite=_PIPELINE_TESTS,
        noticed_by=("test_a_lost_answer_is_uncertain_or_held_and_never_resent",),
    ),
    Mutant(
        defence="claims of the dead are taken back",
        path="scheduler/rescue.py",
        old="        self._take_back()\n",
        new="",
        suite=_CRASH_TESTS,
        noticed_by=(f"{_KILLED}[wahdx instagram image died before]",),
    ),
    Mutant(
        defence="a claim renewed meanwhile is not taken back",
        path="shared/ledger/moves.py",
        old="guard &= job.c.lease_until == seen.lease_until",
        new="guard &= job.c.id == seen.id",
        suite=_MOVE_TESTS,
        noticed_by=(
            "test_a_rescue_takes_nothing_back_from_a_claim_that_was_renewed_meanwhile[sqlite]",
        ),
    ),
    Mutant(
        defence="queued jobs are rung for again",
        path="scheduler/rescue.py",
        old="        self._ring_again()\n",
        new="",
        suite=_CRASH_TESTS,
        noticed_by=(f"{_KILLED}[wahdx instagram image new]",),
    ),
    Mutant(
        defence="an answer that comes late is stored",
        path=_CLAIMS,
        old="if not store_late_answer(tx, claim.id, claim.fence, settlement, stamp.now):",
        new="if store_late_answer is not None:",
        suite=_PIPELINE_TESTS,
        noticed_by=("test_an_answer_that_comes_after_the_rescue_is_kept_and_ends_the_doubt",),
    ),
    Mutant(
        defence="an answer that comes late ends the doubt",
        path=_CLAIMS,
        old="    move(tx, _claimed(claim), current, _resolving(current, settlement), stamp)\n",
        new="",
        suite=_PIPELINE_TESTS,
        noticed_by=("test_an_answer_that_comes_after_the_rescue_is_kept_and_ends_the_doubt",),
    ),
    Mutant(
        defence="whoever saw an older job moves nothing",
        path="shared/ledger/moves.py",
        old="        & (job.c.fence == seen.fence)\n",
        new="",
        suite=_MOVE_TESTS,
        noticed_by=("test_whoever_saw_an_older_job_moves_nothing[sqlite]",),
    ),
    Mutant(
        defence="equal content waits for its twin",
        path="shared/ledger/due.py",
        old="        .where(~_twin_on_its_way(first))\n",
        new="",
        suite=_RELEASE_TESTS,
        noticed_by=("test_jobs_of_equal_content_in_one_lane_go_one_at_a_time[sqlite]",),
    ),
    Mutant(
        defence="equal content is not released together",
        path="shared/ledger/due.py",
        old="if (each.lane_id, each.likeness) not in seen:",
        new="if each.id not in found:",
        suite=_RELEASE_TESTS,
        noticed_by=("test_jobs_of_equal_content_in_one_lane_go_one_at_a_time[sqlite]",),
    ),
    Mutant(
        defence="the watchdog ends a call at its deadline",
        path="shared/wire/watchdog.py",
        old="                line.cut_off()\n",
        new="                pass\n",
        suite="tests/integration/wire/test_wire.py",
        noticed_by=("test_the_watchdog_cuts_an_answer_that_never_ends",),
        timeout_s=10,
    ),
    Mutant(
        defence="a slow answer of the database moves no clock",
        path="shared/clock.py",
        old="min(max(self._offset, least), most)",
        new="least",
        suite="tests/properties/test_clock.py",
        noticed_by=(
            "test_no_answer_moves_a_clock_further_away",
            "test_clocks_that_agree_are_left_alone",
        ),
    ),
)
