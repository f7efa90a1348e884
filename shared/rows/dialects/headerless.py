"""Three columns without a header: date, message, link. The link may be left out."""

from collections.abc import Sequence
from dataclasses import dataclass

from typing_extensions import override

from shared.rows.defaults import Defaults
from shared.rows.dialects.dialect import Reader
from shared.rows.dialects.foreign import Foreign
from shared.rows.dialects.times import looks_like_time
from shared.rows.dialects.uses import Use

#: What the columns would be called.
COLUMNS = ("date", "message", "link")


@dataclass(frozen=True, slots=True, kw_only=True)
class Headerless(Foreign):
    """A table that is recognised by its first row, which is a post already."""

    @override
    def known(self, columns: Sequence[str]) -> int:
        first = columns[0] if columns else ""
        return self.fits(columns) if looks_like_time(first) else 0

    def fits(self, columns: Sequence[str]) -> int:
        """Return the number of columns, or 0 where it cannot be such a table."""
        return len(columns) if 1 < len(columns) <= len(COLUMNS) else 0

    @override
    def lacking(self, columns: Sequence[str]) -> str:
        return ""

    @override
    def reader(self, columns: Sequence[str], defaults: Defaults) -> Reader:
        return Foreign.reader(self, COLUMNS, defaults)


HEADERLESS = Headerless(
    name="headerless",
    tool="date, message, link",
    columns={"date": Use.TIME, "message": Use.TEXT, "link": Use.LINK},
    needs=(),
    timeless="is required: say when",
)
