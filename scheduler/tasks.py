"""The ticks: idempotent, so that two schedulers and two beats at once do no harm."""

from collections.abc import Callable

from scheduler.app import app, process
from shared.errors import PartUnreachable
from shared.logs import logger

log = logger(__name__)


@app.task(name="tick.dispatch")
def dispatch() -> None:
    """Release what is due and may go."""
    running = process()
    _tick(lambda: running.parts.dispatcher.tick(running.name))


@app.task(name="tick.settle")
def settle() -> None:
    """Ask about what is in flight."""
    _tick(process().settling.tick)


@app.task(name="tick.reconcile")
def reconcile() -> None:
    """Ask about lost answers."""
    _tick(process().reconciling.tick)


@app.task(name="tick.rescue")
def rescue() -> None:
    """Take back from the dead and ring again for the lost."""
    _tick(_rescue)


@app.task(name="tick.accounts")
def accounts() -> None:
    """Keep the accounts' health fresh."""
    _tick(process().accounts.tick)


@app.task(name="tick.recur")
def recur() -> None:
    """Make the jobs of what comes again."""
    _tick(process().recurring.tick)


def _rescue() -> None:
    """Rescue, and note that beat is alive: nobody else sends ticks."""
    running = process()
    running.parts.ledger.heartbeats.beat("beat", "beat", running.parts.clock.now(), {})
    running.rescue.tick()


def _tick(work: Callable[[], object]) -> None:
    """Do one tick's work; a part that is away costs this tick, and the next one catches up."""
    try:
        work()
    except PartUnreachable as away:
        log.warning("a tick was skipped", why=str(away))
