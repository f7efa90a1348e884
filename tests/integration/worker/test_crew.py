"""The crew with real threads: what waits for its moment keeps nobody back."""

import threading
from datetime import datetime, timedelta

import pytest
from typing_extensions import override

from shared.domain.states import State
from shared.embedded.waiting import until
from tests.support.clock import FakeClock
from tests.support.workshop import Workshop, workshop
from worker.crew import Crew

PATIENCE = timedelta(seconds=20)


class Alarm(FakeClock):
    """Whoever sleeps past the present waits until the clock is moved there."""

    def __init__(self) -> None:
        super().__init__()
        self.sleepers = 0
        self._moved = threading.Condition()

    @override
    def sleep(self, duration: timedelta) -> None:
        wanted: datetime = self.now() + duration
        with self._moved:
            self.sleepers += 1
            assert self._moved.wait_for(lambda: self.now() >= wanted, PATIENCE.total_seconds())
            self.sleepers -= 1

    def ring(self, duration: timedelta) -> None:
        with self._moved:
            self.move(duration)
            self._moved.notify_all()


def state_of(shop: Workshop, job_id: int) -> State:
    return shop.ledger.jobs.get(job_id).state


def test_a_post_that_is_due_passes_those_that_wait_for_their_instant() -> None:
    clock = Alarm()
    with workshop(clock=clock) as shop:
        run_at = clock.now() + timedelta(seconds=1.5)
        early = [
            shop.queued("genviral", ref=each, caption=each, run_at=run_at) for each in ("a", "b")
        ]
        due = shop.queued("genviral", ref="c", caption="c")
        crew = Crew(shop.pipeline, 1)
        try:
            crew.take([*early, due])
            assert until(lambda: state_of(shop, due) is State.IN_PROGRESS, PATIENCE)
            assert [state_of(shop, each) for each in early] == [State.PUBLISHING] * 2
            clock.ring(timedelta(seconds=2))
        finally:
            crew.drain()
        assert [state_of(shop, each) for each in early] == [State.IN_PROGRESS] * 2


def test_a_claim_that_fails_as_nobody_expected_leaves_its_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with workshop() as shop:
        job_id = shop.queued("genviral")
        crew = Crew(shop.pipeline, 1)

        def broken(*_: object, **__: object) -> None:
            raise RuntimeError("nobody expected this")

        try:
            with monkeypatch.context() as trouble:
                trouble.setattr(shop.ledger.claims, "claim", broken)
                for _ in range(3):
                    with pytest.raises(RuntimeError, match="nobody"):
                        crew.take([job_id])
            crew.take([job_id])
            assert until(lambda: state_of(shop, job_id) is State.IN_PROGRESS, PATIENCE)
        finally:
            crew.drain()


def test_a_stop_hands_back_what_was_claimed_and_did_not_begin() -> None:
    clock = Alarm()
    with workshop(clock=clock) as shop:
        run_at = clock.now() + timedelta(seconds=1.5)
        waits = [
            shop.queued("genviral", ref=each, caption=each, run_at=run_at) for each in "abcdefg"
        ]
        crew = Crew(shop.pipeline, 1)
        # One of them runs, four rest; the one that is ready has no thread, the last is queued.
        taker = threading.Thread(target=crew.take, args=(waits,))
        taker.start()
        try:
            assert until(lambda: clock.sleepers == 5, PATIENCE)
            assert until(lambda: state_of(shop, waits[5]) is State.PUBLISHING, PATIENCE)
            crew.stop()
            taker.join(PATIENCE.total_seconds())
            assert state_of(shop, waits[6]) is State.SCHEDULED
        finally:
            clock.ring(timedelta(seconds=2))
            crew.drain()
        states = [state_of(shop, each) for each in waits]
        assert states == [State.IN_PROGRESS] * 5 + [State.SCHEDULED] * 2
        reasons = {shop.ledger.jobs.get(each).reason for each in waits[5:]}
        assert reasons == {"its worker stops"}
