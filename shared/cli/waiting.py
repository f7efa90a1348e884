"""Waiting until nothing moves any more, with the counts shown as they change."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Annotated, Protocol, TypeVar

import typer
from rich.console import Console
from rich.live import Live
from rich.text import Text

from shared.cli.exits import tell
from shared.clock import Clock
from shared.errors import WaitTimedOut

#: Ten years; what is longer, or without end, is a slip.
LONGEST_WAIT_S = 315_360_000

Timeout = Annotated[
    float | None,
    typer.Option(
        "--timeout",
        min=0,
        max=LONGEST_WAIT_S,
        metavar="SECONDS",
        help="Give up after this; exit code 6.",
    ),
]

#: How often the ledger is asked; a few small queries each time.
_LOOK_EVERY = timedelta(seconds=0.5)
#: Away from a terminal progress is a line on stderr, and no more often than this.
_TELL_EVERY = timedelta(seconds=5)


class Counted(Protocol):
    """Something of which so many jobs still move."""

    @property
    def moving(self) -> int: ...

    def line(self) -> str: ...


Seen = TypeVar("Seen", bound=Counted)


def wait_still(look: Callable[[], Seen], clock: Clock, timeout: float | None) -> Seen:
    """Look again and again until nothing moves; raises WaitTimedOut, which says what still does."""
    deadline = None if timeout is None else clock.monotonic() + timeout
    with _progress(clock) as show:
        while (seen := look()).moving:
            show(seen.line())
            if deadline is not None and clock.monotonic() >= deadline:
                raise WaitTimedOut(f"{seen.moving} still moving after {timeout:g} s; {seen.line()}")
            clock.sleep(_LOOK_EVERY)
    return seen


@contextmanager
def _progress(clock: Clock) -> Iterator[Callable[[str], None]]:
    """Give a function that shows progress: in place on a terminal, else a line now and then."""
    if not sys.stderr.isatty():
        yield _Occasionally(clock).tell
        return
    with Live(console=Console(stderr=True), transient=True, refresh_per_second=4) as live:
        yield lambda line: live.update(Text(line))


class _Occasionally:
    """Tells a line when it has changed and the last one is a while ago."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._told = ""
        self._next = clock.monotonic()

    def tell(self, line: str) -> None:
        if line == self._told or self._clock.monotonic() < self._next:
            return
        tell(line)
        self._told = line
        self._next = self._clock.monotonic() + _TELL_EVERY.total_seconds()
