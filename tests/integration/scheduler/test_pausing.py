"""A resume is no stampede: what a pause kept back goes inside the limits, by the late policy."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from shared.dispatch import PER_LANE
from shared.domain.limit import Limit
from shared.domain.pause import Pausable, Target
from shared.domain.release import Lateness, LatePolicy
from shared.domain.states import State
from tests.support.dispatching import Counter, counter
from tests.support.sqlite import fresh_ledger

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
WONDA = Target(Pausable.CONNECTION, "wonda")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Counter]:
    with counter(fresh_ledger(tmp_path / "dropline.db")) as made:
        yield made


def pause(desk: Counter) -> None:
    desk.ledger.pauses.pause(WONDA, why="", now=desk.clock.now(), by="mia")


def resume(desk: Counter) -> None:
    assert desk.ledger.pauses.resume(WONDA, now=desk.clock.now())


def test_a_resumed_backlog_goes_no_faster_than_its_limits_admit(desk: Counter) -> None:
    desk.limits = [Limit(requests=5, per=HOUR)]
    for account in range(20):
        desk.add(PER_LANE, account=f"a{account}")
    pause(desk)
    desk.clock.move(2 * HOUR)
    assert desk.tick() == []

    resume(desk)

    assert len(desk.tick()) == 5
    desk.clock.move(2 * SECOND)
    assert desk.tick() == []


def test_what_was_queued_goes_first_when_it_is_resumed(desk: Counter) -> None:
    (first,) = desk.add(account="a1")
    desk.tick()
    pause(desk)
    assert desk.ledger.jobs.get(first).state is State.SCHEDULED
    desk.clock.move(SECOND)
    (second,) = desk.add(account="a2")

    resume(desk)

    assert desk.tick() == [first, second]


def test_the_late_policy_decides_over_what_a_pause_made_late(desk: Counter) -> None:
    desk.late_policy("wonda", LatePolicy(Lateness.SKIP, HOUR))
    (late,) = desk.add(account="late")
    pause(desk)
    desk.clock.move(HOUR + SECOND)
    (fresh,) = desk.add(account="fresh")

    resume(desk)

    assert desk.tick() == [fresh]
    assert desk.ledger.jobs.get(late).state is State.FAILED
