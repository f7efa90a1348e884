"""Account sync: health holds jobs and lets them go again."""

from datetime import timedelta

from shared.domain.settlement import Hold
from shared.domain.states import State
from tests.support.scene import Scene, Scheduler

STALE = timedelta(minutes=5, seconds=1)


def sync(stage: Scene, *, connected: bool) -> None:
    status = "active" if connected else "expired"
    stage.sandbox.set_account_status("posteverywhere", "4101", status)
    stage.move(STALE)
    stage.scheduler.sync()


def test_jobs_of_an_account_that_cannot_post_are_held_and_resume(stage: Scene) -> None:
    waiting = stage.in_state(State.SCHEDULED, "posteverywhere")
    queued = stage.submitted("posteverywhere", ref="now", caption="now")
    sync(stage, connected=False)
    for job in (stage.job(waiting), stage.job(queued)):
        assert (job.state, job.hold) == (State.HELD, Hold.ACCOUNT)
        assert job.reason
    assert stage.scheduler.dispatch() == 0

    sync(stage, connected=True)
    assert stage.job(waiting).state is State.SCHEDULED
    assert stage.job(waiting).due_at == stage.job(waiting).run_at
    assert stage.scheduler.dispatch() == 1
    assert stage.work(queued).state is State.IN_PROGRESS


def test_what_is_at_the_provider_goes_on(stage: Scene) -> None:
    job_id = stage.in_state(State.IN_PROGRESS, "posteverywhere")
    sync(stage, connected=False)
    assert stage.job(job_id).state in {State.IN_PROGRESS, State.SUCCEEDED}


def test_other_accounts_are_untouched(stage: Scene) -> None:
    later = (stage.clock.now() + timedelta(days=1)).isoformat()
    other = stage.submitted("posteverywhere", account="4109", run_at=later)
    sync(stage, connected=False)
    assert stage.job(other).state is State.SCHEDULED


def test_an_account_that_is_no_longer_listed_holds_its_jobs(stage: Scene) -> None:
    job_id = stage.in_state(State.SCHEDULED)
    account_id = stage.job(job_id).post.account_id
    gone = stage.sandbox.providers["genviral"].accounts.pop(account_id)
    stage.move(STALE)
    stage.scheduler.sync()
    assert "no longer listed" in stage.job(job_id).reason
    stage.sandbox.providers["genviral"].accounts[account_id] = gone
    stage.move(STALE)
    stage.scheduler.sync()
    assert stage.job(job_id).state is State.SCHEDULED


def test_fresh_accounts_are_not_asked_for_again(stage: Scene) -> None:
    stage.scheduler.sync()
    before = stage.asked("accounts")
    assert before >= 4
    stage.move(timedelta(minutes=4))
    stage.scheduler.sync()
    assert stage.asked("accounts") == before


def test_the_next_scheduler_finds_them_fresh(stage: Scene) -> None:
    stage.scheduler.sync()
    before = stage.asked("accounts")
    Scheduler(stage.parts, "other@test").sync()
    assert stage.asked("accounts") == before


def test_a_provider_that_is_away_changes_nobody_s_health(stage: Scene) -> None:
    job_id = stage.in_state(State.SCHEDULED)
    accounts = stage.ledger.accounts.list()
    stage.sandbox.add_fault("error_before", call="accounts", status=503, count=None)
    stage.move(STALE)
    stage.scheduler.sync()
    assert stage.job(job_id).state is State.SCHEDULED
    assert stage.ledger.accounts.list() == accounts


def test_a_refused_key_changes_nobody_s_health(stage: Scene) -> None:
    job_id = stage.in_state(State.SCHEDULED)
    stage.sandbox.add_fault("error_before", call="accounts", status=401, count=None)
    stage.move(STALE)
    stage.scheduler.sync()
    assert stage.job(job_id).state is State.SCHEDULED
