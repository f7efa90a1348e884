"""Zernio's table; a row that names no time, queue or `publish_now` is a draft there (D)."""

from shared.rows.dialects.foreign import Foreign
from shared.rows.dialects.uses import Use

ZERNIO = Foreign(
    name="zernio",
    tool="Zernio",
    columns={
        "postcontent": Use.TEXT,
        "title": Use.TITLE,
        "mediaurls": Use.MEDIA,
        "platforms": Use.PLATFORMS,
        "profiles": Use.PROFILES,
        "scheduletime": Use.TIME,
        "tz": Use.ZONE,
        "publishnow": Use.NOW,
        "usequeue": Use.QUEUE,
        "isdraft": Use.DRAFT,
    },
    needs=(frozenset({"postcontent"}), frozenset({"platforms"})),
    timeless="has no time and no publish_now, so it is a draft in Zernio and is not loaded",
    timeless_is_draft=True,
    zone="UTC",
)
