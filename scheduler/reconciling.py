"""The tick that looks for lost publishes; the looking itself is shared with the command line."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from scheduler.fanout import FanOut
from shared.bootstrap import Parts
from shared.domain.job import Attempt, Job
from shared.domain.settlement import Settlement
from shared.reconcile import LOOK

#: Looks claimed in one go.
BATCH = 100

#: When a connection is busy with earlier looks, its others wait this long.
BUSY = timedelta(seconds=3)


class Reconciling:
    """Claims uncertain jobs whose next look is due and looks, one connection beside the other."""

    def __init__(self, parts: Parts, fanout: FanOut, name: str) -> None:
        self._parts = parts
        self._fanout = fanout
        self._name = name

    def tick(self) -> None:
        now = self._parts.clock.now()
        groups: defaultdict[str, list[tuple[Job, Attempt]]] = defaultdict(list)
        for job, attempt in self._parts.ledger.looks.claim(now=now, limit=BATCH, lease=LOOK):
            groups[job.connection].append((job, attempt))
        for connection, pairs in groups.items():
            looking = partial(self._parts.reconciler.look_all, pairs, self._name)
            if not self._fanout.run(f"reconcile {connection}", looking):
                self._later([job for job, _ in pairs])

    def _later(self, jobs: Sequence[Job]) -> None:
        now = self._parts.clock.now()
        for job in jobs:
            later = Settlement(to=None, next_look_at=now + BUSY)
            self._parts.ledger.moves.apply(job, later, now=now, by=self._name)
