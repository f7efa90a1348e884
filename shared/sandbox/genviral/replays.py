"""Which create call was seen before: by `external_id`, or by the fingerprint of its bytes."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class _Seen:
    digest: str
    post_id: str
    at: datetime


class ChangedReplay(Exception):
    """The key is known, but the payload was another one."""


class Replays:
    """The key's life is not documented, so it is endless unless it is asked to end."""

    def __init__(self) -> None:
        self._by_key: dict[str, _Seen] = {}
        self._by_digest: dict[str, _Seen] = {}

    def find(
        self, external_id: str | None, raw: bytes, now: datetime, life: timedelta | None
    ) -> str | None:
        """Give the original post's id; ChangedReplay when the payload is not the same bytes."""
        digest = hashlib.sha256(raw).hexdigest()
        seen = self._by_digest.get(digest) if external_id is None else self._by_key.get(external_id)
        if seen is None or (life is not None and now - seen.at >= life):
            return None
        if seen.digest != digest:
            raise ChangedReplay
        return seen.post_id

    def keep(self, external_id: str | None, raw: bytes, now: datetime, post_id: str) -> None:
        seen = _Seen(hashlib.sha256(raw).hexdigest(), post_id, now)
        if external_id is None:
            self._by_digest[seen.digest] = seen
        else:
            self._by_key[external_id] = seen
