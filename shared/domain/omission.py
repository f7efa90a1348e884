"""Omissions: the days and times that a series leaves out."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Omissions:
    """Days and local times of a series' zone, and instants, at which nothing is published."""

    days: frozenset[date] = frozenset()
    walls: frozenset[datetime] = frozenset()
    instants: frozenset[datetime] = frozenset()

    def cover(self, wall: datetime, at: datetime) -> bool:
        """Whether the occurrence that is named `wall` and comes at `at` is left out."""
        return wall.date() in self.days or wall in self.walls or at in self.instants

    def words(self) -> list[str]:
        """Return them as `read_omissions` reads them."""
        instants = (each.isoformat().replace("+00:00", "Z") for each in sorted(self.instants))
        walls = (each.isoformat() for each in sorted(self.walls))
        return [*(each.isoformat() for each in sorted(self.days)), *walls, *instants]


def read_omissions(words: Iterable[str]) -> Omissions:
    """Read days, local times and times with an offset; ValueError names each that is none."""
    days, walls, instants, wrong = set(), set(), set(), []
    for word in words:
        try:
            if _DAY.fullmatch(word):
                days.add(date.fromisoformat(word))
                continue
            moment = datetime.fromisoformat(word)
        except ValueError:
            wrong.append(word)
            continue
        if "T" not in word and " " not in word.strip():
            wrong.append(word)
        elif moment.tzinfo is None:
            walls.add(moment)
        else:
            instants.add(moment.astimezone(UTC))
    if wrong:
        named = ", ".join(repr(word) for word in wrong)
        raise ValueError(f"must be a day such as 2026-12-24 or a time, not {named}")
    return Omissions(frozenset(days), frozenset(walls), frozenset(instants))
