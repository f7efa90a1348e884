import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection

from shared.domain.outcome import ErrorClass
from shared.domain.pause import Pausable, Target
from shared.domain.post import Media
from shared.domain.release import Lane, Lateness, LatePolicy
from shared.domain.settlement import Hold, Settlement
from shared.domain.states import State
from shared.ledger import Ledger, tables
from shared.ledger.events import Stamp
from shared.ledger.moves import move
from shared.ledger.releases import DueLane
from shared.ledger.streams import PAUSE
from tests.contract.ledger.building import (
    DEFERRED,
    FAILED,
    NOW,
    RETRYING,
    SECOND,
    SUCCEEDED,
    UNCERTAIN,
    all_due,
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

HOUR = timedelta(hours=1)


def lanes_of(ledger: Ledger, *jobs: int) -> list[int]:
    """The lanes, in order, of jobs that are due."""
    places = {(lane.connection, lane.account_id): lane.id for lane in due_lanes(ledger)}
    seen = [ledger.jobs.get(each) for each in jobs]
    return [places[job.connection, job.post.account_id] for job in seen]


def due_lanes(ledger: Ledger) -> list[DueLane]:
    return ledger.releases.due_lanes(NOW, 1000)


def nothing(_: Sequence[Lane]) -> list[int]:
    return []


def test_lanes_come_by_the_time_they_wait_for(ledger: Ledger) -> None:
    submit(
        ledger,
        new_job("third", account="a3"),
        new_job("first", account="a1", run_at=NOW - 2 * HOUR),
        new_job("second", account="a2", run_at=NOW - HOUR),
        new_job("future", account="a4", run_at=NOW + HOUR),
    )

    assert [lane.account_id for lane in due_lanes(ledger)] == ["a1", "a2", "a3"]
    assert [lane.account_id for lane in ledger.releases.due_lanes(NOW, 1)] == ["a1"]


def test_a_due_lane_tells_what_is_on_its_way(ledger: Ledger) -> None:
    queued(ledger, "one")
    claimed(ledger, "two")
    settled(ledger, UNCERTAIN, "three")
    settled(ledger, SUCCEEDED, "four")
    submit(ledger, new_job("five"), new_job("six", account="a2"))

    assert {lane.account_id: lane.in_flight for lane in due_lanes(ledger)} == {"a1": 2, "a2": 0}
    assert ledger.releases.in_flight() == {"wonda": 2}


def test_in_flight_is_counted_by_connection_until_it_is_sent(ledger: Ledger) -> None:
    queued(ledger, "one")
    sent(ledger, "being sent")
    queued(ledger, "two", connection="agency", provider="wahdx")

    assert ledger.releases.in_flight() == {"wonda": 1, "agency": 1}


def test_a_paused_lane_rests_until_it_is_resumed(ledger: Ledger) -> None:
    [job_id] = submit(ledger, new_job("one"))
    [lane] = lanes_of(ledger, job_id)
    bread = Target(Pausable.ACCOUNT, "wonda", "a1")
    assert ledger.pauses.pause(bread, why="holiday", now=NOW, by="ann").new

    assert due_lanes(ledger) == []
    assert ledger.releases.next_due() is None
    released = ledger.releases.release(
        [lane], all_due, horizon=NOW, per_lane=5, wake={}, now=NOW, by="test"
    )
    assert released == []

    assert ledger.pauses.resume(bread, now=NOW)
    assert len(release(ledger)) == 1


def test_choose_sees_each_lane_with_its_first_due_jobs(ledger: Ledger) -> None:
    queued(ledger, "busy", account="a3")
    ids = submit(
        ledger,
        new_job("late", run_at=NOW - SECOND),
        new_job("now-1"),
        new_job("now-2"),
        new_job("early", run_at=NOW - HOUR),
        new_job("future", run_at=NOW + SECOND),
        new_job("other", account="a2", connection="agency"),
    )
    seen: list[Lane] = []

    def look(lanes: Sequence[Lane]) -> list[int]:
        seen.extend(lanes)
        return []

    first, second = lanes_of(ledger, ids[0], ids[5])
    release(ledger, look, per_lane=3)

    by_id = {lane.id: lane for lane in seen}
    lane = by_id[first]
    assert (lane.connection, lane.account_id, lane.in_flight) == ("wonda", "a1", 0)
    assert [stream.due for stream in lane.streams] == [[ids[3], ids[0], ids[1]]]
    assert by_id[second].due == [ids[5]]


def test_lanes_are_chosen_from_in_the_order_asked_for(ledger: Ledger) -> None:
    ids = submit(ledger, *(new_job(f"r{each}", account=f"a{each}") for each in range(5)))
    lanes = list(reversed(lanes_of(ledger, *ids)))

    released = ledger.releases.release(
        lanes, all_due, horizon=NOW, per_lane=5, wake={}, now=NOW, by="test"
    )

    assert [each.job_id for each in released] == list(reversed(ids))


def test_chosen_jobs_are_queued_and_returned_in_the_chosen_order(ledger: Ledger) -> None:
    deferred = settled(ledger, replace(RETRYING, due_at=NOW), "four")
    ids = submit(ledger, new_job("one"), new_job("two"), new_job("three"))

    chosen = [deferred.id, ids[2], ids[0]]
    released = release(ledger, lambda _: chosen)

    assert [each.job_id for each in released] == chosen
    assert {each.connection for each in released} == {"wonda"}
    job = ledger.jobs.get(deferred.id)
    assert (job.state, job.queued_at) == (State.QUEUED, NOW)
    assert released[0].due_at == job.due_at
    assert ledger.jobs.events(deferred.id)[-1].from_state is State.RETRYING
    assert all(folded(ledger, each) is State.QUEUED for each in chosen)
    assert ledger.jobs.get(ids[1]).state is State.SCHEDULED


def test_what_was_not_chosen_waits_and_its_lane_is_looked_at_by_the_next_tick(
    ledger: Ledger,
) -> None:
    ids = submit(ledger, new_job("one"), new_job("two"))

    release(ledger, lambda lanes: lanes[0].due[:1])

    assert ledger.jobs.get(ids[1]).state is State.SCHEDULED
    assert ledger.releases.next_due() == NOW + PAUSE
    assert [each.job_id for each in release(ledger, now=NOW + SECOND)] == [ids[1]]


def test_a_lane_sleeps_until_its_next_job_is_due(ledger: Ledger) -> None:
    submit(ledger, new_job("one"), new_job("two", run_at=NOW + HOUR))

    release(ledger)

    assert ledger.releases.next_due() == NOW + HOUR


def test_a_lane_without_waiting_jobs_is_not_looked_at(ledger: Ledger) -> None:
    submit(ledger, new_job("one"))

    release(ledger)

    assert ledger.releases.next_due() is None
    assert due_lanes(ledger) == []


def test_a_lane_is_not_looked_at_before_its_limits_admit_anything(ledger: Ledger) -> None:
    [job_id] = submit(ledger, new_job("one"))
    [lane] = lanes_of(ledger, job_id)

    release(ledger, nothing, wake={lane: NOW + HOUR})

    assert ledger.releases.next_due() == NOW + HOUR
    ledger.releases.pull_forward({lane}, NOW + SECOND)
    assert ledger.releases.next_due() == NOW + SECOND


def test_a_new_job_wakes_a_sleeping_lane(ledger: Ledger) -> None:
    submit(ledger, new_job("one", run_at=NOW + HOUR))
    submit(ledger, new_job("two", run_at=NOW + SECOND))

    assert ledger.releases.next_due() == NOW + SECOND


def test_jobs_of_equal_content_in_one_lane_go_one_at_a_time(ledger: Ledger) -> None:
    ids = submit(ledger, *(new_job(f"r{each}", caption="same") for each in range(3)))
    [elsewhere] = submit(ledger, new_job("elsewhere", caption="same", account="a2"))

    released = [each.job_id for each in release(ledger)]
    assert sorted(released) == [ids[0], elsewhere]
    assert release(ledger, now=NOW + 2 * SECOND) == []

    [job] = claim(ledger, ids[0])
    assert release(ledger, now=NOW + 4 * SECOND) == []

    ledger.claims.settle(job, UNCERTAIN, now=NOW, by="w1")
    assert release(ledger, now=NOW + 6 * SECOND) == []

    ledger.moves.apply(ledger.jobs.get(job.id), SUCCEEDED, now=NOW, by="look")
    released = [each.job_id for each in release(ledger, now=NOW + 8 * SECOND)]
    assert released == [ids[1]]


def test_a_twin_on_its_way_does_not_stop_the_rest_of_the_lane(ledger: Ledger) -> None:
    submit(ledger, *(new_job(f"r{each}", caption="same") for each in range(9)))
    [other] = submit(ledger, new_job("other"))

    release(ledger, lambda lanes: lanes[0].due[:1], per_lane=1)
    released = release(ledger, now=NOW + 2 * SECOND, per_lane=1)

    assert [each.job_id for each in released] == [other]


def test_two_releases_at_once_queue_each_job_once(open_ledger: OpenLedger) -> None:
    one, other = open_ledger(), open_ledger()
    ids = submit(one, *(new_job(f"r{each}", account=f"a{each % 20}") for each in range(200)))

    first, second = at_once(lambda: release(one), lambda: release(other))

    released = [each.job_id for each in [*first, *second]]
    assert len(set(released)) == len(released)
    assert all(len(one.jobs.events(each)) == 2 for each in released)
    # Lanes that the other held are left to it; what is left over goes in the next round.
    released += [each.job_id for each in release(one, now=NOW + 2 * SECOND)]
    assert sorted(released) == ids


def test_a_job_cancelled_while_it_was_being_chosen_is_not_released(postgres_url: str) -> None:
    one, other = Ledger.open(postgres_url), Ledger.open(postgres_url)
    ids = submit(one, new_job("one"), new_job("two"))

    def cancel_first(lanes: Sequence[Lane]) -> list[int]:
        cancelled = Settlement(to=State.CANCELLED, why="a person said so")
        assert other.moves.apply(other.jobs.get(ids[0]), cancelled, now=NOW, by="ann")
        return all_due(lanes)

    assert [each.job_id for each in release(one, cancel_first)] == [ids[1]]
    assert one.jobs.get(ids[0]).state is State.CANCELLED
    one.close()
    other.close()


def test_a_lane_is_not_put_to_sleep_over_a_job_that_is_just_coming_back(
    postgres_url: str,
) -> None:
    one, other = Ledger.open(postgres_url), Ledger.open(postgres_url)
    job = settled(one, UNCERTAIN)
    submit(one, new_job("another"))
    written, commit = threading.Event(), threading.Event()

    def come_back(tx: Connection) -> None:
        stamp = Stamp(NOW, "look")
        assert move(tx, tables.job.c.id == job.id, State.UNCERTAIN, RETRYING, stamp)
        written.set()
        assert commit.wait(10)

    with ThreadPoolExecutor(1) as pool:

        def meanwhile(lanes: Sequence[Lane]) -> list[int]:
            pool.submit(other._database.write, come_back)
            written.wait(0.5)
            return all_due(lanes)

        assert len(release(one, meanwhile)) == 1
        commit.set()

    assert one.jobs.get(job.id).state is State.RETRYING
    assert one.releases.next_due() == RETRYING.due_at
    one.close()
    other.close()


def test_a_choice_that_fails_changes_nothing(ledger: Ledger) -> None:
    [job_id] = submit(ledger, new_job("one"))
    before = ledger.jobs.get(job_id)

    def fail(_: Sequence[Lane]) -> list[int]:
        raise ArithmeticError

    with pytest.raises(ArithmeticError):
        release(ledger, fail)

    assert ledger.jobs.get(job_id) == before
    assert len(due_lanes(ledger)) == 1


def test_jobs_past_their_not_after_fail_as_too_late(ledger: Ledger) -> None:
    soon = NOW + SECOND
    [waiting, fine] = submit(
        ledger, new_job("waiting", run_at=soon, not_after=soon), new_job("fine", not_after=NOW)
    )
    waits_queued = queued(ledger, "queued", not_after=soon)
    retrying = settled(ledger, RETRYING, "retrying", not_after=soon)
    at_work = claimed(ledger, "at-work", not_after=soon)
    done = settled(ledger, publishing_as(SUCCEEDED, "p"), "done", not_after=soon)

    assert ledger.latecomers.too_late(now=NOW, by="dispatch") == 0
    assert ledger.latecomers.too_late(now=NOW + HOUR, by="dispatch") == 4

    for job_id in (waiting, fine, waits_queued.id, retrying.id):
        job = ledger.jobs.get(job_id)
        assert job.state is State.FAILED
        assert job.fault
        assert job.fault.error_class is ErrorClass.TOO_LATE
        assert job.settled_at == NOW + HOUR
        assert folded(ledger, job_id) is State.FAILED
    assert ledger.jobs.get(at_work.id).state is State.PUBLISHING
    assert ledger.jobs.get(done.id).state is State.SUCCEEDED


def test_a_replay_is_never_too_late(ledger: Ledger) -> None:
    job = settled(ledger, UNCERTAIN, not_after=NOW)
    replay = Settlement(to=State.QUEUED, why="sent again", replay=True)
    ledger.moves.apply(job, replay, now=NOW, by="look")

    assert ledger.latecomers.too_late(now=NOW + HOUR, by="dispatch") == 0


def test_too_late_goes_in_bounded_steps(ledger: Ledger) -> None:
    submit(ledger, *(new_job(f"r{each}", not_after=NOW) for each in range(5)))

    steps = [ledger.latecomers.too_late(now=NOW + HOUR, by="test", limit=2) for _ in range(4)]

    assert steps == [2, 2, 1, 0]


@pytest.mark.parametrize("to", [State.FAILED, State.HELD])
def test_the_late_policy_decides_about_jobs_that_nobody_tried_in_time(
    ledger: Ledger, to: State
) -> None:
    old = NOW - 2 * HOUR
    [late, in_time, elsewhere] = submit(
        ledger,
        new_job("late", run_at=old),
        new_job("in-time", run_at=NOW - SECOND),
        new_job("elsewhere", run_at=old, connection="agency"),
    )
    tried = settled(ledger, replace(RETRYING, due_at=NOW), "tried", run_at=old)
    deferred = settled(ledger, DEFERRED, "deferred", run_at=old)

    policy = LatePolicy(Lateness.SKIP if to is State.FAILED else Lateness.HOLD, HOUR)
    assert ledger.latecomers.late(["wonda"], policy, now=NOW, by="dispatch") == 1

    job = ledger.jobs.get(late)
    assert job.state is to
    if to is State.HELD:
        assert job.hold is Hold.LATE
    else:
        assert job.fault
        assert job.fault.error_class is ErrorClass.TOO_LATE
    assert folded(ledger, late) is to
    untouched = [in_time, elsewhere, tried.id, deferred.id]
    assert to not in {ledger.jobs.get(each).state for each in untouched}


def test_posts_that_a_list_may_not_tell_apart_go_one_at_a_time(ledger: Ledger) -> None:
    """The provider may show the text alone: whose post is it that it shows after a lost answer?"""
    one = new_job("one", caption="Rye week")
    media = (Media(url="https://cdn.example.com/2.jpg"),)
    alike = replace(one, ref="alike", post=replace(one.post, caption="Rye  week\n", media=media))
    first, second, other = submit(ledger, one, alike, new_job("other"))
    assert {each.job_id for each in release(ledger)} == {first, other}
    assert release(ledger, now=NOW + 2 * SECOND) == []
    [job] = claim(ledger, first)
    ledger.claims.settle(job, FAILED, now=NOW, by="w1")
    assert [each.job_id for each in release(ledger, now=NOW + 4 * SECOND)] == [second]
