"""The scheduler process (`celery -A scheduler.app worker -Q ticks`) and beat's schedule."""

import signal
from dataclasses import dataclass
from functools import cache
from typing import Any

from celery.signals import beat_init, setup_logging, worker_init, worker_shutdown

from scheduler.accounts import AccountSync
from scheduler.fanout import FanOut
from scheduler.reconciling import Reconciling
from scheduler.recurring import Recurring
from scheduler.rescue import Rescue
from scheduler.settle import Settling
from shared.bootstrap import Parts
from shared.broker import TICK_QUEUE, make_app
from shared.pulse import Pulse, process_name
from shared.startup import broker_url, configure_logging, wait_for_parts

#: A tick that nobody took for this long is dropped; the next one does its work.
TICK_EXPIRES_SECONDS = 15

#: Every tick by name, with its period in seconds.
TICKS = {
    "tick.dispatch": 1.0,
    "tick.settle": 1.0,
    "tick.reconcile": 2.0,
    "tick.rescue": 5.0,
    "tick.recur": 5.0,
    "tick.accounts": 60.0,
}

app = make_app(
    "dropline-scheduler",
    broker_url,
    include=["scheduler.tasks"],
    worker_pool="threads",
    worker_concurrency=len(TICKS),
    beat_max_loop_interval=1,
    beat_scheduler="celery.beat:Scheduler",
    beat_schedule={
        name: {
            "task": name,
            "schedule": seconds,
            "options": {"queue": TICK_QUEUE, "expires": TICK_EXPIRES_SECONDS},
        }
        for name, seconds in TICKS.items()
    },
)


@dataclass(frozen=True, slots=True)
class Process:
    """What one scheduler process is made of."""

    name: str
    parts: Parts
    fanout: FanOut
    pulse: Pulse
    settling: Settling
    reconciling: Reconciling
    rescue: Rescue
    accounts: AccountSync
    recurring: Recurring


@cache
def process() -> Process:
    """Return this process's own, built when SQL and Redis are there."""
    parts = wait_for_parts()
    name = process_name("scheduler")
    fanout = FanOut()
    return Process(
        name=name,
        parts=parts,
        fanout=fanout,
        pulse=Pulse(parts, name, "scheduler", dict),
        settling=Settling(parts, fanout, name),
        reconciling=Reconciling(parts, fanout, name),
        rescue=Rescue(parts, name),
        accounts=AccountSync(parts, fanout, name),
        recurring=Recurring(parts.ledger, parts.connections, parts.clock, name),
    )


setup_logging.connect(configure_logging)


@beat_init.connect
def end_beat_between_ticks(sender: Any, **_signal: Any) -> None:
    """Let SIGTERM and SIGINT end beat once its tick is done, which is within a second.

    Celery closes the connection and raises SystemExit wherever beat is. In the middle of an answer
    redis-py raises an error of its own in that one's place, and beat would go on for ever.
    """

    def end(*_signal: object) -> None:
        sender._is_shutdown.set()  # noqa: SLF001 - `stop` logs, and a line may just be written

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)


@worker_init.connect
def start(**_signal: Any) -> None:
    """Show life before the first tick."""
    process().pulse.start()


@worker_shutdown.connect
def end(**_signal: Any) -> None:
    """Let running looks and polls finish, then close."""
    process().fanout.drain()
    process().pulse.stop()
    process().parts.close()
