from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.outcome import Receipt
from shared.domain.settlement import Settlement
from shared.domain.states import State
from shared.errors import IllegalMove, LeaseLost, PublishClaimed
from shared.ledger import Ledger
from shared.ledger.claims import Settled
from tests.contract.ledger.building import (
    ACCEPTED,
    DEFERRED,
    FAILED,
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
    statements,
    submit,
)
from tests.contract.ledger.conftest import OpenLedger


def test_a_claim_takes_queued_jobs_in_the_order_asked_for(ledger: Ledger) -> None:
    ids = submit(ledger, *(new_job(f"r{number}") for number in range(4)))
    release(ledger)

    jobs = claim(ledger, ids[2], ids[0], ids[3])

    assert [job.id for job in jobs] == [ids[2], ids[0], ids[3]]
    assert {job.state for job in jobs} == {State.PUBLISHING}
    assert {job.fence for job in jobs} == {1}
    assert {job.lease_until for job in jobs} == {NOW + LEASE}
    assert jobs[0] == ledger.jobs.get(ids[2])


def test_a_claim_leaves_out_what_is_not_queued_or_not_there(ledger: Ledger) -> None:
    [waiting] = submit(ledger, new_job("waiting", run_at=NOW + SECOND))
    job = claimed(ledger)

    assert claim(ledger, waiting, job.id, 987_654) == []
    assert claim(ledger) == []


def test_two_claims_at_once_share_no_job_and_leave_none(open_ledger: OpenLedger) -> None:
    one, other = open_ledger(), open_ledger()
    ids = submit(one, *(new_job(f"r{number}") for number in range(200)))
    release(one, per_lane=200)

    first, second = at_once(
        lambda: claim(one, *ids, owner="w1"),
        lambda: claim(other, *reversed(ids), owner="w2"),
    )

    taken = [job.id for job in [*first, *second]]
    assert sorted(taken) == ids
    assert all(len(one.jobs.events(each)) == 3 for each in ids)


def test_two_workers_claiming_one_by_one_share_no_job(open_ledger: OpenLedger) -> None:
    one, other = open_ledger(), open_ledger()
    ids = submit(one, *(new_job(f"r{number}") for number in range(40)))
    release(one)

    taken = at_once(
        lambda: [job.id for each in ids for job in claim(one, each, owner="w1")],
        lambda: [job.id for each in ids for job in claim(other, each, owner="w2")],
    )

    assert sorted([*taken[0], *taken[1]]) == ids


def test_a_batch_is_claimed_by_a_few_statements(ledger: Ledger) -> None:
    ids = submit(ledger, *(new_job(f"r{number}") for number in range(50)))
    release(ledger)

    with statements(ledger) as said:
        assert len(claim(ledger, *ids)) == 50

    assert len([sql for sql, _ in said if not sql.startswith("BEGIN")]) <= 2


def test_a_settlement_is_a_few_statements(ledger: Ledger) -> None:
    job, _ = sent(ledger)

    with statements(ledger) as said:
        ledger.claims.settle(job, SUCCEEDED, now=NOW, by="w1")

    assert len([sql for sql, _ in said if not sql.startswith("BEGIN")]) <= 3


def test_a_renewed_lease_is_longer(ledger: Ledger) -> None:
    job = claimed(ledger)
    later = NOW + 10 * SECOND

    kept = ledger.claims.renew([(job.id, job.fence)], owner="w1", lease=LEASE, now=later)

    assert kept == {job.id}
    assert ledger.jobs.get(job.id).lease_until == later + LEASE


def test_only_the_holder_of_a_live_claim_renews_it(ledger: Ledger) -> None:
    job, other = claimed(ledger), claimed(ledger, "other")
    over, _ = sent(ledger, "over")
    ledger.claims.settle(over, SUCCEEDED, now=NOW, by="w1")
    claims = [(job.id, job.fence), (other.id, other.fence + 1), (over.id, over.fence), (9999, 1)]

    assert ledger.claims.renew(claims, owner="w2", lease=LEASE, now=NOW) == set()
    assert ledger.claims.renew(claims, owner="w1", lease=LEASE, now=NOW) == {job.id}
    assert ledger.claims.renew([], owner="w1", lease=LEASE, now=NOW) == set()


def test_a_lease_that_ran_out_is_not_revived(ledger: Ledger) -> None:
    job = claimed(ledger)

    claims = [(job.id, job.fence)]
    assert ledger.claims.renew(claims, owner="w1", lease=LEASE, now=NOW + LEASE) == set()


def test_an_open_attempt_is_on_record_before_anything_is_sent(ledger: Ledger) -> None:
    job, attempt = sent(ledger)

    stored = ledger.jobs.get(job.id)

    assert ledger.jobs.open_attempt(job.id) == attempt
    assert (attempt.number, attempt.fence, attempt.memo) == (1, 1, {"key": "k1"})
    assert (attempt.opened_at, attempt.closed_at, attempt.outcome) == (NOW, None, None)
    assert (stored.attempts, stored.first_sent_at) == (1, NOW)


def test_the_first_send_keeps_its_time_over_later_attempts(ledger: Ledger) -> None:
    job = settled(ledger, RETRYING)
    later = NOW + timedelta(minutes=1)
    release(ledger, now=later)
    [again] = claim(ledger, job.id, now=later)

    attempt = ledger.claims.open_attempt(again, {}, now=later)

    assert (attempt.number, attempt.fence) == (2, 2)
    assert ledger.jobs.get(job.id).first_sent_at == NOW
    assert ledger.jobs.get(job.id).attempts == 2
    assert [each.number for each in ledger.jobs.attempts(job.id)] == [1, 2]
    assert ledger.jobs.last_attempt(job.id) == attempt


def test_nothing_is_sent_on_a_lease_that_ran_out(ledger: Ledger) -> None:
    job = claimed(ledger)

    with pytest.raises(LeaseLost):
        ledger.claims.open_attempt(job, {}, now=NOW + LEASE)

    assert ledger.jobs.attempts(job.id) == []
    assert ledger.jobs.get(job.id) == job


def test_nothing_is_sent_on_an_older_claim(ledger: Ledger) -> None:
    job = claimed(ledger)

    with pytest.raises(LeaseLost):
        ledger.claims.open_attempt(replace(job, fence=job.fence - 1), {}, now=NOW)


def test_nothing_is_sent_after_the_claim_was_settled(ledger: Ledger) -> None:
    job = claimed(ledger)
    ledger.claims.settle(job, replace(DEFERRED, outcome=None), now=NOW, by="w1")

    with pytest.raises(LeaseLost):
        ledger.claims.open_attempt(job, {}, now=NOW)


def test_one_claim_sends_once(ledger: Ledger) -> None:
    job, _ = sent(ledger)

    with pytest.raises(LeaseLost, match="no longer ours"):
        ledger.claims.open_attempt(job, {}, now=NOW)

    assert len(ledger.jobs.attempts(job.id)) == 1
    assert ledger.jobs.get(job.id).attempts == 1


def test_one_claim_sends_once_even_from_two_threads(open_ledger: OpenLedger) -> None:
    one, other = open_ledger(), open_ledger()
    job = claimed(one)

    def send(ledger: Ledger) -> bool:
        try:
            ledger.claims.open_attempt(job, {}, now=NOW)
        except LeaseLost:
            return False
        return True

    assert sorted(at_once(lambda: send(one), lambda: send(other))) == [False, True]
    assert len(one.jobs.attempts(job.id)) == 1


def test_a_success_is_final_and_complete(ledger: Ledger) -> None:
    job, _ = sent(ledger)
    done = NOW + 3 * SECOND
    receipt = Receipt(
        publish_id="p-1",
        provider_status="PUBLISHED",
        permalink="https://x.test/p/1",
        delivered_to_inbox=True,
    )

    outcome = ledger.claims.settle(job, replace(SUCCEEDED, receipt=receipt), now=done, by="w1")

    assert outcome is Settled.MOVED
    stored = ledger.jobs.get(job.id)
    assert (stored.state, stored.reason, stored.settled_at) == (State.SUCCEEDED, "published", done)
    assert (stored.provider_publish_id, stored.provider_status) == ("p-1", "PUBLISHED")
    assert (stored.permalink, stored.delivered_to_inbox) == ("https://x.test/p/1", True)
    assert (stored.lease_until, stored.fault) == (None, None)
    [attempt] = ledger.jobs.attempts(job.id)
    assert (attempt.closed_at, attempt.outcome, attempt.publish_id) == (done, "succeeded", "p-1")
    last = ledger.jobs.events(job.id)[-1]
    assert (last.from_state, last.to_state) == (State.PUBLISHING, State.SUCCEEDED)
    assert (last.at, last.why, last.attempt, last.by) == (done, "published", 1, "w1")


def test_an_accepted_publish_is_polled_from_then_on(ledger: Ledger) -> None:
    stored = settled(ledger, ACCEPTED)

    assert (stored.state, stored.accepted_at) == (State.IN_PROGRESS, NOW)
    assert (stored.next_poll_at, stored.polls) == (NOW + 5 * SECOND, 0)
    assert (stored.settled_at, stored.lease_until) == (None, None)


def test_a_deferral_costs_what_its_settlement_says_and_keeps_run_at(ledger: Ledger) -> None:
    stored = settled(ledger, DEFERRED)

    assert stored.state is State.SCHEDULED
    assert (stored.attempts, stored.deferrals) == (0, 1)
    assert (stored.run_at, stored.due_at) == (NOW, DEFERRED.due_at)
    assert ledger.releases.next_due() == DEFERRED.due_at


def test_a_failed_attempt_leaves_its_fault_on_the_job_and_the_attempt(ledger: Ledger) -> None:
    stored = settled(ledger, FAILED)

    assert (stored.state, stored.fault) == (State.FAILED, FAILED.fault)
    assert ledger.jobs.attempts(stored.id)[0].fault == FAILED.fault


def test_a_later_success_clears_the_fault(ledger: Ledger) -> None:
    job = settled(ledger, RETRYING)
    later = NOW + timedelta(minutes=2)
    release(ledger, now=later)
    [again] = claim(ledger, job.id, now=later)
    ledger.claims.open_attempt(again, {}, now=later)

    ledger.claims.settle(again, SUCCEEDED, now=later, by="w1")

    assert ledger.jobs.get(job.id).fault is None
    assert [each.outcome for each in ledger.jobs.attempts(job.id)] == ["failed", "succeeded"]


def test_an_uncertain_job_waits_for_a_look(ledger: Ledger) -> None:
    stored = settled(ledger, UNCERTAIN)

    assert (stored.state, stored.lost_at) == (State.UNCERTAIN, NOW)
    assert (stored.next_look_at, stored.looks) == (NOW + 2 * SECOND, 0)
    assert ledger.jobs.attempts(stored.id)[0].outcome == "uncertain"


def test_what_failed_while_being_prepared_has_a_closed_attempt(ledger: Ledger) -> None:
    job = claimed(ledger)

    ledger.claims.settle(job, FAILED, now=NOW, by="w1")

    [attempt] = ledger.jobs.attempts(job.id)
    assert (attempt.opened_at, attempt.closed_at) == (NOW, NOW)
    assert (attempt.outcome, attempt.memo, attempt.number) == ("failed", {}, 1)
    assert ledger.jobs.events(job.id)[-1].attempt == 1
    assert ledger.jobs.get(job.id).first_sent_at is None


def test_attempts_stay_numbered_after_one_that_was_never_sent(ledger: Ledger) -> None:
    job = claimed(ledger)
    ledger.claims.settle(job, RETRYING, now=NOW, by="w1")
    later = NOW + timedelta(minutes=1)
    release(ledger, now=later)
    [again] = claim(ledger, job.id, now=later)

    assert ledger.claims.open_attempt(again, {}, now=later).number == 2


def test_a_claim_handed_back_has_no_attempt(ledger: Ledger) -> None:
    job = claimed(ledger)

    back = Settlement(to=State.SCHEDULED, why="the worker stops", due_at=NOW)
    assert ledger.claims.settle(job, back, now=NOW, by="w1") is Settled.MOVED

    assert ledger.jobs.attempts(job.id) == []
    assert ledger.jobs.events(job.id)[-1].attempt is None
    assert ledger.jobs.get(job.id).lease_until is None


def test_what_was_prepared_is_kept_for_the_next_attempt(ledger: Ledger) -> None:
    job, _ = sent(ledger)
    prepared = {"media": ["m1", "m2"], "b": {"a": 1}}

    ledger.claims.settle(job, replace(RETRYING, prepared=prepared), now=NOW, by="w1")

    assert ledger.jobs.get(job.id).prepared == prepared


def test_an_ending_is_final(ledger: Ledger) -> None:
    job, _ = sent(ledger)
    ledger.claims.settle(job, SUCCEEDED, now=NOW, by="w1")
    before = ledger.jobs.get(job.id)

    again = ledger.claims.settle(job, FAILED, now=NOW + SECOND, by="w1")

    assert again is Settled.IGNORED
    assert ledger.jobs.get(job.id) == before
    assert claim(ledger, job.id) == []
    with pytest.raises(IllegalMove):
        ledger.moves.apply(before, Settlement(to=State.SCHEDULED), now=NOW, by="test")


def test_settling_twice_is_settling_once(ledger: Ledger) -> None:
    job, _ = sent(ledger)

    first = ledger.claims.settle(job, SUCCEEDED, now=NOW, by="w1")
    once = (ledger.jobs.get(job.id), ledger.jobs.attempts(job.id), ledger.jobs.events(job.id))
    second = ledger.claims.settle(job, SUCCEEDED, now=NOW + SECOND, by="w1")

    assert (first, second) == (Settled.MOVED, Settled.IGNORED)
    assert once == (
        ledger.jobs.get(job.id),
        ledger.jobs.attempts(job.id),
        ledger.jobs.events(job.id),
    )


def test_a_move_that_the_table_lacks_changes_nothing(ledger: Ledger) -> None:
    job, _ = sent(ledger)
    before = ledger.jobs.get(job.id)

    with pytest.raises(IllegalMove):
        ledger.claims.settle(job, Settlement(to=State.QUEUED), now=NOW, by="w1")

    assert ledger.jobs.get(job.id) == before


def test_one_publish_belongs_to_one_job_of_a_connection(ledger: Ledger) -> None:
    settled(ledger, SUCCEEDED, "first")
    job, attempt = sent(ledger, "second")

    with pytest.raises(PublishClaimed, match="pub-1"):
        ledger.claims.settle(job, SUCCEEDED, now=NOW, by="w1")

    assert ledger.jobs.get(job.id).state is State.PUBLISHING
    assert ledger.jobs.open_attempt(job.id) == attempt
    assert ledger.claims.settle(job, publishing_as(SUCCEEDED, "pub-2"), now=NOW, by="w1")


def test_connections_may_have_publishes_of_the_same_id(ledger: Ledger) -> None:
    settled(ledger, SUCCEEDED, "first")

    assert settled(ledger, SUCCEEDED, "second", connection="wonda-2").state is State.SUCCEEDED


def test_every_job_stands_where_its_events_lead(ledger: Ledger) -> None:
    settlements = [ACCEPTED, DEFERRED, FAILED, RETRYING, UNCERTAIN]
    jobs = [settled(ledger, each, f"r{number}") for number, each in enumerate(settlements)]
    jobs.append(queued(ledger, "queued"))

    assert [folded(ledger, job.id) for job in jobs] == [job.state for job in jobs]


def test_words_that_a_database_cannot_hold_do_not_cost_the_answer(ledger: Ledger) -> None:
    job, _ = sent(ledger)
    assert FAILED.fault
    fault = replace(FAILED.fault, message="half \ud83d a pair, and \0", code="\0")

    ledger.claims.settle(job, replace(FAILED, fault=fault, why="\0"), now=NOW, by="w1")

    stored = ledger.jobs.get(job.id).fault
    assert stored
    assert stored.message.startswith("half ")
    assert "\0" not in stored.message
