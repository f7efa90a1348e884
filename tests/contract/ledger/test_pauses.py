"""Pauses: nothing more goes, what is queued comes back, what is being sent finishes."""

import pytest

from shared.domain.job import Job
from shared.domain.pause import Pausable, Pause, Target
from shared.domain.settlement import Settlement
from shared.domain.states import State
from shared.errors import UnknownName
from shared.ledger import Ledger
from shared.ledger.pauses import Stopped
from tests.contract.ledger.building import (
    NOW,
    SECOND,
    SUCCEEDED,
    UNCERTAIN,
    all_due,
    at_once,
    claim,
    claimed,
    new_job,
    queued,
    release,
    settled,
    statements,
    submit,
)
from tests.contract.ledger.conftest import OpenLedger

ACCOUNT = Target(Pausable.ACCOUNT, "wonda", "a1")
CAMPAIGN = Target(Pausable.CAMPAIGN, "spring")
CONNECTION = Target(Pausable.CONNECTION, "wonda")
PROVIDER = Target(Pausable.PROVIDER, "wonda")
TARGETS = [ACCOUNT, CAMPAIGN, CONNECTION, PROVIDER]


def pause(ledger: Ledger, target: Target) -> Stopped:
    return ledger.pauses.pause(target, why="holiday", now=NOW, by="ann", connections=["wonda"])


def resume(ledger: Ledger, target: Target) -> bool:
    return ledger.pauses.resume(target, now=NOW, connections=["wonda"])


@pytest.mark.parametrize("target", TARGETS, ids=str)
def test_what_waits_rests_until_it_is_resumed(ledger: Ledger, target: Target) -> None:
    [job_id] = submit(ledger, new_job("one"))

    assert pause(ledger, target) == Stopped(new=True, handed_back=0)
    assert ledger.releases.due_lanes(NOW, 10) == []
    assert ledger.releases.next_due() is None
    assert ledger.audits.asleep() == []
    assert [each.paused for each in ledger.backlogs.of_campaign("spring", NOW)] == [True]
    assert ledger.waits.of(job_id, NOW).pause == Pause(target, "ann", "holiday", NOW)

    assert resume(ledger, target)
    assert [each.job_id for each in release(ledger)] == [job_id]


@pytest.mark.parametrize("target", TARGETS, ids=str)
def test_what_is_queued_comes_back_and_is_not_claimed(ledger: Ledger, target: Target) -> None:
    job = queued(ledger)

    assert pause(ledger, target) == Stopped(new=True, handed_back=1)
    assert claim(ledger, job.id) == []
    back = ledger.jobs.get(job.id)
    assert (back.state, back.reason) == (
        State.SCHEDULED,
        f"{target} was paused by ann: holiday",
    )
    assert (back.due_at, back.run_at) == (job.due_at, job.run_at)

    resume(ledger, target)
    [again] = release(ledger)
    assert [each.id for each in claim(ledger, again.job_id)] == [job.id]


@pytest.mark.parametrize("target", TARGETS, ids=str)
def test_what_is_being_sent_finishes(ledger: Ledger, target: Target) -> None:
    job = claimed(ledger)

    assert pause(ledger, target).handed_back == 0
    ledger.claims.open_attempt(job, {}, now=NOW)
    ledger.claims.settle(job, SUCCEEDED, now=NOW, by="w1")

    assert ledger.jobs.get(job.id).state is State.SUCCEEDED


@pytest.mark.parametrize("target", TARGETS, ids=str)
def test_others_go_on(ledger: Ledger, target: Target) -> None:
    submit(ledger, new_job("ours"))
    other = new_job("other", account="a2", connection="agency", provider="wahdx")
    [other_id] = submit(ledger, other, campaign="autumn")

    pause(ledger, target)

    assert [each.job_id for each in release(ledger)] == [other_id]


def test_what_comes_for_another_account_during_a_pause_goes(ledger: Ledger) -> None:
    submit(ledger, new_job("paused", account="a1"), new_job("first", account="a2"))
    release(ledger)
    pause(ledger, ACCOUNT)
    # Its stream is there already, asleep.
    ids = submit(ledger, new_job("later", account="a2"), new_job("also paused", account="a1"))

    assert ledger.audits.asleep() == []
    assert [each.job_id for each in release(ledger)] == ids[:1]


@pytest.mark.parametrize("target", TARGETS, ids=str)
def test_what_comes_during_a_pause_costs_one_look(ledger: Ledger, target: Target) -> None:
    submit(ledger, new_job("before", run_at=NOW + SECOND))
    pause(ledger, target)
    done = ledger.campaigns.submit("spring", [new_job("later")], now=NOW, by="test")

    looked = ledger.releases.release(
        sorted(done.lanes), all_due, horizon=NOW, per_lane=9, wake={}, now=NOW, by="submit"
    )

    assert looked == []
    assert ledger.releases.due_lanes(NOW + 5 * SECOND, 10) == []
    assert ledger.releases.next_due() is None
    resume(ledger, target)
    assert len(release(ledger, now=NOW + SECOND)) == 2


def test_a_claim_that_meets_what_was_paused_meanwhile_hands_it_back(ledger: Ledger) -> None:
    """The pause of a provider that nobody knew to have this connection."""
    job, other = queued(ledger), queued(ledger, "other", provider="wahdx", account="a2")
    assert ledger.pauses.pause(PROVIDER, why="", now=NOW, by="ann").handed_back == 0

    assert [each.id for each in claim(ledger, job.id, other.id)] == [other.id]
    assert ledger.jobs.get(job.id).state is State.SCHEDULED
    assert release(ledger) == []


def test_a_replay_goes_on(ledger: Ledger) -> None:
    lost = settled(ledger, UNCERTAIN)
    again = Settlement(to=State.QUEUED, why="replayed", replay=True)
    assert ledger.moves.apply(lost, again, now=NOW, by="reconcile")

    assert pause(ledger, CAMPAIGN).handed_back == 0
    assert [each.id for each in claim(ledger, lost.id)] == [lost.id]


def test_what_two_pauses_hold_waits_for_both(ledger: Ledger) -> None:
    submit(ledger, new_job("one"))
    for target in TARGETS:
        pause(ledger, target)

    for at, target in enumerate(TARGETS, start=1):
        assert resume(ledger, target)
        assert len(release(ledger)) == (at == len(TARGETS))
        assert ledger.audits.asleep() == []


@pytest.mark.parametrize("target", TARGETS, ids=str)
def test_pausing_twice_pauses_once(ledger: Ledger, target: Target) -> None:
    submit(ledger, new_job("one"))

    assert not resume(ledger, target)
    assert pause(ledger, target).new
    assert not ledger.pauses.pause(target, why="again", now=NOW + SECOND, by="bob").new
    assert ledger.pauses.every() == [Pause(target, "ann", "holiday", NOW)]
    assert resume(ledger, target)
    assert ledger.pauses.every() == []


def test_a_campaign_s_pauses_are_those_that_hold_it(ledger: Ledger) -> None:
    submit(ledger, new_job("one"))
    submit(ledger, new_job("two", account="a2", connection="agency", provider="wahdx"))
    submit(ledger, new_job("other", account="a3"), campaign="autumn")
    for target in TARGETS:
        pause(ledger, target)
    pause(ledger, Target(Pausable.CAMPAIGN, "autumn"))
    pause(ledger, Target(Pausable.ACCOUNT, "wonda", "a3"))
    pause(ledger, Target(Pausable.CONNECTION, "nobody"))

    found = ledger.pauses.of_campaign("spring")

    assert [each.target for each in found] == [*TARGETS[1:], ACCOUNT]


def test_an_unknown_campaign_is_an_error(ledger: Ledger) -> None:
    for work in (pause, resume):
        with pytest.raises(UnknownName):
            work(ledger, Target(Pausable.CAMPAIGN, "nowhere"))


def test_a_tick_does_not_see_what_is_paused(ledger: Ledger) -> None:
    """However many streams a pause holds, a look costs the statements of an empty ledger."""

    def cost() -> int:
        with statements(ledger) as said:
            assert ledger.releases.due_connections(NOW + SECOND) == []
            assert ledger.releases.due_lanes(NOW + SECOND, 100) == []
        return len(said)

    empty = cost()
    submit(ledger, *(new_job(f"r{at}", account=f"a{at}") for at in range(40)))
    pause(ledger, CONNECTION)

    assert cost() == empty


def test_of_a_pause_and_claims_at_once_each_job_has_one(open_ledger: OpenLedger) -> None:
    ledgers = [open_ledger() for _ in range(4)]
    ids = [queued(ledgers[0], f"r{at}", account=f"a{at}").id for at in range(12)]

    def take(at: int) -> list[Job]:
        return claim(ledgers[at], *ids[at - 1 :: 3], owner=f"w{at}")

    def stop() -> list[Job]:
        pause(ledgers[0], CAMPAIGN)
        return []

    claims = at_once(
        stop,
        lambda: take(1),
        lambda: take(2),
        lambda: take(3),
    )

    sent = {job.id for each in claims for job in each}
    states = {each: ledgers[0].jobs.get(each).state for each in ids}
    assert {each for each in ids if states[each] is State.PUBLISHING} == sent
    assert {each for each in ids if states[each] is State.SCHEDULED} == set(ids) - sent
    assert release(ledgers[0]) == []


def test_of_a_pause_and_releases_at_once_nothing_stays_queued(open_ledger: OpenLedger) -> None:
    ledgers = [open_ledger() for _ in range(3)]
    submit(ledgers[0], *(new_job(f"r{at}", account=f"a{at}") for at in range(20)))

    at_once(
        lambda: pause(ledgers[0], CAMPAIGN),
        lambda: release(ledgers[1]),
        lambda: release(ledgers[2]),
    )

    jobs = ledgers[0].reports.jobs("spring")
    assert {each.state for each in jobs} == {State.SCHEDULED}
    assert release(ledgers[0]) == []
    assert ledgers[0].audits.asleep() == []
    resume(ledgers[0], CAMPAIGN)
    assert len(release(ledgers[0])) == len(jobs)


def test_of_a_resume_and_a_look_at_once_nothing_stays_asleep(open_ledger: OpenLedger) -> None:
    ledgers = [open_ledger() for _ in range(3)]
    submit(ledgers[0], *(new_job(f"r{at}", account=f"a{at}") for at in range(20)))
    for turn in range(3):
        pause(ledgers[0], CAMPAIGN)
        submit(ledgers[0], new_job(f"more {turn}", account="a0"))
        at_once(
            lambda: resume(ledgers[0], CAMPAIGN),
            lambda: release(ledgers[1], lambda _: []),
            lambda: release(ledgers[2], lambda _: []),
        )
        assert ledgers[0].audits.asleep() == []
