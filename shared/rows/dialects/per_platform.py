"""Columns for one platform each: `custom_text_<platform>` and `schedule_time_<platform>`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from shared.rows.dialects.words import platform_word

_COLUMN = re.compile(r"^(custom_text|schedule_time)_(.+)$")


def is_per_platform(column: str) -> bool:
    return _matched(column) is not None


def meaning(column: str) -> tuple[str, str] | None:
    """Return what a column is for, and the platform as we name it; None = it is no such column."""
    matched = _matched(column)
    return None if matched is None else (matched[1], platform_word(matched[2]))


@dataclass(frozen=True, slots=True)
class PerPlatform:
    """What a row says for one platform only, where it says anything."""

    captions: dict[str, str] = field(default_factory=dict)
    times: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, cells: Mapping[str, str]) -> "PerPlatform":
        found = cls()
        for column, cell in cells.items():
            meant = meaning(column)
            if meant and cell.strip():
                texts = found.captions if meant[0] == "custom_text" else found.times
                texts[meant[1]] = cell
        return found

    def beyond(self, platforms: set[str]) -> list[str]:
        """Return the platforms of these columns that the row does not post to."""
        return sorted({*self.captions, *self.times} - platforms)


@lru_cache(maxsize=1_000)
def _matched(column: str) -> "re.Match[str] | None":
    # Asked for every cell of a file, whose columns are few.
    return _COLUMN.match(re.sub(r"[\s-]+", "_", column.strip().lower()))
