"""WAHDX: what its adapter makes of the golden exchanges, and the bodies that it sends."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from shared.domain.account import Account
from shared.domain.creator import Creator
from shared.domain.linking import Link, LinkCode, LinkStage
from shared.domain.outcome import ErrorClass, Fault, Receipt, Succeeded
from shared.domain.post import Kind, Media, Post, infer_kind
from shared.domain.status import Verdict
from tests.contract.adapters.golden_stage import Refusal, Stage, heard, known
from tests.contract.adapters.golden_uses import (
    Use,
    accepted,
    accounts,
    creator,
    failed,
    held_back,
    publish_of,
    publishes,
    refusal,
    status,
    statuses,
    told,
)
from tests.contract.golden import Exchange

TIKTOK, INSTAGRAM = known("tiktok"), known("instagram")
VIDEO, DRAFT, FINISHED = known("video"), known("draft"), known("finished")

#: Media are sent under the first of these names, the one that is recommended (S).
_MEDIA_NAMES = ("mediaItems", "mediaUrls", "media_urls")
#: Our options and TikTok's settings; `draft` and `media_type` are the inbox mode.
_OPTIONS = {
    "privacy": "privacy_level",
    "allow_comment": "allow_comment",
    "cover_timestamp_ms": "video_cover_timestamp_ms",
    "cover_index": "photo_cover_index",
    "ai_generated": "video_made_with_ai",
}

_CODE = LinkCode(token=known("token"), image=b"\x89PNG\r\n\x1a\n", life=timedelta(seconds=300))


def _link(stage: Stage, exchange: Exchange) -> Any:
    token = stage.body(exchange)["token"]
    return heard(lambda: stage.provider.link(replace(_CODE, token=token), stage.wire()))


def posts(body: Any) -> list[Post]:
    media = tuple(Media(url=url) for url in _urls(body))
    settings = body.get("tiktokSettings", {})
    options = {ours: settings[theirs] for ours, theirs in _OPTIONS.items() if theirs in settings}
    drafted = {"post_mode": "inbox"} if settings.get("draft") else {}
    post = Post(
        platform=body.get("platform", "tiktok"),
        account_id=body["accountId"],
        kind=infer_kind(media) or Kind.IMAGE,
        caption=body.get("content", ""),
        title=body.get("photoTitle", ""),
        media=media,
        options=options | drafted | body.get("instagramSettings", {}),
    )
    return [post]


def bodies(body: Any) -> list[Any]:
    """Return what is sent: the platform always named, media in the recommended form."""
    kept = {key: value for key, value in body.items() if key not in _MEDIA_NAMES}
    media = [{"url": url} for url in _urls(body)]
    return [{"platform": "tiktok", **kept, "mediaItems": media}]


def _urls(body: Any) -> list[str]:
    given = next(body[name] for name in _MEDIA_NAMES if name in body)
    return [each if isinstance(each, str) else each["url"] for each in given]


_Published = partial(Use, ask=publishes(posts), sends=bodies)
_Refused = partial(_Published, makes=failed(ErrorClass.VALIDATION, None, "error"))

_VIDEO = publish_of(VIDEO, Post(platform="tiktok", account_id=TIKTOK, kind=Kind.VIDEO))
_DRAFT = publish_of(
    DRAFT,
    Post(
        platform="tiktok",
        account_id=TIKTOK,
        kind=Kind.CAROUSEL,
        options={"post_mode": "inbox"},
    ),
)
_FINISHED = publish_of(
    FINISHED, Post(platform="instagram", account_id=INSTAGRAM, kind=Kind.CAROUSEL)
)
_GONE = publish_of("x", Post(platform="instagram", account_id="gone", kind=Kind.CAROUSEL))
_COMPLETE: dict[str, Any] = {"verdict": Verdict.SUCCEEDED, "raw": "PUBLISH_COMPLETE"}
_TIKTOK_ID = "data.data.publicaly_available_post_id.0"


def _account(platform: str, reason: str = "") -> Account:
    return Account(
        account_id=TIKTOK,
        platform=platform,
        username="data.0.username",
        display_name="data.0.display_name",
        can_post=not reason,
        reason=reason,
    )


_EXPIRED = "its status is expired; reconnect it at WAHDX"
_ACCOUNTS = [
    _account("tiktok"),
    _account("instagram", _EXPIRED),
    _account("threads"),
    _account("facebook", _EXPIRED),
]

USES = [
    Use(
        name="1 without a key",
        ask=accounts,
        makes=refusal(ErrorClass.AUTH, None, "error"),
    ),
    *(
        Use(name="2 accounts", ask=accounts, makes=[account], choice=choice)
        for choice, account in enumerate(_ACCOUNTS)
    ),
    _Published(name="4.1 tiktok video", makes=accepted("video", "PUBLISH_INITIATED")),
    _Published(
        name="4 plain strings in media_urls, no platform, a photo draft",
        makes=accepted("draft", "PUBLISH_INITIATED"),
    ),
    _Published(
        name="4.1 instagram photos, finished in the answer",
        makes=Succeeded(
            Receipt(
                publish_id=FINISHED,
                provider_status="PUBLISH_COMPLETE",
                permalink="public_post_url",
                platform_post_id="data.id",
            )
        ),
    ),
    _Refused(name="4.2 an unknown privacy level"),
    _Refused(
        name="4.2 photos and a video",
        makes=failed(ErrorClass.VALIDATION, None, "Cannot mix media types"),
    ),
    _Refused(name="4.2 two videos"),
    _Refused(name="4.2 thirty-six photos"),
    _Refused(name="4.2 no media"),
    _Refused(
        name="4.2 an address without an extension",
        never="media are never given under two names at once",
    ),
    _Refused(name="4 4001 characters"),
    _Refused(name="4 a platform that is not the account's"),
    _Refused(name="2 an expired account"),
    _Refused(name="4 media that cannot be had"),
    _Published(
        name="4.2 an unknown account",
        makes=failed(ErrorClass.NOT_FOUND, None, "Account not found"),
    ),
    Use(
        name="5.1 a draft in the creator's inbox",
        ask=statuses(_DRAFT),
        makes=told(DRAFT, Verdict.SUCCEEDED, "SEND_TO_USER_INBOX", delivered_to_inbox=True),
    ),
    Use(
        name="5.1 a finished video",
        ask=statuses(_VIDEO),
        makes=told(
            VIDEO, **_COMPLETE, permalink="data.public_post_url", platform_post_id=_TIKTOK_ID
        ),
    ),
    Use(
        name="5.1 without mediaType there are two candidates",
        ask=statuses(_VIDEO),
        #: The kind is known and named, so that there is one address.
        queries=[{"mediaType": "video"}],
        makes=told(
            VIDEO,
            **_COMPLETE,
            permalink="data.public_post_url_candidates.video",
            platform_post_id=_TIKTOK_ID,
        ),
    ),
    Use(
        name="5.1 instagram",
        ask=statuses(_FINISHED),
        makes=told(FINISHED, **_COMPLETE, permalink="data.public_post_url"),
    ),
    Use(
        name="5.2 many at once, one of them unknown",
        ask=statuses(_VIDEO, _GONE),
        makes={
            VIDEO: status(VIDEO, **_COMPLETE, permalink="data.results.0.public_post_url"),
            "x": status(
                "x",
                Verdict.UNKNOWN,
                "",
                fault=Fault(
                    error_class=ErrorClass.NOT_FOUND,
                    code="check_failed",
                    message="Account not found",
                ),
            ),
        },
    ),
    Use(
        name="5.2 without byAccountId, without mediaType",
        ask=statuses(_VIDEO, _GONE),
        never="one publish is asked for by its path, several with their media types",
        makes={
            VIDEO: status(
                VIDEO,
                **_COMPLETE,
                permalink="data.results.0.public_post_url_candidates.video",
            )
        },
    ),
    Use(
        name="5.2 both bodies at once",
        ask=statuses(_VIDEO, _GONE),
        never="nothing is scheduled at WAHDX, so no check names a `postId`",
        makes=refusal(ErrorClass.VALIDATION, None, "error"),
    ),
    Use(
        name="3 creator info",
        ask=creator(TIKTOK),
        makes=Creator(
            privacy_levels=("data.privacy_level_options.0",),
            switched_off=frozenset({"stitch"}),
            video_longest=timedelta(seconds=1500),
        ),
    ),
    Use(
        name="3 creator info is for tiktok only",
        ask=creator(INSTAGRAM),
        makes=refusal(ErrorClass.VALIDATION, None, "error"),
    ),
    Use(
        name="8 too many requests, with a date",
        ask=accounts,
        makes=Refusal(held_back(5), again=True),
    ),
    Use(
        name="6 a qr code",
        ask=lambda stage, _: heard(lambda: stage.provider.link_code(stage.wire())),
        sends=lambda _: [None],
        makes=_CODE,
    ),
    Use(name="6 not scanned yet", ask=_link, makes=Link(stage=LinkStage.NEW)),
    Use(
        name="6 confirmed",
        ask=_link,
        makes=Link(
            stage=LinkStage.CONFIRMED,
            account=Account(
                account_id=known("accountId"),
                platform="tiktok",
                username="data.account.username",
                display_name="data.account.display_name",
            ),
        ),
    ),
    Use(
        name="6 used already",
        ask=_link,
        makes=Link(stage=LinkStage.UTILISED, message="data.message"),
    ),
    Use(
        name="6 a plan that is too small has no success key",
        ask=lambda stage, _: heard(lambda: stage.provider.link_code(stage.wire())),
        makes=refusal(
            ErrorClass.FORBIDDEN,
            None,
            "This feature needs the Maximum plan; the key's plan is free",
        ),
    ),
]

UNUSED: dict[str, str] = {}
