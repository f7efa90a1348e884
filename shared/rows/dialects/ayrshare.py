"""Ayrshare's table for bulk posts: times are in UTC, and the date is required (D)."""

from shared.rows.dialects.foreign import Foreign
from shared.rows.dialects.uses import Use

AYRSHARE = Foreign(
    name="ayrshare",
    tool="Ayrshare",
    columns={
        "post": Use.TEXT,
        "platforms": Use.PLATFORMS,
        "mediaurls": Use.MEDIA,
        "scheduledate": Use.TIME,
    },
    needs=(frozenset({"post"}), frozenset({"platforms"})),
    timeless="is required: say when",
    zone="UTC",
)
