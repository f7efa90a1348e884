"""The search for a publish whose answer was lost: what is noted before, what counts as ours."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shared.domain.lost import Absent, Ambiguous, Found, Sighting
from shared.domain.post import Post
from shared.provider import Lost
from shared.providers.wonda.call import PRODUCTS
from shared.providers.wonda.history import SKEW, History, Row
from shared.providers.wonda.reading import instant_of
from shared.wire.wire import Wire


def memo_of(post: Post, wire: Wire) -> dict[str, Any]:
    """Note the newest row that the account has before the publish call is made."""
    newest = History(wire=wire, platform=post.platform, account_id=post.account_id).newest()
    if newest is None:
        return {"newest_id": None, "newest_at": None}
    return {"newest_id": newest.publish_id, "newest_at": newest.text("createdAt") or None}


def find(lost: Lost, wire: Wire) -> Sighting:
    rows = [row for row in matching(lost.post, lost.sent_at, wire) if _is_new(row, lost.memo)]
    ours = [row for row in rows if row.publish_id not in lost.claimed]
    match ours:
        case []:
            return Absent()
        case [row]:
            return Found(row.status(row.publish_id, inbox=lost.post.inbox))
        case several:
            return Ambiguous(tuple(row.publish_id for row in several))


def matching(post: Post, sent_at: datetime, wire: Wire) -> list[Row]:
    """Return the rows that a publish of `post` sent at that time may have left."""
    product = {"product": PRODUCTS[post.kind]} if post.platform == "instagram" else {}
    history = History(
        wire=wire, platform=post.platform, account_id=post.account_id, filters=product
    )
    return [row for row in history.since(sent_at - SKEW) if _fits(row, post)]


def _is_new(row: Row, memo: Mapping[str, Any]) -> bool:
    """Newer than the row noted before; one of the same instant may be."""
    return row.publish_id != memo.get("newest_id") and not row.older_than(
        instant_of(memo.get("newest_at"))
    )


def _fits(row: Row, post: Post) -> bool:
    """Compare what a row and a post both say; a part that the row leaves out fits."""
    return (
        row.text("caption").strip() == post.caption.strip()
        and row.text(f"{post.platform}AccountId") in {"", post.account_id}
        and row.text("product") in {"", PRODUCTS[post.kind]}
        and row.text("privacyLevel") in {"", *_privacies(row, post)}
    )


def _privacies(row: Row, post: Post) -> set[str]:
    """In inbox mode the field has no effect, so its value says nothing (S)."""
    if post.inbox:
        return {row.text("privacyLevel")}
    return {str(post.options.get("privacy", "SELF_ONLY"))}
