"""How much of a quota is used while there is backlog, and what the provider had to refuse.

Real worker processes share the keys of three far ends that count strictly, and whose logs are the
judge. A fixed window is announced in headers, a sliding one is only configured, and of a third
limit nothing is known before the first refusal. The second time there is one worker only.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bench.ground import Ground, ground, new_jobs
from bench.measure import Figure, Size
from bench.metered_end import Quota, Request, metered_end, requests_at
from bench.usage import Use, judge
from tests.support.stack import Stack

DELAY_S = 0.1
#: Of all workers together: released jobs occupy one each while they wait for their slot.
THREADS = 64
#: Until the first request comes in at a far end.
PATIENCE_S = 60


@dataclass(frozen=True, slots=True)
class Plan:
    """The far ends' window, over how many of them is judged, and how many workers there are."""

    limit: int
    per_s: int
    windows: int
    workers: int

    @property
    def backlog(self) -> int:
        """More than can be sent: two windows are cut, and one more is to spare."""
        return self.limit * (self.windows + 3)

    @property
    def quotas(self) -> Mapping[str, Quota]:
        shape = Quota(self.limit, self.per_s, fixed=True, headers=True)
        return {
            "fixed": shape,
            "sliding": replace(shape, fixed=False, headers=False),
            "unknown": replace(shape, used_up=True),
        }


PLANS = {
    Size.SMOKE: Plan(limit=20, per_s=2, windows=2, workers=2),
    Size.FULL: Plan(limit=200, per_s=20, windows=4, workers=4),
}


def measure(size: Size) -> Iterator[Figure]:
    """Yield the use of each window, beside what could be used and beside a single process."""
    plan = PLANS[size]
    all_of_them, alone = _uses(plan, plan.workers), _uses(plan, 1)
    for name in plan.quotas:
        yield from _figures(name, all_of_them[name], alone[name], plan)


def _uses(plan: Plan, workers: int) -> Mapping[str, Use]:
    """Let so many workers send as much as they may, and judge the far ends' logs."""
    with ground(DELAY_S) as here, ExitStack() as ends:
        urls = {
            name: ends.enter_context(metered_end(DELAY_S, quota))
            for name, quota in plan.quotas.items()
        }
        with _running(here, _settings(plan, urls), workers) as stack:
            _submit(stack, plan)
            logs = {name: _watch(url, plan) for name, url in urls.items()}
    return {name: judge(logs[name], quota, plan.windows) for name, quota in plan.quotas.items()}


def _settings(plan: Plan, urls: Mapping[str, str]) -> str:
    tables = []
    for name, url in urls.items():
        known = f'{{requests = {plan.limit}, per = "{plan.per_s}s", window = "{name}"}}'
        limits = "" if name == "unknown" else known
        tables.append(
            f'[connections.{name}]\nprovider = "wahdx"\nbase_url = "{url}"\n'
            f'api_key_env = "BENCH_KEY"\nlimits = [{limits}]\n'
        )
    return "\n".join(tables)


@contextmanager
def _running(here: Ground, settings: str, workers: int) -> Iterator[Stack]:
    threads = str(THREADS // workers)
    stack = here.stack(BENCH_KEY="a-key-of-the-benchmark", DROPLINE_WORKER_THREADS=threads)
    (stack.home / "dropline.toml").write_text(settings)
    try:
        stack.start(*(f"worker{number}" for number in range(workers)), "scheduler", "beat")
        yield stack
    finally:
        stack.close()


def _submit(stack: Stack, plan: Plan) -> None:
    now = datetime.now(UTC)
    for name in plan.quotas:
        jobs = [replace(job, connection=name) for job in new_jobs([now] * plan.backlog, f"{name}-")]
        stack.parts.ledger.campaigns.submit(name, jobs, now=now, by="bench")


def _watch(url: str, plan: Plan) -> Sequence[Request]:
    """Wait from the first publish on for all windows and the two that are cut."""
    patience = time.time() + PATIENCE_S
    while not (first := [each.at for each in requests_at(url) if each.publishes]):
        if time.time() > patience:
            raise AssertionError("nothing was sent")
        time.sleep(0.1)
    end = first[0] + (plan.windows + 1) * (plan.per_s + 2 * DELAY_S)
    time.sleep(max(end - time.time(), 0))
    return requests_at(url)


def _figures(name: str, use: Use, alone: Use, plan: Plan) -> Iterator[Figure]:
    what = {
        "fixed": "fixed window",
        "sliding": "sliding window",
        "unknown": "fixed window, unknown at first",
    }[name]
    # Whoever sends cannot know when a request was counted, only that it was when its answer came.
    after_answers = plan.limit * plan.per_s / (plan.per_s + DELAY_S)
    peers = [
        ("its limit", float(plan.limit), "" if name == "sliding" else ">= 0.99"),
        ("one worker", alone.per_window, ">= 1"),
    ]
    if name == "sliding":
        peers.append(("each slot again one window after its answer", after_answers, ">= 0.99"))
    for beside, bound, target in peers:
        yield Figure(
            what=f"{what}, {plan.workers} workers: admitted in a window",
            value=use.per_window,
            unit="requests",
            beside=beside,
            bound=bound,
            target=target,
        )
    yield Figure(
        what=f"{what}: refused once the limit was known",
        value=use.refused,
        unit="requests",
        beside="all that came in",
        bound=use.requests,
        target="<= 0.001",
    )
    yield Figure(
        what=f"{what}: sent while a refusal asked to wait",
        value=use.blocked,
        unit="requests",
        target="0",
    )
