"""Beat ends when it is told to, whatever the signal comes in the middle of."""

import signal
from collections.abc import Iterator

import pytest
from celery import Celery
from celery.apps.beat import Beat
from celery.beat import Service

import scheduler.app  # noqa: F401 - it listens for any beat that begins


class Ticking:
    """A schedule whose second tick is interrupted while it reads an answer of Redis."""

    max_interval = 1.0

    def __init__(self, number: signal.Signals) -> None:
        self.ticks = 0
        self._number = number

    def tick(self) -> float:
        self.ticks += 1
        if self.ticks > 2:
            raise AssertionError("it ticked on")
        if self.ticks == 2:
            self._read()
        return 0.0

    def _read(self) -> None:
        """Do what redis-py and Celery do with an exception that is raised in the middle of it."""
        try:
            try:
                signal.raise_signal(self._number)
            finally:
                if self.is_closed:
                    raise ValueError("I/O operation on closed file.")
        except Exception:  # noqa: BLE001 - Celery logs it, and ticks on
            return

    is_closed = False

    def should_sync(self) -> bool:
        return False

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    before = {each: signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_in_the_middle_of_a_tick_ends_it(number: signal.Signals) -> None:
    app = Celery(broker="memory://", set_as_current=False)
    service, schedule = Service(app), Ticking(number)
    vars(service)["scheduler"] = schedule
    Beat(app=app).install_sync_handler(service)

    service.start()

    assert schedule.ticks == 2
    assert schedule.is_closed
