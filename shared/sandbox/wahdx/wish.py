"""Reads the body of WAHDX's one publish call strictly, by the rules of the sheet."""

from dataclasses import dataclass, field
from typing import Any

from shared.sandbox.accounts import SandboxAccount
from shared.sandbox.exchange import Json, Request
from shared.sandbox.fields import Fields
from shared.sandbox.media import extension_of, kind_of
from shared.sandbox.port import ProviderSandbox
from shared.sandbox.wahdx.problem import invalid, refused
from shared.sandbox.wahdx.seeds import PRIVACY

_PLATFORMS = ("tiktok", "instagram", "threads", "facebook")
_MOST_PHOTOS = {"tiktok": 35, "instagram": 10, "threads": 20, "facebook": 10}
_LONGEST_TEXT = {"tiktok": 4000, "instagram": 2200, "threads": 500, "facebook": 63206}
_PHOTOS = {"jpg", "jpeg", "png", "webp"}
_TIKTOK_VIDEOS = {"mp4", "mov", "webm"}
_VIDEOS = {*_TIKTOK_VIDEOS, "m4v", "avi"}
#: A longer headline is cut, not refused (S speaks of truncation).
_TITLE = 90
_MEDIA_FIELDS = ("mediaItems", "mediaUrls", "media_urls")


@dataclass(frozen=True, slots=True)
class Wish:
    """What the client asked for, valid for its account."""

    account: SandboxAccount
    kind: str
    urls: tuple[str, ...]
    content: str
    title: str = ""
    settings: Json = field(default_factory=dict)

    @property
    def platform(self) -> str:
        return self.account.platform

    @property
    def draft(self) -> bool:
        return self.settings.get("draft") is True

    @property
    def public(self) -> bool:
        return self.settings.get("privacy_level") == "PUBLIC_TO_EVERYONE" and not self.draft


class Wishes:
    """From a request to what it asks for, or to the documented error."""

    def __init__(self, port: ProviderSandbox) -> None:
        self._port = port

    def read(self, request: Request) -> Wish:
        body = Fields.of(request, invalid)
        platform = body.choice("platform", _PLATFORMS, "tiktok") or "tiktok"
        account_id = body.needed("accountId")
        content = body.text("content", _LONGEST_TEXT[platform]) or ""
        title = (body.text("photoTitle") or "")[:_TITLE]
        urls = _media(body)
        tiktok, instagram = _tiktok(body.group("tiktokSettings")), body.group("instagramSettings")
        share_to_feed = instagram.flag("share_to_feed")
        instagram.close()
        body.close()
        account = self._account(account_id, platform)
        kind = self._kind(body, urls, platform)
        if platform != "tiktok":
            return Wish(account, kind, urls, content, settings={"share_to_feed": share_to_feed})
        _check_tiktok(body, tiktok, account, len(urls))
        return Wish(account, kind, urls, content, title, tiktok)

    def _account(self, account_id: str, platform: str) -> SandboxAccount:
        account = self._port.accounts.get(account_id)
        if account is None:
            raise refused(404, "Account not found")
        if account.platform != platform:
            raise refused(400, f"The account is not a {platform} account")
        if not self._port.may_post(account):
            raise refused(400, "Account expired. Reconnect it.")
        return account

    def _kind(self, body: Fields, urls: tuple[str, ...], platform: str) -> str:
        """Detect photo or video by the extension in the URL (S)."""
        kinds = {kind_of(url) for url in urls}
        if not kinds <= {"image", "video"}:
            raise body.wrong("The media type cannot be told from the URL's extension")
        if len(kinds) > 1:
            raise body.wrong("Cannot mix media types")
        kind = "video" if kinds == {"video"} else "photo"
        _check_count(body, kind, len(urls), platform)
        _check_formats(body, kind, urls, platform)
        if not all(self._port.world.media.reachable(url) for url in urls):
            raise body.wrong("Could not download media")
        return kind


def _media(body: Fields) -> tuple[str, ...]:
    """Every input form: three names, and objects or plain strings inside (S)."""
    given = [name for name in _MEDIA_FIELDS if body.listed(name)]
    if not given:
        raise body.wrong("Missing field: mediaItems")
    if len(given) > 1:
        raise body.wrong(f"Give only one of {', '.join(_MEDIA_FIELDS)}")
    return tuple(_url(body, entry) for entry in body.listed(given[0]) or [])


def _url(body: Fields, entry: Any) -> str:
    url = entry.get("url") if isinstance(entry, dict) and set(entry) == {"url"} else entry
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        raise body.wrong("Invalid media: expected an object with a url, or a url")
    return url


def _tiktok(group: Fields) -> Json:
    settings: Json = {"privacy_level": group.choice("privacy_level", PRIVACY, "SELF_ONLY")}
    for name in ("allow_comment", "allow_duet", "allow_stitch", "auto_add_music"):
        settings[name] = group.flag(name, default=True)
    for name in ("video_made_with_ai", "draft"):
        settings[name] = group.flag(name, default=False)
    settings["video_cover_timestamp_ms"] = group.number("video_cover_timestamp_ms", 1000)
    settings["photo_cover_index"] = group.number("photo_cover_index", 0)
    settings["media_type"] = group.choice("media_type", {"photo"}, None)
    group.close()
    return settings


def _check_tiktok(body: Fields, settings: Json, account: SandboxAccount, count: int) -> None:
    widest = max(PRIVACY.index(level) for level in account.extra["privacy"])
    if PRIVACY.index(settings["privacy_level"]) > widest:
        raise body.wrong("Invalid privacy_level")
    if not 0 <= settings["photo_cover_index"] < count:
        raise body.wrong("Invalid photo_cover_index")
    if settings["video_cover_timestamp_ms"] < 0:
        raise body.wrong("Invalid video_cover_timestamp_ms")


def _check_count(body: Fields, kind: str, count: int, platform: str) -> None:
    if kind == "video" and count != 1:
        raise body.wrong("Exactly one video is allowed")
    if kind == "photo" and count > _MOST_PHOTOS[platform]:
        raise body.wrong(f"Too many photos: at most {_MOST_PHOTOS[platform]}")


def _check_formats(body: Fields, kind: str, urls: tuple[str, ...], platform: str) -> None:
    videos = _TIKTOK_VIDEOS if platform == "tiktok" else _VIDEOS
    allowed = _PHOTOS if kind == "photo" else videos
    if not all(extension_of(url) in allowed for url in urls):
        raise body.wrong(f"Unsupported {kind} format")
