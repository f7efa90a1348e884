"""The body of Genviral's create call, from a post and the addresses of its media."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from shared.domain.post import Kind, Post

_POST_MODES = {"direct": "DIRECT_POST", "inbox": "MEDIA_UPLOAD"}


def _same(value: Any) -> Any:
    return value


def _opposite(value: Any) -> bool:
    return not value


#: Our options, the provider's names for them, and how a value is said there (D).
_TIKTOK: Mapping[str, tuple[str, Callable[[Any], Any]]] = {
    "description": ("description", _same),
    "post_mode": ("post_mode", lambda mode: _POST_MODES[mode]),
    "privacy": ("privacy_level", _same),
    "allow_comment": ("disable_comment", _opposite),
    "allow_duet": ("disable_duet", _opposite),
    "allow_stitch": ("disable_stitch", _opposite),
    "auto_add_music": ("auto_add_music", _same),
    "disclose_commercial": ("is_commercial", _same),
    "branded_content": ("is_branded_content", _same),
    "brand_organic": ("is_your_brand", _same),
    "user_consent": ("user_consent", _same),
}
_PINTEREST = {name: (name, _same) for name in ("board_id", "link", "tags")}


def body_of(post: Post, urls: Sequence[str], external_id: str) -> dict[str, Any]:
    """Return the body; without `scheduled_at` the post is due at once."""
    parts = {
        "media": _media(post, urls),
        "music_url": post.options.get("music_url"),
        **_of_platform(post),
        "external_id": external_id,
    }
    return {
        "caption": post.caption,
        "accounts": [{"id": post.account_id}],
        **{name: part for name, part in parts.items() if part},
    }


def _media(post: Post, urls: Sequence[str]) -> dict[str, Any] | None:
    if post.kind is Kind.TEXT:
        return None
    if post.kind is not Kind.VIDEO:
        return {"type": "slideshow", "urls": list(urls)}
    duration = post.options.get("video_duration_s")
    timed = {} if duration is None else {"duration_sec": duration}
    return {"type": "video", "url": urls[0], **timed}


def _of_platform(post: Post) -> dict[str, Any]:
    """Return the options; TikTok's and Pinterest's have objects of their own (D)."""
    titled = {"title": post.title} if post.title else {}
    if post.platform == "tiktok":
        return {"tiktok": titled | _named(post.options, _TIKTOK)}
    if post.platform == "pinterest":
        return {"pinterest": titled | _named(post.options, _PINTEREST)}
    own = {**titled, **_named(post.options, {"visibility": ("type", _same)})}
    settings = {**post.options.get("settings", {}), **own}
    return {"settings": {post.platform: settings}} if settings else {}


def _named(
    options: Mapping[str, Any], names: Mapping[str, tuple[str, Callable[[Any], Any]]]
) -> dict[str, Any]:
    return {
        names[option][0]: names[option][1](value)
        for option, value in options.items()
        if option in names
    }
