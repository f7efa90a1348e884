"""Publer's table of twelve columns, and its older one of six (D).

Publer calls the date form international, year first; a blank date is filled by its own planner.
"""

from shared.rows.dialects.foreign import Foreign
from shared.rows.dialects.uses import Use

PUBLER = Foreign(
    name="publer",
    tool="Publer",
    columns={
        "date": Use.TIME,
        "text": Use.TEXT,
        "message": Use.TEXT_AND_CAPTIONS,
        "link": Use.LINK,
        "links": Use.LINK,
        "media": Use.MEDIA,
        "mediaurl": Use.MEDIA,
        "mediaurls": Use.MEDIA,
        "title": Use.TITLE,
        "alttext": Use.ALT_TEXTS,
        "alttexts": Use.ALT_TEXTS,
        "postsubtype": Use.KIND,
        "label": Use.NOTHING,
        "labels": Use.NOTHING,
        "comment": Use.NOTHING,
        "comments": Use.NOTHING,
        "boardalbum": Use.NOTHING,
        "pinboardfbalbumorgooglecategory": Use.NOTHING,
        "cta": Use.NOTHING,
        "reminder": Use.NOTHING,
    },
    needs=(
        frozenset({"date"}),
        frozenset({"text", "message"}),
        frozenset({"link", "links", "media", "mediaurl", "mediaurls"}),
    ),
    timeless="is required: Publer would choose a time itself; say when",
    kinds={
        "story": "story",
        "reel": "video",
        "short": "video",
        "video": "video",
        "photo": "image",
        "image": "image",
        "carousel": "carousel",
        "status": "text",
        "post": "",
    },
)
