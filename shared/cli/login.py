"""The way of a code to its end: asked for once, then after every few seconds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from shared.clock import Clock
from shared.domain.linking import Link, LinkCode, LinkStage
from shared.domain.outcome import ErrorClass
from shared.errors import InputError, PartUnreachable, WaitTimedOut
from shared.provider import Provider
from shared.wire.answer import CallFailed, NoAnswer
from shared.wire.wire import Wire

#: How often a code may be asked after (S).
EVERY = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Login:
    """One try to link an account at one connection."""

    connection: str
    provider: Provider
    wire: Callable[[], Wire]
    clock: Clock

    def code(self) -> LinkCode:
        """Ask for a code. Raises InputError where the plan has none, PartUnreachable."""
        try:
            return self.provider.link_code(self.wire())
        except (NoAnswer, CallFailed) as broken:
            raise self._refusal(broken) from None

    def stages(self, code: LinkCode, timeout: timedelta) -> Iterator[Link]:
        """Yield each new stage up to the last one.

        Raises WaitTimedOut; InputError and PartUnreachable as `code` does. An answer that is lost,
        late or denied by a limit is waited for.
        """
        deadline = self.clock.monotonic() + timeout.total_seconds()
        stage = LinkStage.NEW
        while not stage.is_last:
            left = timedelta(seconds=deadline - self.clock.monotonic())
            if left <= timedelta(0):
                raise WaitTimedOut(_too_late(stage, timeout))
            self.clock.sleep(min(EVERY, left))
            link = self._asked(code)
            if link is not None and link.stage is not stage:
                stage = link.stage
                yield link

    def _asked(self, code: LinkCode) -> Link | None:
        """Return how the code stands; None = no answer this time."""
        try:
            return self.provider.link(code, self.wire())
        except NoAnswer:
            return None
        except CallFailed as failed:
            if failed.again:
                return None
            raise self._refusal(failed) from None

    def _refusal(self, broken: NoAnswer | CallFailed) -> InputError | PartUnreachable:
        said = f"connection {self.connection} cannot link an account: {broken}"
        if isinstance(broken, CallFailed) and broken.fault.error_class is ErrorClass.FORBIDDEN:
            return InputError(said)
        return PartUnreachable(said)


def _too_late(stage: LinkStage, timeout: timedelta) -> str:
    scanned = "scanned, but not confirmed" if stage is LinkStage.SCANNED else "not scanned"
    return f"the code was {scanned} within {timeout.total_seconds():g} s"
