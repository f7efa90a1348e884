"""What follows from an outcome is always a legal move, and deferral is always free."""

import random
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.capabilities import LostAnswer
from shared.domain.finding import after_look
from shared.domain.lost import Absent, Ambiguous, Found, Sighting, Unanswered
from shared.domain.outcome import (
    Accepted,
    Deferred,
    ErrorClass,
    Failed,
    Fault,
    Outcome,
    Receipt,
    Succeeded,
    Uncertain,
)
from shared.domain.settlement import Hold
from shared.domain.settling import Ended, after_attempt, after_poll, after_rescue, handed_back
from shared.domain.states import MOVES, State
from shared.domain.status import Status, Verdict
from tests.support.jobs import NOW, a_job, terms

FAULT = Fault(error_class=ErrorClass.TRANSIENT, message="no luck")
RECEIPT = Receipt(publish_id="p1", provider_status="queued")

waits = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=1))
outcomes: st.SearchStrategy[Outcome] = st.one_of(
    st.just(Succeeded(RECEIPT)),
    st.just(Accepted(RECEIPT)),
    st.builds(Deferred, waits, st.just(FAULT)),
    st.builds(Failed, st.just(FAULT), again=st.booleans()),
    st.just(Uncertain(FAULT)),
)
policies = st.sampled_from([LostAnswer.SEARCH, LostAnswer.REPLAY, LostAnswer.HOLD])
statuses = st.one_of(
    st.none(),
    st.builds(
        Status, publish_id=st.just("p1"), verdict=st.sampled_from(Verdict), raw=st.text(max_size=9)
    ),
)
sightings: st.SearchStrategy[Sighting] = st.one_of(
    st.just(Absent()),
    st.just(Ambiguous(("p1", "p2"))),
    st.just(Unanswered("timeout")),
    st.builds(
        Found,
        st.builds(
            Status,
            publish_id=st.just("p1"),
            verdict=st.sampled_from([Verdict.PENDING, Verdict.SUCCEEDED, Verdict.FAILED]),
            raw=st.just("x"),
        ),
    ),
)


@given(outcomes, st.integers(0, 9), st.booleans(), st.booleans(), policies, st.integers())
def test_every_outcome_leads_along_the_table(
    outcome: Outcome, attempts: int, opened: bool, replay: bool, lost: LostAnswer, seed: int
) -> None:
    job = a_job(attempts=attempts, replay=replay)
    settlement = after_attempt(job, Ended(outcome, opened), terms(lost), random.Random(seed), NOW)
    assert settlement.to in MOVES[State.PUBLISHING]


@given(waits, st.integers(0, 9), st.booleans())
def test_a_deferred_job_costs_no_attempt_and_is_due_later(
    wait: timedelta, attempts: int, opened: bool
) -> None:
    before = attempts + opened
    ended = Ended(Deferred(wait, FAULT), opened)
    settlement = after_attempt(a_job(attempts=before), ended, terms(), random.Random(0), NOW)
    assert settlement.to is State.SCHEDULED
    assert settlement.attempts == attempts
    assert settlement.due_at is not None
    assert settlement.due_at >= NOW + wait


@given(st.integers(0, 20), st.booleans(), st.integers())
def test_attempts_never_exceed_the_maximum(attempts: int, opened: bool, seed: int) -> None:
    under = terms()
    ended = Ended(Failed(FAULT, again=True), opened)
    job = a_job(attempts=attempts)
    settlement = after_attempt(job, ended, under, random.Random(seed), NOW)
    counted = attempts if opened else attempts + 1
    assert settlement.attempts == counted
    assert (settlement.to is State.FAILED) == (counted >= under.retry.max_attempts)


@given(outcomes, st.booleans(), st.integers())
def test_a_replay_that_was_not_carried_out_is_never_taken_for_absence(
    outcome: Outcome, opened: bool, seed: int
) -> None:
    job = a_job(replay=True, attempts=1)
    ended = Ended(outcome, opened)
    settlement = after_attempt(job, ended, terms(LostAnswer.REPLAY), random.Random(seed), NOW)
    assert settlement.to not in {State.SCHEDULED, State.RETRYING, State.FAILED}
    assert handed_back(job, "stop", NOW).to is State.UNCERTAIN


@given(statuses, st.sampled_from([State.IN_PROGRESS, State.HELD]), waits, st.integers(0, 500))
def test_a_poll_leads_along_the_table_and_never_ends_a_job_on_doubt(
    status: Status | None, state: State, age: timedelta, polls: int
) -> None:
    job = a_job(state, polls=polls, accepted_at=NOW - age)
    settlement = after_poll(job, status, terms(), NOW)
    assert settlement.to is None or settlement.to in MOVES[state]
    if status is None or status.verdict in {Verdict.PENDING, Verdict.UNKNOWN}:
        assert settlement.to in {None, State.HELD}
        assert settlement.next_poll_at is not None
        assert settlement.next_poll_at > NOW


def test_only_an_explicit_policy_resends_what_may_be_out() -> None:
    ended = Ended(Uncertain(FAULT), opened=True)
    settlement = after_attempt(
        a_job(attempts=1), ended, terms(LostAnswer.RESEND), random.Random(0), NOW
    )
    assert settlement.to is State.RETRYING
    assert settlement.outcome == "uncertain"
    last = after_attempt(a_job(attempts=8), ended, terms(LostAnswer.RESEND), random.Random(0), NOW)
    assert last.to is State.HELD


def test_a_publish_that_never_settles_is_held_and_still_asked_about() -> None:
    job = a_job(State.IN_PROGRESS, accepted_at=NOW - timedelta(hours=24))
    settlement = after_poll(job, None, terms(), NOW)
    assert settlement.to is State.HELD
    assert settlement.hold is Hold.SETTLE
    assert settlement.next_poll_at == NOW + timedelta(hours=1)


@given(sightings, policies, st.integers(0, 5), waits, waits, st.integers())
def test_a_look_leads_along_the_table(
    sighting: Sighting, lost: LostAnswer, looks: int, since: timedelta, sent: timedelta, seed: int
) -> None:
    job = a_job(State.UNCERTAIN, looks=looks, lost_at=NOW - since, first_sent_at=NOW - since - sent)
    settlement = after_look(job, sighting, terms(lost), random.Random(seed), NOW)
    assert settlement.to is None or settlement.to in MOVES[State.UNCERTAIN]
    if settlement.to is None:
        assert settlement.next_look_at is not None
        assert settlement.next_look_at > NOW


@given(sightings, policies, st.integers(0, 5), waits, st.integers())
def test_nothing_is_sent_again_before_absence_is_believable(
    sighting: Sighting, lost: LostAnswer, looks: int, since: timedelta, seed: int
) -> None:
    job = a_job(State.UNCERTAIN, looks=looks, lost_at=NOW - since, first_sent_at=NOW - since)
    settlement = after_look(job, sighting, terms(lost), random.Random(seed), NOW)
    if settlement.to is State.RETRYING:
        assert isinstance(sighting, Absent)
        assert looks >= 1
        assert since >= timedelta(seconds=30)


@given(st.booleans(), st.booleans(), policies, st.integers(0, 5), st.integers())
def test_a_rescue_leads_along_the_table_and_never_resends_an_open_attempt(
    attempt_open: bool, replay: bool, lost: LostAnswer, rescues: int, seed: int
) -> None:
    job = a_job(replay=replay, rescues=rescues, lease_until=NOW - timedelta(seconds=1))
    settlement = after_rescue(
        job, attempt_open=attempt_open, terms=terms(lost), chance=random.Random(seed), now=NOW
    )
    assert settlement.to in MOVES[State.PUBLISHING]
    if attempt_open or replay:
        assert settlement.to in {State.UNCERTAIN, State.HELD}
