"""Dispatch: what is due goes, as far as the limits admit it, each job once."""

from collections import Counter as Count
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from shared.dispatch import JOBS, LANES, PER_LANE, ROUNDS
from shared.domain.limit import Call, Limit, Reach, Scope
from shared.domain.outcome import ErrorClass
from shared.domain.pause import Pausable, Target
from shared.domain.release import LOOK_AHEAD, Lateness, LatePolicy
from shared.domain.settlement import Hold, Settlement
from shared.domain.states import State
from tests.contract.ledger.building import at_once, statements
from tests.support.dispatching import Counter, counter
from tests.support.sqlite import fresh_ledger

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Counter]:
    with counter(fresh_ledger(tmp_path / "dropline.db")) as made:
        yield made


def test_due_jobs_are_queued_and_rung_for_and_others_wait(desk: Counter) -> None:
    due = desk.add(3)
    desk.add(2, account="later", run_at=desk.in_(minutes=1))
    assert desk.tick() == due
    assert Count(desk.states().values()) == {State.QUEUED: 3, State.SCHEDULED: 2}
    assert desk.tick() == []
    desk.clock.move(MINUTE)
    assert len(desk.tick()) == 2


def test_a_job_is_released_the_look_ahead_before_its_time_and_not_sooner(desk: Counter) -> None:
    (job_id,) = desk.add(run_at=desk.in_(seconds=10))
    desk.clock.move(timedelta(seconds=9.9) - LOOK_AHEAD)
    assert desk.tick() == []
    desk.clock.move(timedelta(seconds=0.1))
    assert desk.tick() == [job_id]


def test_what_is_due_first_is_rung_for_first(desk: Counter) -> None:
    (later,) = desk.add(run_at=desk.in_(seconds=1.5), ref="later")
    (sooner,) = desk.add(run_at=desk.in_(seconds=0.5), ref="sooner", account="a2")
    (late,) = desk.add(run_at=desk.in_(seconds=-9), ref="late", account="a3")
    assert desk.tick() == [late, sooner, later]


def test_a_lane_has_only_so_many_on_their_way(desk: Counter) -> None:
    ids = desk.add(PER_LANE + 3)
    assert desk.tick() == ids[:PER_LANE]
    desk.clock.move(2 * SECOND)
    assert desk.tick() == []
    desk.claim(*ids[:PER_LANE])
    desk.clock.move(2 * SECOND)
    assert desk.tick() == []
    done = Settlement(to=State.FAILED, why="refused", outcome="failed")
    for job in (desk.ledger.jobs.get(each) for each in ids[:2]):
        desk.ledger.claims.settle(job, done, now=desk.clock.now(), by="w")
    desk.clock.move(2 * SECOND)
    assert desk.tick() == ids[PER_LANE : PER_LANE + 2]


def test_lanes_take_turns_so_that_a_long_campaign_starves_nobody(desk: Counter) -> None:
    long = desk.add(6, account="long")
    desk.clock.move(SECOND)
    (short,) = desk.add(1, account="short")
    rung = desk.tick()
    assert short in rung[:2]
    assert [job for job in rung if job != short] == long


def test_one_tick_releases_a_bounded_number(desk: Counter) -> None:
    for number in range(LANES + 5):
        desk.add(PER_LANE, account=f"a{number}")
    assert JOBS <= len(desk.tick()) < ROUNDS * JOBS


def test_a_connection_s_limit_bounds_what_goes_over_all_its_lanes(desk: Counter) -> None:
    desk.limits = [Limit(requests=5, per=MINUTE)]
    for account in ("a1", "a2", "a3"):
        desk.add(4, account=account)
    assert len(desk.tick()) == 5


def test_a_limit_of_one_connection_is_no_other_one_s(desk: Counter) -> None:
    desk.limits = [Limit(requests=2, per=MINUTE)]
    desk.add(4, connection="wonda")
    desk.add(4, connection="genviral")
    desk.tick()
    queued = [job.connection for job in desk.jobs() if job.state is State.QUEUED]
    assert Count(queued) == {"wonda": 2, "genviral": 2}


def test_an_account_s_limit_bounds_its_own_lane(desk: Counter) -> None:
    desk.limits = [Limit(requests=1, per=HOUR, reach=Reach.ACCOUNT)]
    desk.add(4, account="a1")
    desk.add(4, account="a2")
    desk.tick()
    queued = [job.post.account_id for job in desk.jobs() if job.state is State.QUEUED]
    assert Count(queued) == {"a1": 1, "a2": 1}


def test_what_is_in_flight_counts_as_spent(desk: Counter) -> None:
    desk.limits = [Limit(requests=5, per=MINUTE)]
    ids = desk.add(3, account="a1")
    assert desk.tick() == ids
    desk.claim(ids[0])
    desk.add(4, account="a2")
    desk.clock.move(SECOND)
    assert len(desk.tick()) == 2


def test_a_spent_limit_lets_nothing_go_until_it_opens(desk: Counter) -> None:
    desk.limits = [Limit(requests=2, per=MINUTE)]
    for _ in range(2):
        scope = Scope("wonda", "a1")
        assert desk.limiter.admit(scope, Call.STATUS, 1, desk.clock.now()).granted
    (job_id,) = desk.add()
    assert desk.tick() == []
    assert desk.states()[job_id] is State.SCHEDULED
    desk.clock.move(MINUTE + SECOND)
    assert desk.tick() == [job_id]


def test_a_blocked_connection_costs_the_same_however_much_waits(desk: Counter) -> None:
    desk.limiter.block(Scope("wonda"), desk.in_(minutes=10), "429", desk.clock.now())
    desk.add(1, account="first")
    with statements(desk.ledger) as for_one:
        assert desk.tick() == []
    for number in range(20):
        desk.add(3, account=f"a{number}")
    with statements(desk.ledger) as for_many:
        assert desk.tick() == []
    assert len(for_many) == len(for_one)
    desk.clock.move(timedelta(minutes=10, seconds=1))
    assert len(desk.tick()) == 61


def test_a_blocked_lane_is_not_looked_at_before_it_may_go(desk: Counter) -> None:
    desk.add(3, account="a1")
    (free,) = desk.add(1, account="a2")
    until = desk.in_(minutes=10)
    desk.limiter.block(Scope("wonda", "a1"), until, "429", desk.clock.now())
    assert desk.tick() == [free]
    assert desk.ledger.releases.due_lanes(until - SECOND, 10) == []
    desk.clock.move(timedelta(minutes=10, seconds=1))
    assert len(desk.tick()) == 3


def test_a_limit_that_opens_within_the_look_ahead_lets_a_job_go_to_the_worker(
    desk: Counter,
) -> None:
    (job_id,) = desk.add()
    desk.limiter.block(Scope("wonda"), desk.in_(seconds=3), "429", desk.clock.now())
    assert desk.tick() == []
    desk.clock.move(SECOND)
    assert desk.tick() == [job_id]


def test_a_job_submitted_to_a_blocked_lane_still_waits(desk: Counter) -> None:
    until = desk.in_(minutes=10)
    desk.limiter.block(Scope("wonda"), until, "429", desk.clock.now())
    desk.add(1, ref="first")
    assert desk.tick() == []
    desk.add(1, ref="second")
    assert desk.tick() == []


def test_submit_lets_only_its_own_lanes_go(desk: Counter) -> None:
    desk.add(1, account="mine")
    desk.add(1, account="other")
    (mine, _) = desk.ledger.releases.due_lanes(desk.clock.now(), 10)
    assert desk.dispatcher.submit({mine.id}, "test") == 1
    assert len(desk.bell.rung) == 1


def test_equal_posts_of_one_account_go_one_at_a_time(desk: Counter) -> None:
    first, second = desk.add(2, caption="the same")
    assert desk.tick() == [first]
    desk.clock.move(2 * SECOND)
    assert desk.tick() == []
    (job,) = desk.claim(first)
    done = Settlement(to=State.FAILED, why="refused", outcome="failed")
    desk.ledger.claims.settle(job, done, now=desk.clock.now(), by="w")
    desk.clock.move(2 * SECOND)
    assert desk.tick() == [second]


def test_a_paused_lane_lets_nothing_go(desk: Counter) -> None:
    (job_id,) = desk.add()
    now = desk.clock.now()
    bread = Target(Pausable.ACCOUNT, "wonda", "a1")
    desk.ledger.pauses.pause(bread, why="mia says so", now=now, by="mia")
    assert desk.tick() == []
    desk.ledger.pauses.resume(bread, now=now)
    assert desk.tick() == [job_id]


def test_what_comes_too_late_fails_and_is_not_rung_for(desk: Counter) -> None:
    (job_id,) = desk.add(run_at=desk.in_(seconds=1), not_after=desk.in_(minutes=1))
    desk.clock.move(MINUTE + SECOND)
    assert desk.tick() == []
    job = desk.ledger.jobs.get(job_id)
    assert job.state is State.FAILED
    assert job.fault is not None
    assert job.fault.error_class is ErrorClass.TOO_LATE


def test_a_queued_job_whose_time_runs_out_fails_before_it_is_sent(desk: Counter) -> None:
    (job_id,) = desk.add(not_after=desk.in_(minutes=1))
    desk.tick()
    desk.clock.move(MINUTE + SECOND)
    desk.tick()
    assert desk.states()[job_id] is State.FAILED
    assert desk.claim(job_id) == []


@pytest.mark.parametrize(
    ("lateness", "state", "hold"),
    [
        (Lateness.PUBLISH, State.QUEUED, None),
        (Lateness.SKIP, State.FAILED, None),
        (Lateness.HOLD, State.HELD, Hold.LATE),
    ],
)
def test_the_late_policy_decides_over_what_is_late(
    desk: Counter, lateness: Lateness, state: State, hold: Hold | None
) -> None:
    desk.late_policy("wonda", LatePolicy(lateness, HOUR))
    (late,) = desk.add(account="late")
    (other,) = desk.add(connection="genviral")
    desk.clock.move(2 * HOUR)
    (in_time,) = desk.add(account="in time")
    desk.tick()
    job = desk.ledger.jobs.get(late)
    assert (job.state, job.hold) == (state, hold)
    assert desk.states()[in_time] is State.QUEUED
    assert desk.states()[other] is State.QUEUED


def test_a_job_that_was_deferred_is_not_late(desk: Counter) -> None:
    desk.late_policy("wonda", LatePolicy(Lateness.SKIP, HOUR))
    (job_id,) = desk.add()
    desk.tick()
    (job,) = desk.claim(job_id)
    deferred = Settlement(
        to=State.SCHEDULED, why="429", deferrals=1, due_at=desk.in_(hours=2), outcome="deferred"
    )
    desk.ledger.claims.settle(job, deferred, now=desk.clock.now(), by="w")
    desk.clock.move(timedelta(hours=3))
    assert desk.tick() == [job_id]


def test_jobs_of_a_connection_that_left_the_settings_disturb_nobody(desk: Counter) -> None:
    desk.add(1, connection="genviral")
    del desk.connections["genviral"]
    (job_id,) = desk.add(1, connection="wonda")
    assert job_id in desk.tick()


def test_two_dispatchers_at_once_queue_each_job_once(postgres_url: str) -> None:
    with counter(postgres_url) as desk:
        for account in range(40):
            desk.add(4, account=f"a{account}")
        dispatchers = [desk.another() for _ in range(4)]
        at_once(*(lambda one=one, n=n: one.tick(f"s{n}") for n, one in enumerate(dispatchers)))
        desk.clock.move(2 * SECOND)
        desk.tick()
        assert len(desk.bell.rung) == 160
        assert len(set(desk.bell.rung)) == 160
        assert set(desk.states().values()) == {State.QUEUED}
        for job_id in desk.bell.rung[::20]:
            moves = [event.to_state for event in desk.ledger.jobs.events(job_id)]
            assert moves == [State.SCHEDULED, State.QUEUED]


def test_what_several_dispatchers_let_go_at_once_is_spent_for_all(postgres_url: str) -> None:
    with counter(postgres_url) as desk:
        desk.limits = [Limit(requests=10, per=HOUR)]
        for account in range(20):
            desk.add(2, account=f"a{account}")
        dispatchers = [desk.another() for _ in range(4)]
        at_once(*(lambda one=one, n=n: one.tick(f"s{n}") for n, one in enumerate(dispatchers)))
        released = list(desk.bell.rung)
        assert len(released) == len(set(released)) >= 10
        desk.clock.move(2 * SECOND)
        assert desk.tick() == []
