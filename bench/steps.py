"""A worker that knows what each of its steps costs: `celery -A bench.steps worker`.

It is Dropline's own worker with a stopwatch of CPU time around each step; when it ends it writes
the sums, in seconds, into the file that BENCH_STEPS names.
"""

import json
import os
import time
from collections import defaultdict
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from threading import Lock, local
from typing import Any

from celery.signals import worker_init, worker_shutdown

from shared.ledger.claims import Claims
from shared.limits.redis_limiter import RedisLimiter
from shared.wire.exchange import Exchange
from worker.app import app
from worker.pipeline import Pipeline

__all__ = ["app"]

#: Each step and where it is taken; what a step calls that is a step itself counts there only.
STEPS = {
    "claim": (Claims, "claim"),
    "admit": (RedisLimiter, "admit"),
    "open the attempt": (Claims, "open_attempt"),
    "send and receive": (Exchange, "send"),
    "learn limits": (RedisLimiter, "learn"),
    "settle": (Claims, "settle_all"),
    "the pipeline around them": (Pipeline, "carry_out"),
}

_spent: defaultdict[str, float] = defaultdict(float)
_lock = Lock()
_thread = local()


def _timed(step: str, method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def measured(*args: Any, **kwargs: Any) -> Any:
        outer, _thread.inner = getattr(_thread, "inner", 0.0), 0.0
        started = time.thread_time()
        try:
            return method(*args, **kwargs)
        finally:
            whole = time.thread_time() - started
            with _lock:
                _spent[step] += whole - _thread.inner
            _thread.inner = outer + whole

    return measured


for _step, (_owner, _name) in STEPS.items():
    setattr(_owner, _name, _timed(_step, getattr(_owner, _name)))


_started: list[float] = []


@worker_init.connect
def start(**_signal: Any) -> None:
    """Leave out what the start of the process costs."""
    _started.append(time.process_time())


@worker_shutdown.connect
def end(**_signal: Any) -> None:
    """Write down what the steps cost, and the whole process."""
    sums = dict(_spent)
    rest = time.process_time() - _started[0] - sum(sums.values())
    target = Path(os.environ["BENCH_STEPS"])
    target.with_name(f"{target.name}.{os.getpid()}").write_text(
        json.dumps(sums | {"Celery and the rest": rest})
    )
