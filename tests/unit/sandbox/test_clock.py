"""Delays are shortened by the factor, instants are real, and pauses end at the stop."""

import threading
from datetime import UTC, datetime, timedelta

from shared.sandbox.clock import ManualClock, SandboxClock, iso_ms, iso_s

NOON = datetime(2026, 6, 20, 12, 0, tzinfo=UTC)


def test_a_delay_is_shortened_by_the_factor() -> None:
    clock = ManualClock(NOON, factor=20)

    assert clock.after(timedelta(seconds=60)) == NOON + timedelta(seconds=3)


def test_a_manual_clock_moves_by_hand_and_by_pauses_only() -> None:
    clock = ManualClock(NOON)

    clock.advance(timedelta(seconds=5))
    clock.pause(timedelta(seconds=7))

    assert clock.now() == clock.now() == NOON + timedelta(seconds=12)


def test_the_real_clock_never_goes_back() -> None:
    clock = SandboxClock()

    instants = [clock.now() for _ in range(100)]

    assert instants == sorted(instants)


def test_stopping_ends_a_pause() -> None:
    clock = SandboxClock()
    pausing = threading.Thread(target=clock.pause, args=(timedelta(hours=1),))
    pausing.start()

    clock.stop()
    pausing.join(timeout=5)

    assert not pausing.is_alive()


def test_instants_are_written_as_the_sheets_show_them() -> None:
    instant = NOON + timedelta(milliseconds=41, microseconds=999)

    assert iso_ms(instant) == "2026-06-20T12:00:00.041Z"
    assert iso_s(instant) == "2026-06-20T12:00:00Z"
