"""Waits for something outside this process, within a bound."""

import threading
from collections.abc import Callable
from datetime import timedelta
from time import monotonic

_LOOK_EVERY_S = 0.02


def until(predicate: Callable[[], bool], limit: timedelta) -> bool:
    """Look again and again; false when the limit passed and it still does not hold."""
    deadline, pause = monotonic() + limit.total_seconds(), threading.Event()
    while not predicate():
        if monotonic() >= deadline:
            return False
        pause.wait(_LOOK_EVERY_S)
    return True
