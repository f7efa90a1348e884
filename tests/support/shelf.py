"""A shelf in memory, for wires without a ledger: nothing is claimed, since nobody else is there."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from typing_extensions import override

from shared.domain.shelf import LEASE, Shelf, Standing


class MemoryShelf(Shelf):
    def __init__(self) -> None:
        self._contents: dict[str, str] = {}
        self._stored: dict[str, Standing] = {}

    @override
    def contents(self, sources: Sequence[str], *, now: datetime) -> Mapping[str, str]:
        return {each: self._contents[each] for each in sources if each in self._contents}

    @override
    def note(self, contents: Mapping[str, str], *, now: datetime) -> None:
        self._contents |= contents

    @override
    def look(
        self, connection: str, contents: Sequence[str], *, now: datetime
    ) -> Mapping[str, Standing]:
        return {each: self._stored[each] for each in contents if each in self._stored}

    @override
    def take(
        self,
        connection: str,
        contents: Sequence[str],
        *,
        by: str,
        now: datetime,
        lease: timedelta = LEASE,
    ) -> Mapping[str, Standing]:
        return {each: self._stored.get(each, Standing(mine=True)) for each in contents}

    @override
    def put(
        self,
        connection: str,
        content: str,
        stored: Standing,
        *,
        now: datetime,
        expires_at: datetime | None = None,
    ) -> None:
        self._stored[content] = stored

    @override
    def settle(self, connection: str, media_id: str) -> None:
        for content, each in self._stored.items():
            if each.media_id == media_id:
                self._stored[content] = replace(each, ready=True)

    @override
    def leave(self, connection: str, *, by: str) -> None:
        """Nothing was taken from anybody."""

    @override
    def forget(self, connection: str, media_ids: Sequence[str]) -> None:
        self._stored = {
            content: each
            for content, each in self._stored.items()
            if each.media_id not in media_ids
        }
