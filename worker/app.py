"""The worker process: `celery -A worker.app worker -Q publish -P threads`."""

import gc
import random
from dataclasses import dataclass
from functools import cache
from typing import Any

from celery.signals import setup_logging, worker_init, worker_shutdown, worker_shutting_down

from shared.bootstrap import Parts
from shared.broker import make_app
from shared.pulse import Pulse, process_name
from shared.startup import broker_url, configure_logging, wait_for_parts
from worker.crew import Crew
from worker.leases import Leases
from worker.pipeline import Pipeline
from worker.records import Records
from worker.scribe import Scribe

#: Messages are only taken by Celery's threads; the crew's threads carry the jobs out.
INTAKES = 2

#: New objects between two looks of the collector; its default of 700 is a job or two.
COLLECTED_AFTER = 20_000

app = make_app(
    "dropline-worker",
    broker_url,
    include=["worker.tasks"],
    worker_pool="threads",
    worker_concurrency=INTAKES,
)


@dataclass(frozen=True, slots=True)
class Process:
    """What one worker process is made of."""

    parts: Parts
    leases: Leases
    scribe: Scribe
    crew: Crew
    pulse: Pulse


@cache
def process() -> Process:
    """Return this process's own, built when SQL and Redis are there."""
    parts = wait_for_parts()
    owner = process_name("worker")
    leases = Leases(parts.ledger, parts.clock, owner)
    scribe = Scribe(Records(parts.ledger, parts.clock, owner))
    pipeline = Pipeline(
        parts.ledger, parts.road, parts.connections, leases, scribe, random.Random(), owner
    )
    crew = Crew(pipeline, parts.settings.worker_threads)
    pulse = Pulse(parts, owner, "worker", lambda: {"busy": crew.busy})
    return Process(parts, leases, scribe, crew, pulse)


setup_logging.connect(configure_logging)


@worker_init.connect
def start(**_signal: Any) -> None:
    """Begin to renew leases and to show life, before the first message."""
    process().leases.start()
    process().scribe.start()
    process().pulse.start()
    # What is here by now stays: the collector need not go through it again and again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECTED_AFTER)


@worker_shutting_down.connect
def stop(**_signal: Any) -> None:
    """Claim nothing more; what is unclaimed is handed back."""
    process().crew.stop()


@worker_shutdown.connect
def end(**_signal: Any) -> None:
    """Finish what runs, then close."""
    process().crew.drain()
    process().scribe.close()
    process().pulse.stop()
    process().leases.stop()
    process().parts.close()
