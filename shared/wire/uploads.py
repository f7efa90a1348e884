"""Files of a post that go to the provider as bytes: each uploaded once for all posts."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path

from shared.domain.post import Media
from shared.domain.shelf import Standing, digest
from shared.wire.media import LocalFile
from shared.wire.shelves import AtShelf, until_none_left
from shared.wire.wire import Wire


@dataclass(frozen=True, slots=True)
class Copy:
    """A file here, and what it is known by."""

    media: Media
    file: LocalFile
    content: str


#: Opens a local copy of a file.
Open = Callable[[Media], AbstractContextManager[LocalFile]]
#: Is told how it stands with a file, as soon as the provider has it.
Known = Callable[[Media, Standing], None]
#: Is told the same of a copy that was uploaded.
Keep = Callable[[Copy, Standing], None]
#: Uploads files, and says of each what the provider calls it.
Upload = Callable[[Sequence[Copy], Keep], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploads:
    """How one provider is given bytes: so many files at a time."""

    wire: Wire
    open: Open
    upload: Upload
    known: Known
    at_once: int = 1

    def bring(self, media: Sequence[Media]) -> None:
        """Tell what the provider calls each of these files, uploading those that it lacks.

        Raises NoAnswer, CallFailed, MediaFailed.
        """
        with AtShelf(self.wire) as shelf:
            until_none_left(self.wire, list(dict.fromkeys(media)), _Round(self, shelf).go)


@dataclass(frozen=True, slots=True)
class _Round:
    """Looks once at every file that is left, and uploads what nobody else does."""

    way: Uploads
    shelf: AtShelf

    def go(self, media: Sequence[Media]) -> Sequence[Media]:
        """Return what somebody else uploads at this moment."""
        standings = self._noted(media)
        absent: list[Media] = []
        busy: list[Media] = []
        for each in media:
            standing = standings.get(each, Standing())
            if standing.media_id is not None:
                self.way.known(each, standing)
            else:
                (busy if standing.busy else absent).append(each)
        for start in range(0, len(absent), self.way.at_once):
            busy += self._some(absent[start : start + self.way.at_once])
        return busy

    def _noted(self, media: Sequence[Media]) -> Mapping[Media, Standing]:
        """Return how it stands with files whose bytes were read a while ago."""
        wire = self.way.wire
        sources = {each: source_of(each) for each in media}
        noted = wire.road.shelf.contents(list(sources.values()), now=wire.clock.now())
        contents = {each: noted[source] for each, source in sources.items() if source in noted}
        standings = self.shelf.look(list(contents.values()))
        return {
            each: standings[content] for each, content in contents.items() if content in standings
        }

    def _some(self, media: Sequence[Media]) -> list[Media]:
        with ExitStack() as opened:
            copies = [self._copy(each, opened) for each in media]
            wire = self.way.wire
            contents = {source_of(copy.media): copy.content for copy in copies}
            wire.road.shelf.note(contents, now=wire.clock.now())
            sizes = {copy.content: copy.file.size_bytes for copy in copies}
            standings = self.shelf.take(list(sizes), sum(sizes.values()))
            self._bring(copies, standings)
            return [copy.media for copy in copies if standings[copy.content].busy]

    def _copy(self, media: Media, opened: ExitStack) -> Copy:
        file = opened.enter_context(self.way.open(media))
        file.file.seek(0)
        sha256 = hashlib.file_digest(file.file, "sha256").hexdigest()  # type: ignore[arg-type]
        file.file.seek(0)
        return Copy(media, file, f"{sha256} {file.content_type}")

    def _bring(self, copies: Sequence[Copy], standings: Mapping[str, Standing]) -> None:
        mine: dict[str, Copy] = {}
        for copy in copies:
            standing = standings[copy.content]
            if standing.media_id is not None:
                self.way.known(copy.media, standing)
            elif standing.mine:
                mine.setdefault(copy.content, copy)

        def keep(stored: Copy, standing: Standing) -> None:
            for copy in copies:
                if copy.content == stored.content:
                    self.way.known(copy.media, standing)
            self.shelf.put(stored.content, standing)

        if mine:
            self.way.upload(list(mine.values()), keep)


def source_of(media: Media) -> str:
    """Return what stands for where a file is found; a file here that was changed is another."""
    if media.path is None:
        return digest(media.url or "")
    try:
        facts = Path(media.path).stat()
    except OSError:
        return digest(media.path)
    return digest(f"{media.path}\n{facts.st_size}\n{facts.st_mtime_ns}")
