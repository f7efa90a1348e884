"""The demo as it runs: a table of states per provider on a terminal, else a line now and then."""

import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta

from rich import box
from rich.console import Console
from rich.live import Live
from rich.table import Table

from shared.bootstrap import Parts
from shared.cli.exits import tell
from shared.domain.job import Job
from shared.domain.states import AT_REST, State
from shared.errors import WaitTimedOut
from shared.ledger.jobs import JobFilter

_LOOK_EVERY = timedelta(milliseconds=500)
_LINE_EVERY = 10


def watch(parts: Parts, campaign: str, within: timedelta) -> list[Job]:
    """Show the campaign until nothing moves any more and return its jobs; or WaitTimedOut."""
    deadline = parts.clock.monotonic() + within.total_seconds()
    on_terminal = sys.stderr.isatty()
    live: AbstractContextManager[Live | None] = (
        Live(console=Console(stderr=True), transient=True) if on_terminal else nullcontext()
    )
    with live as screen:
        looks = 0
        while moving(jobs := _jobs(parts, campaign)):
            if parts.clock.monotonic() > deadline:
                message = f"{moving(jobs)} posts still move after {within.total_seconds():g} s"
                raise WaitTimedOut(message)
            if screen is not None:
                screen.update(table(jobs))
            elif looks % _LINE_EVERY == 0:
                tell(line(jobs))
            looks += 1
            parts.clock.sleep(_LOOK_EVERY)
    return jobs


def moving(jobs: Sequence[Job]) -> int:
    return sum(job.state not in AT_REST for job in jobs)


def line(jobs: Sequence[Job]) -> str:
    counts = Counter(job.state for job in jobs)
    return ", ".join(f"{counts[state]} {state}" for state in State if counts[state])


def table(jobs: Sequence[Job]) -> Table:
    """Return the states of all jobs by provider, empty columns left out."""
    states = [state for state in State if any(job.state is state for job in jobs)]
    drawn = Table("provider", *map(str, states), box=box.SIMPLE_HEAD, pad_edge=False)
    for provider in sorted({job.provider for job in jobs}):
        counts = Counter(job.state for job in jobs if job.provider == provider)
        drawn.add_row(provider, *(str(counts[state] or "") for state in states))
    return drawn


def _jobs(parts: Parts, campaign: str) -> list[Job]:
    return parts.ledger.jobs.page(JobFilter(campaign=campaign), 10_000, None)
