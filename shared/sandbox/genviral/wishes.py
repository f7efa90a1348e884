"""Reads the body of a create or update call by its schema; what breaks it is a 422."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from shared.sandbox.exchange import Json
from shared.sandbox.fields import Fields
from shared.sandbox.genviral.posts import Wish
from shared.sandbox.genviral.wire import invalid_payload, no, payload_failure

_ACCOUNTS_MOST = 10
_EXTERNAL_ID_LONGEST = 128
_AT_ONCE = timedelta(seconds=30)
_LEAST_NOTICE = timedelta(minutes=2)
_POST_MODES = ("DIRECT_POST", "MEDIA_UPLOAD")
_PRIVACY = ("PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "FOLLOWER_OF_CREATOR", "SELF_ONLY")
_TIKTOK_FLAGS = (
    "disable_comment",
    "disable_duet",
    "disable_stitch",
    "auto_add_music",
    "is_commercial",
    "is_branded_content",
    "is_your_brand",
    "user_consent",
)
#: The client checks 150 for the title, the newer docs give 4000 units for the description (D).
_TIKTOK_TITLE, _TIKTOK_DESCRIPTION = 150, 4000
_PINTEREST_LONGEST = {"board_id": 128, "title": 100, "link": None}
_TAGS_MOST = 30
_SETTINGS = ("x", "instagram", "facebook", "linkedin", "bluesky", "youtube")
_DURATION_MISSING = {
    "field": "media",
    "message": "No duration metadata",
    "code": "VIDEO_DURATION_MISSING",
}


def read_wish(body: Any, now: datetime) -> Wish:
    fields = Fields(body, payload_failure)
    wish = Wish(
        caption=fields.text("caption", required=True) or "",
        account_ids=_account_ids(fields.listed("accounts")),
        media=_media(fields),
        scheduled_at=_moment(fields.text("scheduled_at"), now),
        external_id=fields.text("external_id", _EXTERNAL_ID_LONGEST),
        body=body,
        warnings=_warnings(body),
    )
    fields.text("music_url")
    _read_tiktok(fields.group("tiktok"))
    _read_pinterest(fields.group("pinterest"))
    _read_settings(fields.group("settings"))
    fields.close()
    return wish


def _account_ids(given: list[Any] | None) -> tuple[str, ...]:
    if given is None or len(given) > _ACCOUNTS_MOST:
        raise invalid_payload(f"accounts must be 1 to {_ACCOUNTS_MOST} objects")
    if not given:
        raise no(400, "missing_accounts", "No account is left to post to")
    ids = tuple(_account_id(place, entry) for place, entry in enumerate(given))
    if len(set(ids)) != len(ids):
        raise invalid_payload("accounts must not repeat")
    return ids


def _account_id(place: int, entry: Any) -> str:
    fields = Fields(entry, payload_failure, f"accounts[{place}]")
    account_id = fields.needed("id")
    fields.close()
    try:
        UUID(account_id)
    except ValueError:
        raise invalid_payload(f"accounts[{place}].id must be a UUID") from None
    return account_id


def _media(fields: Fields) -> Json | None:
    media = fields.group("media")
    if not fields.given("media"):
        return None
    kind = media.choice("type", ("video", "slideshow"), None)
    if kind == "video":
        described = _video(media)
    elif kind == "slideshow":
        described = {"type": kind, "urls": media.texts("urls")}
    else:
        raise invalid_payload("media.type is required")
    media.close()
    return described


def _video(media: Fields) -> Json:
    video: Json = {"type": "video", "url": media.needed("url")}
    duration_s = media.number("duration_sec")
    return video if duration_s is None else video | {"duration_sec": duration_s}


def _moment(value: str | None, now: datetime) -> datetime | None:
    """Within 30 s of now it is at once, else it must be two minutes ahead (D)."""
    if value is None:
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise invalid_payload("scheduled_at must be an ISO 8601 time") from None
    if at.tzinfo is None:
        raise invalid_payload("scheduled_at must have an offset")
    if abs(at - now) <= _AT_ONCE:
        return None
    if at < now + _LEAST_NOTICE:
        raise invalid_payload("scheduled_at must be at least 2 minutes ahead")
    return at.astimezone(UTC)


def _warnings(body: Json) -> tuple[Json, ...]:
    media = body.get("media") or {}
    is_video = isinstance(media, dict) and media.get("type") == "video"
    return (_DURATION_MISSING,) if is_video and media.get("duration_sec") is None else ()


def _read_tiktok(tiktok: Fields) -> None:
    tiktok.text("title", _TIKTOK_TITLE)
    tiktok.text("description", _TIKTOK_DESCRIPTION)
    tiktok.choice("post_mode", _POST_MODES, None)
    tiktok.choice("privacy_level", _PRIVACY, None)
    for name in _TIKTOK_FLAGS:
        tiktok.flag(name)
    tiktok.close()


def _read_pinterest(pinterest: Fields) -> None:
    for name, longest in _PINTEREST_LONGEST.items():
        pinterest.text(name, longest)
    tags = pinterest.texts("tags") if pinterest.given("tags") else []
    if len(tags) > _TAGS_MOST:
        raise invalid_payload(f"pinterest.tags must be at most {_TAGS_MOST}")
    pinterest.close()


def _read_settings(settings: Fields) -> None:
    for provider in _SETTINGS:
        own = settings.group(provider)
        if provider == "youtube":
            own.text("title")
            own.text("type")
            own.close()
    settings.close()
