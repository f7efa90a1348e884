"""What a piece of work costs a database: what it reads, and the CPU of both ends."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Protocol

from sqlalchemy import Engine, create_engine, text

#: Times before those that count.
WARM = 3


class Gauge(Protocol):
    """Reads off what a database has done so far."""

    #: What `reads` counts.
    unit: str

    def reads(self, work: Callable[[], object]) -> int:
        """Do the work and return how much the database read for it."""

    def cpu_seconds(self) -> float:
        """Return the CPU that the database's own processes have used for us so far."""

    def settle(self) -> None:
        """Let the database learn what its tables hold."""


class PostgresGauge:
    """Rows and index entries, as the statistics views count them; CPU of the ledger's backends."""

    unit = "rows and index entries"

    def __init__(self, url: str, engine: Engine) -> None:
        self._engine = engine
        self._own = create_engine(url, isolation_level="AUTOCOMMIT")

    def reads(self, work: Callable[[], object]) -> int:
        before = self._read()
        work()
        return self._read() - before

    def cpu_seconds(self) -> float:
        pids = self._ask(
            "SELECT pid FROM pg_stat_activity"
            " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        # Nanoseconds on a CPU; the ticks of /proc/PID/stat are ten milliseconds.
        spent = (Path(f"/proc/{row.pid}/schedstat").read_text().split()[0] for row in pids)
        return sum(map(int, spent)) / 1e9

    def settle(self) -> None:
        # Where few rows are dead, their index entries would be left: they are what is read in vain.
        self._ask("VACUUM (ANALYZE, INDEX_CLEANUP ON)")

    def close(self) -> None:
        self._own.dispose()

    def _read(self) -> int:
        # A backend tells its counts when it likes to, unless it is asked.
        with self._engine.begin() as tx:
            tx.execute(text("SELECT pg_stat_force_next_flush()"))
        [row] = self._ask(
            "SELECT (SELECT sum(seq_tup_read) FROM pg_stat_user_tables)"
            " + (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes) AS rows"
        )
        return int(row.rows)

    def _ask(self, sql: str) -> list[Any]:
        with self._own.connect() as connection:
            asked = connection.execute(text(sql))
            return list(asked) if asked.returns_rows else []


class SqliteGauge:
    """Steps of SQLite's virtual machine, a few for each row; it has no CPU but ours."""

    unit = "steps of the virtual machine"

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def reads(self, work: Callable[[], object]) -> int:
        with self._counting() as steps:
            work()
        return len(steps)

    def cpu_seconds(self) -> float:
        return 0.0

    def settle(self) -> None:
        with self._engine.begin() as tx:
            tx.execute(text("ANALYZE"))

    @contextmanager
    def _counting(self) -> Iterator[list[None]]:
        """Count on the one connection that a ledger in one thread uses."""
        steps: list[None] = []
        with self._engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
        driver.set_progress_handler(lambda: steps.append(None), 1)
        try:
            yield steps
        finally:
            driver.set_progress_handler(None, 0)


@dataclass(frozen=True, slots=True)
class Cost:
    """What something costs, each figure a median."""

    reads: float
    cpu_ms: float


def cost(
    gauge: Gauge, before: Callable[[], object], work: Callable[[], object], times: int
) -> Cost:
    """Do the work so many times for each figure, each time after `before`, which is not counted.

    Reads are counted in a database that was just cleaned: how many dead entries there are tells
    when that was done last, not how much waits.
    """
    gauge.settle()
    for _ in range(WARM):
        before()
        work()
    reads, cpu = [], []
    for _ in range(times):
        before()
        gauge.settle()
        reads.append(gauge.reads(work))
        before()
        cpu.append(_cpu_ms(gauge, work))
    return Cost(median(reads), median(cpu))


def _cpu_ms(gauge: Gauge, work: Callable[[], object]) -> float:
    theirs, ours = gauge.cpu_seconds(), time.process_time()
    work()
    ours, theirs = time.process_time() - ours, gauge.cpu_seconds() - theirs
    return (ours + theirs) * 1_000
