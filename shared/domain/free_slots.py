"""Free slots: which slot of its account's timetable the next job that queues for one gets."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from shared.domain.timetable import Timetable


class FreeSlots:
    """The free slots of one account after an instant, each given out once, the first one first."""

    def __init__(self, taken: Iterable[datetime], after: datetime) -> None:
        self._taken = set(taken)
        self._after = after
        self._ahead: dict[Timetable, Iterator[datetime]] = {}

    def next(self, table: Timetable) -> datetime | None:
        """Return the next one; None = within two years there is none."""
        ahead = self._ahead.setdefault(table, table.slots(self._after))
        at = next((each for each in ahead if each not in self._taken), None)
        if at is not None:
            self._taken.add(at)
        return at


def no_free_slot(connection: str, account_id: str) -> str:
    """Say that an account's slots are all taken."""
    return f"account {account_id} of {connection} has no free slot within two years"
