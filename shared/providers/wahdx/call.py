"""The publish call of WAHDX: its body, the media it may name and what its answer comes to."""

from collections.abc import Mapping
from typing import Any

from shared.domain.outcome import (
    Accepted,
    ErrorClass,
    Failed,
    Fault,
    Outcome,
    Receipt,
    Succeeded,
)
from shared.domain.post import Kind, Media, Post
from shared.domain.status import Verdict
from shared.provider import refused
from shared.providers.wahdx.reading import (
    denied,
    fault_of,
    flat,
    publish_id_of,
    status_of,
    unreadable,
)
from shared.wire.answer import Answer
from shared.wire.media import problem_with_url

_SETTINGS: Mapping[str, str] = {
    "privacy": "privacy_level",
    "allow_comment": "allow_comment",
    "allow_duet": "allow_duet",
    "allow_stitch": "allow_stitch",
    "cover_timestamp_ms": "video_cover_timestamp_ms",
    "cover_index": "photo_cover_index",
    "auto_add_music": "auto_add_music",
    "ai_generated": "video_made_with_ai",
}


def refused_media(post: Post, *, allow_private: bool) -> Fault | None:
    """Say what is wrong with the media: WAHDX fetches them, so they are checked as written."""
    faults = (_refused(media, allow_private=allow_private) for media in post.media)
    return next(filter(None, faults), None)


def _refused(media: Media, *, allow_private: bool) -> Fault | None:
    if media.url is None:
        problem: str | None = "a file must be given by its URL"
    else:
        wrong = problem_with_url(media.url, allow_private=allow_private)
        problem = f"{media.url.partition('?')[0]} {wrong}" if wrong else None
    if problem is None:
        return None
    return Fault(error_class=ErrorClass.VALIDATION, code="media_refused", message=problem)


def body_of(post: Post) -> dict[str, Any]:
    body: dict[str, Any] = {
        "platform": post.platform,
        "accountId": post.account_id,
        "mediaItems": [{"url": media.url} for media in post.media],
    }
    if post.caption:
        body["content"] = post.caption
    if post.title:
        body["photoTitle"] = post.title
    if post.platform == "tiktok" and (settings := _tiktok_settings(post)):
        body["tiktokSettings"] = settings
    if "share_to_feed" in post.options:
        body["instagramSettings"] = {"share_to_feed": post.options["share_to_feed"]}
    return body


def _tiktok_settings(post: Post) -> dict[str, Any]:
    """Translate the options; the sample of a photo draft states its media type (S)."""
    options = post.options
    settings = {key: options[name] for name, key in _SETTINGS.items() if name in options}
    photo = {} if post.kind is Kind.VIDEO else {"media_type": "photo"}
    return settings | ({"draft": True, **photo} if post.inbox else {})


def outcome_of(post: Post, answer: Answer) -> Outcome:
    if not answer.ok:
        return refused(answer, fault_of(answer))
    facts = flat(answer.body)
    publish_id = publish_id_of(facts)
    if denied(answer.body) and not (publish_id and "success" not in facts):
        return Failed(fault_of(answer))
    if not publish_id:
        return refused(answer, unreadable(answer, "data.publish_id"))
    status = status_of(publish_id, facts, post)
    receipt = Receipt(
        publish_id=publish_id,
        provider_status=status.raw,
        permalink=status.permalink,
        platform_post_id=status.platform_post_id,
        delivered_to_inbox=status.delivered_to_inbox,
    )
    return Succeeded(receipt) if status.verdict is Verdict.SUCCEEDED else Accepted(receipt)
