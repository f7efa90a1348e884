"""Reconciling: the tick that looks for lost publishes, once each, whoever looks."""

from datetime import timedelta

import pytest

from shared.cli.exits import ExitCode
from shared.cli.reconcile import code_of_look
from shared.domain.lost import Sighting
from shared.domain.outcome import Receipt
from shared.domain.settlement import Hold, Settlement
from shared.domain.states import State
from shared.errors import UnknownName
from shared.provider import Lost, Provider
from shared.wire.wire import Wire
from tests.contract.ledger.building import at_once
from tests.support.scene import Scene, Scheduler

SECOND = timedelta(seconds=1)


def uncertain(stage: Scene, provider: str, fault: str) -> int:
    stage.sandbox.add_fault(fault, provider=provider, call="publish")
    job_id = stage.submitted(provider)
    assert stage.work(job_id).state is State.UNCERTAIN
    return job_id


def look(stage: Scene, job_id: int) -> State:
    due = stage.job(job_id).next_look_at
    assert due is not None
    stage.move(due - stage.clock.now())
    stage.scheduler.reconcile()
    return stage.job(job_id).state


@pytest.mark.parametrize("provider", ["wonda", "posteverywhere"])
def test_a_publish_that_is_there_is_adopted_and_settles(stage: Scene, provider: str) -> None:
    job_id = uncertain(stage, provider, "lost_answer")
    for _ in range(4):
        if look(stage, job_id) is not State.UNCERTAIN:
            break
    assert stage.job(job_id).state in {State.IN_PROGRESS, State.SUCCEEDED}
    stage.move(timedelta(minutes=2))
    stage.scheduler.settle()
    assert stage.job(job_id).state is State.SUCCEEDED
    assert len(stage.sandbox.stored()) == 1


@pytest.mark.parametrize("provider", ["wonda", "posteverywhere"])
def test_a_publish_that_never_was_is_sent_again_after_two_looks(
    stage: Scene, provider: str
) -> None:
    job_id = uncertain(stage, provider, "drop_before")
    lost_at = stage.clock.now()
    looks = 0
    while stage.job(job_id).state is State.UNCERTAIN:
        look(stage, job_id)
        looks += 1
    assert looks >= 2
    assert stage.clock.now() - lost_at >= timedelta(seconds=30)
    job = stage.job(job_id)
    assert job.state is State.RETRYING
    stage.move(job.due_at - stage.clock.now())
    assert stage.scheduler.dispatch() == 1
    stage.work(job_id)
    assert len(stage.sandbox.stored()) == 1


def test_absence_is_believed_as_of_when_it_was_asked_for_not_of_when_it_was_answered(
    stage: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = uncertain(stage, "wonda", "drop_before")
    assert look(stage, job_id) is State.UNCERTAIN
    wonda = type(stage.parts.connected("wonda").provider)
    find = wonda.find

    def find_and_wait(provider: Provider, lost: Lost, wire: Wire) -> Sighting:
        sighting = find(provider, lost, wire)
        stage.move(timedelta(seconds=40))
        return sighting

    monkeypatch.setattr(wonda, "find", find_and_wait)
    job, attempt = stage.job(job_id), stage.ledger.jobs.last_attempt(job_id)
    assert job.next_look_at is not None
    assert attempt is not None
    assert stage.clock.now() < job.next_look_at - timedelta(seconds=20)

    assert stage.parts.reconciler.look(job, attempt, "mia").state is State.UNCERTAIN


@pytest.mark.parametrize("fault", ["drop_before", "lost_answer"])
def test_a_replay_is_rung_for_and_stores_it_once(stage: Scene, fault: str) -> None:
    job_id = uncertain(stage, "genviral", fault)
    stage.bell.rung.clear()
    state = look(stage, job_id)
    if state is State.QUEUED:
        assert stage.bell.rung == [job_id]
        state = stage.work(job_id).state
    assert state in {State.IN_PROGRESS, State.SUCCEEDED}
    assert len(stage.sandbox.stored()) == 1


def test_a_provider_that_does_not_answer_is_asked_again(stage: Scene) -> None:
    job_id = uncertain(stage, "wonda", "drop_before")
    for call in ("history", "status"):
        stage.sandbox.add_fault("error_before", provider="wonda", call=call, count=None)
    for _ in range(6):
        assert look(stage, job_id) is State.UNCERTAIN
    job = stage.job(job_id)
    assert job.looks == 0
    assert job.next_look_at is not None
    attempt = stage.parts.ledger.jobs.last_attempt(job_id)
    assert attempt is not None
    looked = stage.parts.reconciler.look(job, attempt, "test")
    assert code_of_look(looked) is ExitCode.UNREACHABLE


def test_nothing_is_looked_for_before_its_time(stage: Scene) -> None:
    job_id = uncertain(stage, "wonda", "lost_answer")
    before = len(stage.sandbox.requests())
    stage.scheduler.reconcile()
    assert len(stage.sandbox.requests()) == before
    assert stage.job(job_id).state is State.UNCERTAIN


def test_two_schedulers_look_once(stage: Scene) -> None:
    uncertain(stage, "posteverywhere", "lost_answer")
    other = Scheduler(stage.parts, "other@test")
    stage.move(timedelta(minutes=1))
    before = stage.asked("history")
    at_once(stage.scheduler.reconcile, other.reconcile)
    other.fanout.drain()
    assert stage.asked("history") == before + 1


def test_a_post_whose_id_another_job_was_told_is_not_sent_again(stage: Scene) -> None:
    job_id = uncertain(stage, "wonda", "lost_answer")
    [stored] = stage.sandbox.stored()
    other = stage.submitted("wonda", ref="other", caption="Another one entirely")
    publishing_of(stage, other, stored["publish_id"])
    for _ in range(4):
        if look(stage, job_id) is not State.UNCERTAIN:
            break
    job = stage.job(job_id)
    assert (job.state, job.hold) == (State.HELD, Hold.LOST_ANSWER)
    assert stored["publish_id"] in job.reason


def publishing_of(stage: Scene, job_id: int, publish_id: str) -> None:
    """Let the provider answer the job's call with this id, whosever it is."""
    ledger, now = stage.parts.ledger, stage.clock.now()
    [job] = ledger.claims.claim([job_id], owner="w", lease=timedelta(minutes=1), now=now, by="w")
    ledger.claims.open_attempt(job, {}, now=now)
    receipt = Receipt(publish_id=publish_id, provider_status="queued")
    taken = Settlement(to=State.IN_PROGRESS, why="accepted", outcome="accepted", receipt=receipt)
    ledger.claims.settle(job, taken, now=now, by="w")


def test_two_lost_posts_never_adopt_the_same_publish(stage: Scene) -> None:
    first = uncertain(stage, "posteverywhere", "lost_answer")
    stage.sandbox.add_fault("drop_before", provider="posteverywhere", call="publish")
    second = stage.submitted("posteverywhere", ref="second", caption="Another one entirely")
    assert stage.work(second).state is State.UNCERTAIN
    for _ in range(8):
        stage.move(timedelta(seconds=20))
        stage.scheduler.reconcile()
    assert stage.job(first).provider_publish_id
    assert stage.job(second).provider_publish_id is None
    assert stage.job(second).state is State.RETRYING


def test_a_job_whose_connection_left_the_settings_waits_and_says_so(stage: Scene) -> None:
    job_id = uncertain(stage, "wonda", "lost_answer")
    del stage.parts.connections["wonda"]  # type: ignore[attr-defined]
    stage.move(timedelta(minutes=1))
    stage.scheduler.reconcile()
    job = stage.job(job_id)
    assert job.state is State.UNCERTAIN
    attempt = stage.ledger.jobs.last_attempt(job_id)
    assert attempt is not None
    with pytest.raises(UnknownName, match="wonda"):
        stage.parts.reconciler.look(job, attempt, "mia")


def test_what_a_lost_look_finds_too_late_is_not_forced_on_a_job(stage: Scene) -> None:
    job_id = uncertain(stage, "posteverywhere", "lost_answer")
    stale = stage.job(job_id)
    attempt = stage.ledger.jobs.last_attempt(job_id)
    assert attempt is not None
    stage.move(timedelta(seconds=5))
    stage.scheduler.reconcile()
    adopted = stage.job(job_id)
    assert adopted.provider_publish_id is not None
    stage.parts.reconciler.look(stale, attempt, "slow")
    assert stage.job(job_id) == adopted


def test_past_the_key_s_trusted_life_nothing_is_replayed_or_sent(stage: Scene) -> None:
    job_id = uncertain(stage, "genviral", "drop_before")
    for call in ("history", "status"):
        stage.sandbox.add_fault("error_before", provider="genviral", call=call, count=None)
    window = stage.parts.connected("genviral").provider.capabilities.replay_window
    assert window is not None
    stage.move(window + SECOND)
    stage.scheduler.reconcile()
    stage.sandbox.clear_faults()
    stage.move(timedelta(hours=1))
    stage.scheduler.reconcile()
    job = stage.job(job_id)
    assert (job.state, job.hold) == (State.HELD, Hold.LOST_ANSWER)
    assert stage.sandbox.stored() == []
