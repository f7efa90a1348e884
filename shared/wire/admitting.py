"""Admission of a wire's requests: asked of the limiter, waited for, asked anew, given back."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.limit import ADMITTED_FOR, Call, Scope
from shared.domain.outcome import ErrorClass, Fault
from shared.domain.release import LOOK_AHEAD
from shared.errors import LimiterUnavailable
from shared.logs import logger
from shared.wire.answer import NeverAdmitted, NotAdmitted
from shared.wire.road import Gate, Road

log = logger(__name__)

#: A slot that opens this instant is not asked for faster.
SHORTEST_WAIT = timedelta(milliseconds=5)


@dataclass(frozen=True, slots=True)
class Admitted:
    """A request that may leave, if it does so soon after `at`."""

    scope: Scope
    call: Call
    at: datetime
    reservation: str


@dataclass(frozen=True, slots=True)
class _Later:
    """A request that may not leave before `until`, by this limit."""

    until: datetime
    limit: str


class Admitting:
    """Asks for the requests of one wire; a worker's, which has a gate, waits for a near slot."""

    def __init__(self, road: Road, gate: Gate | None, containers: int) -> None:
        self._road = road
        self._gate = gate
        self._containers = containers
        self._clock = road.clock

    def admit(self, scope: Scope, call: Call) -> Admitted:
        """Reserve, or raise NotAdmitted; NeverAdmitted where the whole window is too small."""
        if self._gate is None:
            return self._now(scope, call)
        patience = self._clock.now() + LOOK_AHEAD
        asked = self._by(patience, scope, call)
        if isinstance(asked, Admitted):
            return asked
        limit = f"{scope.connection}: {asked.limit}"
        with self._gate.resting(), self._road.turns.turn(limit, LOOK_AHEAD) as others_went:
            if not others_went:
                self._sleep_until(asked.until)
            while isinstance(asked := self._by(patience, scope, call), _Later):
                self._sleep_until(asked.until)
        return asked

    def anew(self, admitted: Admitted) -> Admitted:
        """Ask again for what was admitted a while ago, or raise NotAdmitted."""
        if self._age(admitted) <= ADMITTED_FOR / 2:
            return admitted
        self.give_back(admitted)
        return self._now(admitted.scope, admitted.call)

    def require_fresh(self, admitted: Admitted) -> None:
        """Raise NotAdmitted when the leave is older than it may be at the first byte."""
        if self._age(admitted) > ADMITTED_FOR:
            raise _held_back("it stood still after its admission", self._clock.now())

    def stay_if_stopped(self, connection: str) -> None:
        """Raise NotAdmitted when a refusal came after this call was admitted."""
        until = self._road.limiter.stopped(connection, self._clock.now())
        if until is not None:
            raise _held_back("another call was refused", until)

    def give_back(self, admitted: Admitted) -> None:
        """Free the slots of a request that did not leave."""
        try:
            self._road.limiter.release(admitted.reservation)
        except LimiterUnavailable as away:
            log.warning("a reservation could not be given back", why=str(away))

    def _now(self, scope: Scope, call: Call) -> Admitted:
        asked = self._ask(scope, call)
        if isinstance(asked, _Later):
            raise _held_back(asked.limit, asked.until)
        return asked

    def _by(self, patience: datetime, scope: Scope, call: Call) -> Admitted | _Later:
        asked = self._ask(scope, call)
        if isinstance(asked, _Later) and asked.until > patience:
            raise _held_back(asked.limit, asked.until)
        return asked

    def _ask(self, scope: Scope, call: Call) -> Admitted | _Later:
        containers = self._containers if self._gate else None
        now = self._clock.now()
        said = self._road.limiter.admit(scope, call, 1, now, containers)
        if said.granted:
            return Admitted(scope, call, now, said.reservation)
        if said.until is None:
            raise NeverAdmitted(self._too_much(said.limit))
        return _Later(said.until, said.limit)

    def _age(self, admitted: Admitted) -> timedelta:
        return self._clock.now() - admitted.at

    def _sleep_until(self, moment: datetime) -> None:
        self._clock.sleep(max(moment - self._clock.now(), SHORTEST_WAIT))

    def _too_much(self, limit: str) -> Fault:
        message = f"the post makes {self._containers} containers, and the limit is {limit}"
        return Fault(error_class=ErrorClass.VALIDATION, message=message)


def _held_back(why: str, until: datetime) -> NotAdmitted:
    fault = Fault(error_class=ErrorClass.RATE_LIMITED, message=f"held back: {why}")
    return NotAdmitted(fault, until)
