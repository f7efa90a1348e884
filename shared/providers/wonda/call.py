"""The publish calls of Wonda: their paths, their bodies and what their answers come to."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from shared.domain.outcome import (
    Accepted,
    Deferred,
    ErrorClass,
    Outcome,
    Receipt,
    Succeeded,
)
from shared.domain.post import Kind, Post
from shared.domain.status import Verdict
from shared.provider import refused
from shared.providers.wonda.faults import fault_of, unreadable
from shared.providers.wonda.reading import status_of, text_of
from shared.wire.answer import Answer
from shared.wire.wire import Wire

#: Instagram's product that each kind becomes; a video is a Reel.
PRODUCTS: Mapping[Kind, str] = {
    Kind.CAROUSEL: "CAROUSEL",
    Kind.IMAGE: "IMAGE",
    Kind.VIDEO: "REELS",
    Kind.STORY: "STORIES",
}

_FIELDS = {
    "privacy": "privacyLevel",
    "post_mode": "postMode",
    "cover_index": "coverIndex",
    "share_to_feed": "shareToFeed",
    "ai_generated": "isAigc",
    "disclose_commercial": "discloseCommercial",
    "brand_organic": "brandOrganic",
    "branded_content": "brandedContent",
}
_SWITCHED_OFF = {
    "allow_comment": "disableComment",
    "allow_duet": "disableDuet",
    "allow_stitch": "disableStitch",
}

#: A 409 says that media are still being processed, or that states clash, and does not tell
#: which (D); the first is over within minutes, so after that it is taken for the second.
_CONFLICT = 409
_CONFLICT_WAIT = timedelta(seconds=5)
_CONFLICTS_MAX = 60


def path_of(post: Post) -> str:
    return f"/api/v1/publish/{post.platform}{'/carousel' if post.kind is Kind.CAROUSEL else ''}"


def body_of(post: Post, media_ids: Sequence[str]) -> dict[str, Any]:
    body: dict[str, Any] = {f"{post.platform}AccountId": post.account_id}
    if post.kind is Kind.CAROUSEL:
        body["mediaIds"] = list(media_ids)
    else:
        body["mediaId"] = media_ids[0]
    if post.caption:
        body["caption"] = post.caption
    return body | _instagram_single(post) | _options(post.options)


def _instagram_single(post: Post) -> dict[str, Any]:
    if post.platform != "instagram" or post.kind is Kind.CAROUSEL:
        return {}
    alt_text = next(iter(post.alt_texts), "")
    return {"product": PRODUCTS[post.kind], **({"altText": alt_text} if alt_text else {})}


def _options(options: Mapping[str, Any]) -> dict[str, Any]:
    given = {key: options[name] for name, key in _FIELDS.items() if name in options}
    turned = {key: not options[name] for name, key in _SWITCHED_OFF.items() if name in options}
    return given | turned


def outcome_of(post: Post, answer: Answer, wire: Wire) -> Outcome:
    """Read a carousel's 2xx as published, it has no status (S), and a single's as a job."""
    if not answer.ok:
        return _refusal(answer, wire)
    key = f"{post.platform}PublishId" if post.kind is Kind.CAROUSEL else "outputJobId"
    publish_id = text_of(answer.at(key))
    if not publish_id:
        return refused(answer, unreadable(answer, key))
    return _answered(post, publish_id, answer)


def _answered(post: Post, publish_id: str, answer: Answer) -> Outcome:
    silent = {"status": "succeeded"} if post.kind is Kind.CAROUSEL else {}
    said = {key: value for key, value in answer.body.items() if value is not None}
    status = status_of(publish_id, silent | said, post.platform, inbox=post.inbox)
    receipt = Receipt(
        publish_id=publish_id,
        provider_status=status.raw,
        permalink=status.permalink,
        platform_post_id=status.platform_post_id,
        delivered_to_inbox=status.delivered_to_inbox,
    )
    return Succeeded(receipt) if status.verdict is Verdict.SUCCEEDED else Accepted(receipt)


def _refusal(answer: Answer, wire: Wire) -> Outcome:
    fault = fault_of(answer)
    conflicts = int(wire.prepared.get("conflicts") or 0)
    clash = answer.status == _CONFLICT and fault.error_class is ErrorClass.CONFLICT
    if clash and conflicts < _CONFLICTS_MAX:
        wire.remember(conflicts=conflicts + 1)
        return Deferred(_CONFLICT_WAIT, fault)
    return refused(answer, fault)
