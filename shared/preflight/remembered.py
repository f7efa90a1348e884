"""What was seen of media URLs, kept in the state folder for a later check.

A URL may carry a signature, so only its hash is kept.
"""

import contextlib
import hashlib
import json
import tempfile
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from shared.domain.media_facts import MediaFacts

FILE_NAME = "media-seen.json"

#: More than this many are not kept; the newest stay.
KEPT_MAX = 20_000


class Remembered:
    """Facts by URL with the moment they were seen; a file that cannot be read is empty."""

    def __init__(self, home: Path, *, reuse: timedelta, now: datetime) -> None:
        self._path = home / FILE_NAME
        self._now = now
        self._since = now - reuse
        self._seen: dict[str, dict[str, Any]] = _read(self._path)

    def facts(self, url: str) -> MediaFacts | None:
        """Return what was seen of a URL, if that is recent enough."""
        seen = self._seen.get(_key(url))
        try:
            if seen is None or datetime.fromisoformat(seen["at"]) <= self._since:
                return None
            return _facts(seen["facts"])
        except (KeyError, TypeError, ValueError):
            return None

    def keep(self, url: str, facts: MediaFacts) -> None:
        lasts = facts.duration
        form = asdict(facts) | {"duration": None if lasts is None else lasts.total_seconds()}
        self._seen[_key(url)] = {"at": self._now.isoformat(), "facts": form}

    def save(self) -> None:
        """Write all at once; where nothing can be written, only time is lost."""
        newest = sorted(self._seen.items(), key=lambda each: str(each[1].get("at")))[-KEPT_MAX:]
        with contextlib.suppress(OSError):
            _write(self._path, json.dumps(dict(newest)))


def _key(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()


def _facts(form: dict[str, Any]) -> MediaFacts:
    lasts = form.pop("duration", None)
    return MediaFacts(duration=None if lasts is None else timedelta(seconds=lasts), **form)


def _read(path: Path) -> dict[str, dict[str, Any]]:
    try:
        seen = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    rows = seen.items() if isinstance(seen, dict) else ()
    return {key: row for key, row in rows if isinstance(row, dict)}


def _write(path: Path, text: str) -> None:
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=path.parent, prefix=path.name, delete=False
    ) as file:
        file.write(text)
    Path(file.name).replace(path)
