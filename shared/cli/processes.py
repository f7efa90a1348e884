"""The processes of `dropline up`, with the commands that the Procfile has."""

import os
import secrets
import sys
from collections.abc import Mapping
from datetime import timedelta

from shared.providers import providers
from shared.settings import Settings
from shared.supervisor import Child

#: What a process may take to end beyond the longest call it may be in.
_BEYOND = timedelta(seconds=15)
#: The longest call of a tick: one reading at a provider.
_READING = timedelta(seconds=60)

_TASKS = ("-P", "threads", "-E", "-l", "INFO", "--without-gossip", "--without-mingle")


def process_children(settings: Settings, environment: Mapping[str, str]) -> list[Child]:
    """Return worker, scheduler, beat and flower, all with this environment."""
    port = settings.flower_port
    publishing = max(each.capabilities.job_deadline for each in providers().values())
    worker = ("worker.app", "worker", "-Q", "publish", *_TASKS, "-n", _node("worker"))
    scheduler = ("scheduler.app", "worker", "-Q", "ticks", *_TASKS, "-n", _node("scheduler"))
    beat = ("scheduler.app", "beat", "-S", "celery.beat:Scheduler", "-l", "INFO")
    flower = ("scheduler.app", "flower", "--address=127.0.0.1", f"--port={port}")
    return [
        Child("worker", _celery(*worker), environment, grace=publishing + _BEYOND),
        Child("scheduler", _celery(*scheduler), environment, grace=_READING + _BEYOND),
        Child("beat", _celery(*beat), environment),
        Child("flower", _celery(*flower), environment),
    ]


def flower_auth(environment: Mapping[str, str]) -> str:
    """Return `user:password` for Flower: the one that is set, or one made up for this run."""
    return environment.get("DROPLINE_FLOWER_AUTH") or f"dropline:{secrets.token_urlsafe(9)}"


def _celery(*words: str) -> list[str]:
    return [sys.executable, "-m", "celery", "-A", *words]


def _node(kind: str) -> str:
    """Name a Celery node so that two `up` on one machine do not take each other's name."""
    return f"{kind}-{os.getpid()}@%h"
