"""GoHighLevel's basic table of its social planner; slashed dates have the month first (D)."""

from shared.rows.defaults import DateOrder
from shared.rows.dialects.foreign import Foreign
from shared.rows.dialects.uses import Use

GOHIGHLEVEL = Foreign(
    name="gohighlevel",
    tool="GoHighLevel",
    columns={
        "postatspecifictime": Use.TIME,
        "content": Use.TEXT,
        "link": Use.LINK,
        "imageurls": Use.MEDIA,
        "gifurl": Use.MEDIA,
        "videourl": Use.MEDIA,
        "videourls": Use.MEDIA,
    },
    needs=(frozenset({"postatspecifictime"}), frozenset({"content"})),
    timeless="is required: say when",
    dates=DateOrder.MDY,
)
