"""Looks at media: each URL once, its first bytes and, where they do not suffice, one part more."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from shared.clock import Clock
from shared.domain.media_facts import MediaFacts
from shared.preflight.errands import Crew, run_errands
from shared.preflight.files import HEAD_BYTES, TAIL_BYTES, Seen, read_head, read_tail
from shared.preflight.remembered import Remembered
from shared.wire.media import MediaFailed
from shared.wire.ranges import HostAway, Ranges

#: Of all hosts, and of one.
CREW = Crew(at_once=16, at_one_place=4)

#: How long one URL may take, both its requests together.
ONE_URL = timedelta(seconds=15)

#: A host that could not be reached so often is not asked again.
TRIES_OF_A_HOST = 2


#: Given how many URLs there are, gives what is told how many were looked at.
Watch = Callable[[int], AbstractContextManager[Callable[[int], None]]]


def _unwatched(_: int) -> AbstractContextManager[Callable[[int], None]]:
    return nullcontext(lambda _: None)


@dataclass(frozen=True, slots=True)
class Target:
    """A URL, and whether it may lead to a private address."""

    url: str
    allow_private: bool


@dataclass(frozen=True, slots=True)
class Look:
    """What a look came to: facts, or a problem that may pass (`again`) or not."""

    facts: MediaFacts | None = None
    problem: str = ""
    again: bool = False


class MediaLooks:
    """Looks at many URLs, politely and for a limited time."""

    def __init__(
        self, ranges: Ranges, remembered: Remembered, clock: Clock, watch: Watch = _unwatched
    ) -> None:
        self._watch = watch
        self._ranges = ranges
        self._remembered = remembered
        self._clock = clock
        self._away: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._deadline = 0.0

    def at(self, targets: Iterable[Target], within: timedelta) -> dict[Target, Look]:
        """Return a look for each; those there was no time for say so."""
        wanted = list(dict.fromkeys(targets))
        known = {
            each: Look(facts)
            for each in wanted
            if (facts := self._remembered.facts(each.url)) is not None
        }
        self._deadline = self._clock.monotonic() + within.total_seconds()
        places = {each: _host(each.url) for each in wanted if each not in known}
        with self._watch(len(places)) as told:
            looks = run_errands(
                places,
                self._look,
                clock=self._clock,
                deadline=self._deadline,
                crew=CREW,
                told=told,
            )
        self._keep(looks)
        late = Look(problem="was not looked at: there was no time left for it", again=True)
        return {each: known.get(each) or looks.get(each) or late for each in wanted}

    def _keep(self, looks: dict[Target, Look]) -> None:
        for target, look in looks.items():
            if look.facts is not None:
                self._remembered.keep(target.url, look.facts)
        if looks:
            self._remembered.save()

    def _look(self, target: Target) -> Look:
        host = _host(target.url)
        if self._away[host] >= TRIES_OF_A_HOST:
            message = f"was not looked at: {host} could not be reached {TRIES_OF_A_HOST} times"
            return Look(problem=message, again=True)
        try:
            return Look(self._facts(target))
        except HostAway as away:
            with self._lock:
                self._away[host] += 1
            return Look(problem=str(away), again=True)
        except MediaFailed as failed:
            return Look(problem=str(failed), again=failed.again)

    def _facts(self, target: Target) -> MediaFacts:
        deadline = min(self._deadline, self._clock.monotonic() + ONE_URL.total_seconds())

        def read(start: int, length: int) -> tuple[bytes, int | None, str, int]:
            got = self._ranges.read(
                target.url, start, length, allow_private=target.allow_private, deadline=deadline
            )
            return got.content, got.size_bytes, got.content_type, got.start

        head, size, content_type, _ = read(0, HEAD_BYTES)
        seen = read_head(head, size)
        seen = Seen(replace(seen.facts, content_type=content_type), seen.next_at)
        if seen.next_at is None:
            return seen.facts
        tail, _, _, start = read(seen.next_at, TAIL_BYTES)
        # A host without ranges gives the first bytes again, which tell nothing new.
        return read_tail(seen, tail) if start == seen.next_at else seen.facts


def look_at_file(path: str) -> Look:
    """Look at a file on this machine."""
    try:
        with Path(path).open("rb") as file:
            size = file.seek(0, 2)
            file.seek(0)
            seen = read_head(file.read(HEAD_BYTES), size)
            if seen.next_at is None:
                return Look(seen.facts)
            file.seek(seen.next_at)
            return Look(read_tail(seen, file.read(TAIL_BYTES)))
    except (OSError, ValueError) as wrong:
        reason = getattr(wrong, "strerror", None) or str(wrong)
        return Look(problem=f"cannot be read: {reason}")


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").lower()
