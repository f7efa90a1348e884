"""Files that a provider has forgotten: they come off the shelf and are uploaded again, once."""

from collections.abc import Callable, Iterable
from datetime import timedelta

from shared.domain.outcome import Deferred, ErrorClass, Failed, Fault, Outcome
from shared.errors import LimiterUnavailable, PartUnreachable
from shared.wire.answer import CallFailed, NoAnswer
from shared.wire.wire import Wire


def brought_again(
    refusal: Failed,
    wire: Wire,
    media_ids: Iterable[str],
    is_gone: Callable[[str], bool],
    *,
    kept: str,
) -> Outcome:
    """Return how a refused post goes on, whose files the provider may have forgotten.

    A refusal published nothing: where files are gone the post is made again with new ones, which
    costs no attempt. `kept` names the map in which the job keeps what its files are called. A
    job is sent back once; a refusal after that has another reason.
    """
    if wire.prepared.get("media_again"):
        return refusal
    try:
        gone = [each for each in dict.fromkeys(media_ids) if is_gone(each)]
        if not gone:
            return refusal
        wire.road.shelf.forget(wire.connection.name, gone)
    except (NoAnswer, CallFailed, LimiterUnavailable, PartUnreachable):
        # Nobody knows now, and the post is surely not out: the next attempt asks again.
        return Failed(refusal.fault, again=True)
    known: dict[str, str] = dict(wire.prepared.get(kept) or {})
    left = {name: each for name, each in known.items() if each not in gone}
    wire.remember(media_again=True, **{kept: left})
    message = f"the provider no longer takes {len(gone)} uploaded files; they are uploaded again"
    fault = Fault(error_class=ErrorClass.TRANSIENT, code="media_forgotten", message=message)
    return Deferred(timedelta(0), fault)
