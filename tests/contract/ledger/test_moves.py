from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.outcome import Receipt
from shared.domain.settlement import Hold, Settlement
from shared.domain.states import State
from shared.errors import IllegalMove, PublishClaimed
from shared.ledger import Ledger
from tests.contract.ledger.building import (
    ACCEPTED,
    DEFERRED,
    HELD_LOST,
    LEASE,
    NOW,
    RETRYING,
    SECOND,
    SUCCEEDED,
    UNCERTAIN,
    at_once,
    claim,
    claimed,
    folded,
    new_job,
    publishing_as,
    queued,
    release,
    sent,
    settled,
    submit,
)
from tests.contract.ledger.conftest import OpenLedger

CANCELLED = Settlement(to=State.CANCELLED, why="a person said so")


def test_a_move_is_on_record_with_who_when_and_why(ledger: Ledger) -> None:
    [job_id] = submit(ledger, new_job("one"))
    job = ledger.jobs.get(job_id)

    assert ledger.moves.apply(job, CANCELLED, now=NOW + SECOND, by="ann")

    event = ledger.jobs.events(job_id)[-1]
    assert (event.from_state, event.to_state) == (State.SCHEDULED, State.CANCELLED)
    assert (event.at, event.why, event.by) == (NOW + SECOND, CANCELLED.why, "ann")
    assert event.attempt is None
    assert ledger.jobs.get(job_id).settled_at == NOW + SECOND


def test_whoever_saw_an_older_job_moves_nothing(ledger: Ledger) -> None:
    job = settled(ledger, ACCEPTED)
    seen = [
        replace(job, state=State.SCHEDULED),
        replace(job, fence=job.fence + 1),
        replace(job, polls=job.polls + 1),
        replace(job, looks=job.looks + 1),
        replace(job, id=987_654),
    ]

    assert not any(ledger.moves.apply(each, CANCELLED, now=NOW, by="test") for each in seen)
    assert ledger.jobs.get(job.id) == job
    assert ledger.moves.apply(job, CANCELLED, now=NOW, by="test")


def test_two_movers_at_once_move_once(open_ledger: OpenLedger) -> None:
    one, other = open_ledger(), open_ledger()
    job = settled(one, UNCERTAIN)

    moved = at_once(
        lambda: one.moves.apply(job, RETRYING, now=NOW, by="one"),
        lambda: other.moves.apply(job, SUCCEEDED, now=NOW, by="other"),
    )

    assert sorted(moved) == [False, True]
    assert folded(one, job.id) is one.jobs.get(job.id).state


def test_a_move_that_the_table_lacks_is_refused(ledger: Ledger) -> None:
    job = queued(ledger)

    with pytest.raises(IllegalMove):
        ledger.moves.apply(job, SUCCEEDED, now=NOW, by="test")

    assert ledger.jobs.get(job.id) == job


def test_a_settlement_without_a_state_changes_values_and_writes_no_event(ledger: Ledger) -> None:
    job = settled(ledger, ACCEPTED)
    events = ledger.jobs.events(job.id)
    receipt = Receipt(publish_id="pub-1", provider_status="processing")
    later = NOW + timedelta(minutes=1)

    poll = Settlement(to=None, polls=1, next_poll_at=later, receipt=receipt)
    assert ledger.moves.apply(job, poll, now=NOW, by="settle")

    stored = ledger.jobs.get(job.id)
    assert (stored.state, stored.reason) == (State.IN_PROGRESS, job.reason)
    assert (stored.polls, stored.next_poll_at) == (1, later)
    assert stored.provider_status == "processing"
    assert ledger.jobs.events(job.id) == events


def test_a_settlement_of_nothing_is_possible(ledger: Ledger) -> None:
    job = settled(ledger, ACCEPTED)

    assert ledger.moves.apply(job, Settlement(to=None), now=NOW, by="test")
    assert ledger.jobs.get(job.id) == job


def test_acceptance_keeps_its_first_time(ledger: Ledger) -> None:
    job = settled(ledger, ACCEPTED)
    held = Settlement(to=State.HELD, hold=Hold.SETTLE, why="never settled")
    later = NOW + timedelta(hours=1)
    ledger.moves.apply(job, held, now=later, by="settle")

    ledger.moves.apply(ledger.jobs.get(job.id), ACCEPTED, now=later, by="ann")

    assert ledger.jobs.get(job.id).accepted_at == NOW


def test_a_publish_that_failed_for_good_makes_room_for_another(ledger: Ledger) -> None:
    job = settled(ledger, ACCEPTED)

    ledger.moves.apply(job, replace(RETRYING, forget_publish=True), now=NOW, by="settle")

    stored = ledger.jobs.get(job.id)
    assert (stored.provider_publish_id, stored.provider_status) == (None, None)
    assert (stored.accepted_at, stored.next_poll_at) == (None, None)
    later = NOW + timedelta(minutes=1)
    release(ledger, now=later)
    [again] = claim(ledger, job.id, now=later)
    ledger.claims.open_attempt(again, {}, now=later)
    ledger.claims.settle(again, publishing_as(ACCEPTED, "pub-2"), now=later, by="w1")
    assert ledger.jobs.get(job.id).accepted_at == later
    assert [each.publish_id for each in ledger.jobs.attempts(job.id)] == ["pub-1", "pub-2"]


def test_what_does_not_apply_to_the_new_state_is_cleared(ledger: Ledger) -> None:
    uncertain = settled(ledger, UNCERTAIN)
    ledger.moves.apply(uncertain, HELD_LOST, now=NOW, by="look")
    held = ledger.jobs.get(uncertain.id)
    assert (held.hold, held.next_look_at) == (Hold.LOST_ANSWER, None)
    assert held.lost_at == NOW

    ledger.moves.apply(held, SUCCEEDED, now=NOW, by="ann")

    done = ledger.jobs.get(uncertain.id)
    assert (done.hold, done.lost_at, done.next_poll_at) == (None, None, None)


def test_a_held_publish_is_still_polled(ledger: Ledger) -> None:
    job = settled(ledger, ACCEPTED)
    held = Settlement(to=State.HELD, hold=Hold.SETTLE, next_poll_at=NOW + timedelta(hours=1))

    ledger.moves.apply(job, held, now=NOW, by="settle")

    assert ledger.jobs.get(job.id).next_poll_at == NOW + timedelta(hours=1)


def test_a_job_found_after_a_lost_answer_names_its_publish_on_its_attempt(ledger: Ledger) -> None:
    job = settled(ledger, UNCERTAIN)

    ledger.moves.apply(job, SUCCEEDED, now=NOW, by="look")

    [attempt] = ledger.jobs.attempts(job.id)
    assert (attempt.outcome, attempt.publish_id) == ("uncertain", "pub-1")
    assert ledger.jobs.events(job.id)[-1].attempt == 1


def test_a_publish_of_another_job_is_not_adopted(ledger: Ledger) -> None:
    settled(ledger, SUCCEEDED, "first")
    job = settled(ledger, UNCERTAIN, "second")

    with pytest.raises(PublishClaimed):
        ledger.moves.apply(job, SUCCEEDED, now=NOW, by="look")

    assert ledger.jobs.get(job.id) == job
    assert len(ledger.jobs.events(job.id)) == 4


def test_waiting_again_wakes_the_lane_no_later_than_it_was_going_to(ledger: Ledger) -> None:
    job, other = settled(ledger, UNCERTAIN), settled(ledger, UNCERTAIN, "other")
    later, sooner = NOW + timedelta(hours=2), NOW + timedelta(hours=1)

    ledger.moves.apply(job, replace(RETRYING, due_at=sooner), now=NOW, by="look")
    assert ledger.releases.next_due() == sooner
    ledger.moves.apply(other, replace(RETRYING, due_at=later), now=NOW, by="look")
    assert ledger.releases.next_due() == sooner


def test_a_replay_is_queued_at_once_and_stays_a_replay_until_its_fate_is_known(
    ledger: Ledger,
) -> None:
    job = settled(ledger, UNCERTAIN)
    later = NOW + timedelta(minutes=1)

    replay = Settlement(to=State.QUEUED, why="sent again", replay=True)
    ledger.moves.apply(job, replay, now=later, by="look")

    queued_job = ledger.jobs.get(job.id)
    assert (queued_job.replay, queued_job.queued_at) == (True, later)
    [again] = claim(ledger, job.id, now=later)
    assert again.replay
    ledger.claims.open_attempt(again, {}, now=later)
    ledger.claims.settle(again, replace(UNCERTAIN, looks=1), now=later, by="w1")
    assert ledger.jobs.get(job.id).replay
    assert ledger.jobs.get(job.id).looks == 1
    ledger.moves.apply(ledger.jobs.get(job.id), SUCCEEDED, now=later, by="look")
    assert not ledger.jobs.get(job.id).replay


def test_a_rescue_takes_nothing_back_from_a_claim_that_was_renewed_meanwhile(
    ledger: Ledger,
) -> None:
    job, _ = sent(ledger)
    [(seen, _)] = ledger.rescues.expired(now=NOW + LEASE + SECOND, limit=10)
    claims = [(job.id, job.fence)]
    assert ledger.claims.renew(claims, owner="w1", lease=LEASE, now=NOW + LEASE - SECOND)

    assert not ledger.moves.apply(seen, UNCERTAIN, now=NOW + LEASE + SECOND, by="rescue")

    assert ledger.jobs.get(job.id).state is State.PUBLISHING
    assert ledger.jobs.open_attempt(job.id)


def test_leaving_a_claim_closes_its_attempt_even_where_nobody_judged_it(ledger: Ledger) -> None:
    job, _ = sent(ledger)

    taken_back = Settlement(to=State.RETRYING, why="the worker died", due_at=NOW)
    ledger.moves.apply(ledger.jobs.get(job.id), taken_back, now=NOW, by="rescue")

    assert ledger.jobs.open_attempt(job.id) is None
    assert ledger.jobs.attempts(job.id)[0].outcome == "uncertain"


def test_a_job_that_is_to_be_cancelled_is_not_sent_again(ledger: Ledger) -> None:
    job = settled(ledger, ACCEPTED)
    assert ledger.jobs.request_cancel(job.id, ask=True, now=NOW, by="ann")

    job = ledger.jobs.get(job.id)
    ledger.moves.apply(job, replace(RETRYING, forget_publish=True), now=NOW, by="settle")

    assert ledger.jobs.get(job.id).state is State.CANCELLED
    assert folded(ledger, job.id) is State.CANCELLED
    assert [each.to_state for each in ledger.jobs.events(job.id)[-2:]] == [
        State.RETRYING,
        State.CANCELLED,
    ]


def test_only_what_was_sent_is_noted_as_to_be_cancelled(ledger: Ledger) -> None:
    job = claimed(ledger)
    waits = queued(ledger, "two", account="a2")
    ended = settled(ledger, SUCCEEDED, "three", account="a3")

    assert ledger.jobs.request_cancel(job.id, ask=False, now=NOW, by="ann") is State.PUBLISHING
    for each in (waits, ended):
        assert ledger.jobs.request_cancel(each.id, ask=True, now=NOW, by="ann") is None
        assert ledger.jobs.get(each.id).cancel_requested_at is None
    assert ledger.jobs.get(job.id) == replace(job, cancel_requested_at=NOW)

    ledger.claims.settle(job, DEFERRED, now=NOW, by="w1")
    assert ledger.jobs.get(job.id).state is State.CANCELLED
