"""The body of PostEverywhere's create call, from a post and the ids of its media."""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.domain.post import Kind, Post

#: `contentType` per platform and kind, where one must be named (D).
_CONTENT_TYPES: Mapping[tuple[str, Kind], str] = {
    ("instagram", Kind.IMAGE): "Post",
    ("instagram", Kind.CAROUSEL): "Post",
    ("instagram", Kind.VIDEO): "Reels",
    ("instagram", Kind.STORY): "Story",
    ("facebook", Kind.STORY): "Story",
}

#: Our options and the provider's names for them (D). The unit of the cover is A: milliseconds.
_SETTINGS: Mapping[str, Mapping[str, str]] = {
    "instagram": {"cover_timestamp_ms": "coverPhotoTimestamp"},
    "youtube": {"visibility": "privacyStatus"},
    "tiktok": {
        "privacy": "privacyLevel",
        "allow_comment": "allowComments",
        "allow_duet": "allowDuet",
        "allow_stitch": "allowStitch",
    },
    "pinterest": {"board_id": "boardId", "link": "link"},
}


def account_number(account_id: str) -> int | str:
    """Return the id as the integer it is in requests (S)."""
    return int(account_id) if account_id.isdecimal() else account_id


def body_of(post: Post, media_ids: Sequence[str]) -> dict[str, Any]:
    """Return the body; without `scheduled_for` the post is published at once."""
    body: dict[str, Any] = {"account_ids": [account_number(post.account_id)]}
    if post.caption:
        body["content"] = post.caption
    if media_ids:
        body["media_ids"] = list(media_ids)
    own = _own_content(post)
    if own:
        body["platform_content"] = {post.platform: own}
    return body


def _own_content(post: Post) -> dict[str, Any]:
    own = {"contentType": _content_type(post), "settings": _settings(post)}
    return {name: value for name, value in own.items() if value}


def _content_type(post: Post) -> str | None:
    if post.options.get("trial_reel"):
        return "Trial Reel"
    video_type: str | None = post.options.get("video_type")
    if post.platform == "facebook" and video_type:
        return "Reels" if video_type == "Short" else "Post"
    return video_type or _CONTENT_TYPES.get((post.platform, post.kind))


def _settings(post: Post) -> dict[str, Any]:
    names = _SETTINGS.get(post.platform, {})
    settings = {names[name]: value for name, value in post.options.items() if name in names}
    if post.title:
        settings["title"] = post.title
    if any(post.alt_texts):
        settings["altText"] = post.alt_texts[0]
    return settings
