"""Buffer's table for bulk uploads; a blank time would be its queue's next slot."""

from shared.rows.dialects.foreign import Foreign
from shared.rows.dialects.uses import Use

BUFFER = Foreign(
    name="buffer",
    tool="Buffer",
    columns={
        "text": Use.TEXT,
        "imageurl": Use.MEDIA,
        "tags": Use.NOTHING,
        "postingtime": Use.TIME,
    },
    needs=(frozenset({"text", "imageurl"}), frozenset({"postingtime"})),
    timeless="is required: Buffer would take its queue's next slot; say when,"
    " or yes in a column `queue` for the next of its account here",
)
