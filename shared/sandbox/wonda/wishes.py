"""Reads the bodies of Wonda's four publish calls strictly, by the rules of the sheet."""

from datetime import datetime, timedelta

from shared.sandbox.accounts import SandboxAccount
from shared.sandbox.exchange import Json, Request
from shared.sandbox.fields import Fields
from shared.sandbox.port import ProviderSandbox
from shared.sandbox.wonda.history import as_instant, as_uuid
from shared.sandbox.wonda.library import Library, Medium
from shared.sandbox.wonda.problem import invalid, not_found, refused
from shared.sandbox.wonda.publish import Wish
from shared.sandbox.wonda.seeds import INSTAGRAM_SCOPE, TIKTOK_INBOX_SCOPE, TIKTOK_SCOPE

_INSTAGRAM_SLIDES = (2, 10)
_TIKTOK_SLIDES = (2, 35)
_TIKTOK_SLIDE_TYPES = {"image/jpeg", "image/webp"}
_CAPTION = 2200
#: The caption of a TikTok carousel is at most 90 characters (S).
_TIKTOK_SLIDES_CAPTION = 90
_ALT_TEXT = 1000
_PRIVACY = ("PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "FOLLOWER_OF_CREATOR", "SELF_ONLY")
_SOONEST, _LATEST = timedelta(minutes=5), timedelta(days=29)
_FLAGS = (
    "disableComment",
    "disableDuet",
    "disableStitch",
    "discloseCommercial",
    "brandOrganic",
    "brandedContent",
)


class Wishes:
    """From a request to what it asks for, or to the documented error."""

    def __init__(self, port: ProviderSandbox, library: Library) -> None:
        self._port = port
        self._library = library

    def instagram_carousel(self, request: Request) -> Wish:
        body = Fields.of(request, invalid)
        media_ids = _slides(body, _INSTAGRAM_SLIDES)
        account_id = _uuid(body, "instagramAccountId")
        caption = body.text("caption", _CAPTION)
        body.close()
        account = self._instagram(account_id)
        media = self._library.attached(media_ids, account.id)
        if any(medium.kind != "image" for medium in media):
            raise body.wrong("mediaIds must all be images")
        return Wish("instagram", account.id, "CAROUSEL", media, caption)

    def tiktok_carousel(self, request: Request) -> Wish:
        body = Fields.of(request, invalid)
        media_ids = _slides(body, _TIKTOK_SLIDES)
        account_id = _uuid(body, "tiktokAccountId")
        caption = body.text("caption", _TIKTOK_SLIDES_CAPTION)
        cover = body.number("coverIndex", 0)
        options: Json = {**_tiktok_mode(body), "coverIndex": cover}
        body.close()
        if cover is None or not 0 <= cover < len(media_ids):
            raise body.wrong("coverIndex must be an index into mediaIds")
        account = self._tiktok(account_id, options["postMode"])
        media = self._library.attached(media_ids, account.id)
        _check_tiktok_slides(body, media)
        return Wish("tiktok", account.id, "CAROUSEL", media, caption, options)

    def instagram_single(self, request: Request) -> Wish:
        body = Fields.of(request, invalid)
        media_id, account_id = body.needed("mediaId"), _uuid(body, "instagramAccountId")
        caption = body.text("caption", _CAPTION)
        product = body.choice("product", {"IMAGE", "REELS", "STORIES"}, None)
        options: Json = {
            "altText": body.text("altText", _ALT_TEXT),
            "shareToFeed": body.flag("shareToFeed"),
        }
        due = self._due(body)
        body.close()
        account = self._instagram(account_id)
        [medium] = self._library.attached([media_id], account.id)
        product = _product(body, medium, product)
        if options["shareToFeed"] is not None and product != "REELS":
            raise body.wrong("shareToFeed is for Reels only")
        return Wish("instagram", account.id, product, (medium,), caption, options, due)

    def tiktok_single(self, request: Request) -> Wish:
        body = Fields.of(request, invalid)
        media_id, account_id = body.needed("mediaId"), _uuid(body, "tiktokAccountId")
        caption = body.text("caption", _CAPTION)
        options: Json = {**_tiktok_mode(body), "isAigc": body.flag("isAigc", default=True)}
        options |= {name: body.flag(name) for name in _FLAGS}
        due = self._due(body)
        body.close()
        account = self._tiktok(account_id, options["postMode"])
        [medium] = self._library.attached([media_id], account.id)
        if medium.kind != "video":
            raise body.wrong("mediaId must be a video")
        return Wish("tiktok", account.id, "REELS", (medium,), caption, options, due)

    def _instagram(self, account_id: str) -> SandboxAccount:
        return self._account(account_id, "instagram", INSTAGRAM_SCOPE)

    def _tiktok(self, account_id: str, post_mode: str) -> SandboxAccount:
        scope = TIKTOK_SCOPE if post_mode == "direct" else TIKTOK_INBOX_SCOPE
        return self._account(account_id, "tiktok", scope)

    def _account(self, account_id: str, platform: str, scope: str) -> SandboxAccount:
        account = self._port.accounts.get(account_id)
        if account is None or account.platform != platform:
            raise not_found("Account")
        if not self._port.may_post(account) or scope not in account.extra["scopes"]:
            raise refused(403, "forbidden", "The account cannot publish. Reconnect it.")
        return account

    def _due(self, body: Fields) -> datetime | None:
        text = body.text("scheduledAt")
        if text is None:
            return None
        due = as_instant(text, "scheduledAt")
        if not _SOONEST <= due - self._port.world.clock.now() <= _LATEST:
            raise body.wrong("scheduledAt must be 5 minutes to 29 days ahead")
        if self._port.switched_on("scheduling_disabled") is not None:
            raise refused(403, "feature_disabled", "Scheduled publishing is not enabled")
        return due


def _slides(body: Fields, bounds: tuple[int, int]) -> list[str]:
    media_ids = body.texts("mediaIds")
    fewest, most = bounds
    if len(media_ids) < fewest:
        raise body.wrong(f"mediaIds must contain at least {fewest} items")
    if len(media_ids) > most:
        raise body.wrong(f"mediaIds must contain at most {most} items")
    return media_ids


def _uuid(body: Fields, name: str) -> str:
    return as_uuid(body.needed(name), name)


def _tiktok_mode(body: Fields) -> Json:
    return {
        "privacyLevel": body.choice("privacyLevel", _PRIVACY, "SELF_ONLY"),
        "postMode": body.choice("postMode", {"direct", "inbox"}, "direct"),
    }


def _check_tiktok_slides(body: Fields, media: tuple[Medium, ...]) -> None:
    if any(medium.mime not in _TIKTOK_SLIDE_TYPES for medium in media):
        raise body.wrong("TikTok carousels take JPEG or WebP images only")
    if any(medium.on_s3 for medium in media):
        raise refused(400, "bad_request", "TikTok carousels need media on Google Cloud Storage")


def _product(body: Fields, medium: Medium, wanted: str | None) -> str:
    by_media = {"image": "IMAGE", "video": "REELS"}.get(medium.kind)
    if by_media is None:
        raise body.wrong("mediaId must be an image or a video")
    if wanted not in {None, "STORIES", by_media}:
        raise body.wrong(f"product {wanted} does not fit a medium of kind {medium.kind}")
    return wanted or by_media
