"""Recur: makes jobs of the next occurrences of series, and deals with those that went by."""

from collections.abc import Mapping

from shared.clock import Clock
from shared.connected import Connected
from shared.domain.release import LatePolicy
from shared.domain.series import Series, next_step
from shared.ledger import Ledger
from shared.logs import logger

log = logger(__name__)

#: Series looked at in one go.
SERIES = 200

#: A tick goes on so often while there is something to do: a long outage is caught up by parts.
ROUNDS = 20


class Recurring:
    """Takes the next steps of series; two schedulers at once make each job once."""

    def __init__(
        self, ledger: Ledger, connections: Mapping[str, Connected], clock: Clock, name: str
    ) -> None:
        self._ledger = ledger
        self._connections = connections
        self._clock = clock
        self._name = name

    def tick(self) -> int:
        """Return how many jobs were made."""
        made = 0
        for _ in range(ROUNDS):
            due = self._ledger.series.due(self._clock.now(), SERIES)
            if not due:
                break
            made += sum(self._advance(each) for each in due)
        return made

    def _advance(self, of: Series) -> bool:
        now = self._clock.now()
        step = next_step(of.recurrence, of.handled_until, now, self._policy(of))
        job_id = self._ledger.occurrences.advance(of, step, now=now, by=self._name)
        if step.missed:
            log.warning("occurrences went by", series=of.name, missed=len(step.missed))
        return job_id is not None

    def _policy(self, of: Series) -> LatePolicy:
        """Return the late policy that counts: its own, its campaign's, its connection's."""
        connected = self._connections.get(of.connection)
        general = LatePolicy() if connected is None else connected.terms.late
        return of.late or self._ledger.campaigns.rules(of.campaign).late or general
