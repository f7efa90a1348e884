"""A dialect of another tool, declared: which column means what, and what its blanks mean."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from shared.rows.defaults import DateOrder, Defaults
from shared.rows.dialects.cells import Terms
from shared.rows.dialects.dialect import Reader
from shared.rows.dialects.foreign_rows import ForeignRows
from shared.rows.dialects.uses import Use

#: What templates write behind a name: `Date - Intl. format or prompt`, `link (OGmetaUrl)`.
_EXPLAINED = re.compile(r"\s+[-(\u2013].*$", re.DOTALL)


def key_of(column: str) -> str:
    """Return a column's name as dialects know it: `Media URL(s) - By comma` is `mediaurls`."""
    return re.sub(r"[\W_]+", "", _EXPLAINED.sub("", column.strip()).lower())


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreign:
    """The table of one tool."""

    name: str
    #: As people write it.
    tool: str
    #: By `key_of`.
    columns: Mapping[str, Use]
    #: Of each of these a header has at least one.
    needs: tuple[frozenset[str], ...]
    #: Why a row without a time cannot be taken; '' = the tool publishes it at once.
    timeless: str
    timeless_is_draft: bool = False
    #: The zone of times that name none, where the tool says one.
    zone: str = ""
    dates: DateOrder | None = None
    kinds: Mapping[str, str] = field(default_factory=dict)

    def known(self, columns: Sequence[str]) -> int:
        """Return how many columns it knows; 0 when the header is not its own."""
        keys = {key_of(each) for each in columns}
        return len(keys & self.columns.keys()) if self._has_all(keys) else 0

    def lacking(self, columns: Sequence[str]) -> str:
        """Return the columns that a header lacks."""
        keys = {key_of(each) for each in columns}
        return " and ".join(" or ".join(sorted(each)) for each in self.needs if not each & keys)

    def _has_all(self, keys: set[str]) -> bool:
        return all(each & keys for each in self.needs)

    def reader(self, columns: Sequence[str], defaults: Defaults) -> Reader:
        uses = [self.columns.get(key_of(each)) for each in columns]
        return ForeignRows(self._terms(defaults), columns, uses, defaults)

    def _terms(self, defaults: Defaults) -> Terms:
        return Terms(
            dialect=self.name,
            tool=self.tool,
            timeless=self.timeless,
            timeless_is_draft=self.timeless_is_draft,
            zone=defaults.timezone or self.zone,
            dates=defaults.dates or self.dates,
            kinds=self.kinds,
        )
