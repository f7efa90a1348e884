"""How posts at Genviral stand: a pass over the lists for many, single looks for the few left."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from shared.domain.limit import Call
from shared.domain.status import Status
from shared.provider import Publish
from shared.providers.genviral.answers import publish_id_of
from shared.providers.genviral.posts import PAGE_LENGTH, pages, single, status_in
from shared.wire.wire import Wire

#: So few are cheaper asked one by one than found in a list of a hundred.
SINGLES = 2

#: What one round may cost: lists beyond those that the publishes asked about would fill ...
SPARE_PAGES = 4
#: ... and single looks.
LOOKS_MAX = 10

#: The provider's clock may be behind or ahead of ours by this much.
SLACK = timedelta(minutes=2)


def ask(publishes: Sequence[Publish], wire: Wire) -> Iterator[Mapping[str, Status]]:
    """Iterate what each answer says. Raises NoAnswer, CallFailed."""
    left = {publish.publish_id: publish for publish in publishes}
    if len(left) > SINGLES:
        yield from _lists(left, wire)
    for publish in list(left.values())[:LOOKS_MAX]:
        yield {publish.publish_id: single(wire, publish)}


def _lists(left: dict[str, Publish], wire: Wire) -> Iterator[Mapping[str, Status]]:
    """Walk the lists until so few are left that single looks are cheaper."""
    asked = list(left.values())
    pages_max = SPARE_PAGES - (-len(asked) // PAGE_LENGTH)
    span = pages(wire, Call.STATUS, _oldest(asked), until=_newest(asked))
    for number, page in enumerate(span, start=1):
        ours = [(row, left.pop(publish_id_of(row), None)) for row in page.posts]
        yield {
            publish.publish_id: status_in(row, publish)
            for row, publish in ours
            if publish is not None
        }
        if len(left) < SINGLES or number == pages_max:
            return


def _oldest(asked: Sequence[Publish]) -> datetime:
    return min(publish.sent_at for publish in asked) - SLACK


def _newest(asked: Sequence[Publish]) -> datetime | None:
    """Return when the last of them can have been made; None where one does not say."""
    times = [publish.accepted_at for publish in asked if publish.accepted_at is not None]
    return max(times) + SLACK if len(times) == len(asked) else None
