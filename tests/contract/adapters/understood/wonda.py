"""Wonda: what its adapter makes of the golden exchanges, and the bodies that it sends."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from shared.domain.account import Account
from shared.domain.creator import Creator
from shared.domain.outcome import ErrorClass, Failed, Fault, Outcome, Receipt, Succeeded
from shared.domain.post import Kind, Media, Post
from shared.domain.status import Status, Verdict
from tests.contract.adapters.golden_stage import Refusal, Stage, known
from tests.contract.adapters.golden_uses import (
    Use,
    accepted,
    accounts,
    cancels,
    creator,
    deferred,
    failed,
    held_back,
    history,
    listed,
    outcome_of,
    publish_of,
    publishes,
    refusal,
    status,
    statuses,
    told,
    uncertain,
)
from tests.contract.golden import ISO, Exchange
from tests.support.scripted import answered

INSTAGRAM, TIKTOK, JOB, LATER = (known(name) for name in ("instagram", "tiktok", "job", "later"))

_PLATFORMS = ("instagram", "tiktok")
_OPTIONS = {"privacy": "privacyLevel", "post_mode": "postMode", "cover_index": "coverIndex"}


def scene(stage: Stage) -> None:
    """Both platforms have neither accounts nor publishes, unless an exchange shows some."""
    for platform in _PLATFORMS:
        path = f"{stage.base}/api/v1/{platform}"
        stage.server.on("GET", f"{path}/accounts", answered({"accounts": []}))
        stage.server.on("GET", f"{path}/publishes", answered({"items": []}))


def posts(body: Any) -> list[Post]:
    (platform,) = (name for name in _PLATFORMS if f"{name}AccountId" in body)
    single = Kind.IMAGE if platform == "instagram" else Kind.VIDEO
    post = Post(
        platform=platform,
        account_id=body[f"{platform}AccountId"],
        kind=Kind.CAROUSEL if "mediaIds" in body else single,
        caption=body.get("caption", ""),
        media=tuple(Media(id=each) for each in body.get("mediaIds") or [body["mediaId"]]),
        alt_texts=(body["altText"],) if "altText" in body else (),
        options={ours: body[theirs] for ours, theirs in _OPTIONS.items() if theirs in body},
    )
    return [post]


def bodies(body: Any) -> list[Any]:
    """Return what is sent: no schedule, and a single's product, the default named (D)."""
    kept = {key: value for key, value in body.items() if key != "scheduledAt"}
    single = "mediaId" in body and "instagramAccountId" in body
    return [{**kept, **({"product": "IMAGE"} if single else {})}]


def uploads(stage: Stage, exchange: Exchange) -> Any:
    """Publish the files and return the media that the post names, or why there is no post."""
    media = tuple(stage.file(each.filename, each.content) for each in exchange.files)
    video = exchange.files[0].content_type.startswith("video/")
    single = Kind.VIDEO if video else Kind.IMAGE
    kind = single if len(media) == 1 else Kind.CAROUSEL
    post = Post(platform="instagram", account_id=INSTAGRAM, kind=kind, media=media)
    outcome = outcome_of(stage, post)
    if isinstance(outcome, Failed):
        return _without_folder(outcome, media[0])
    return stage.sent("4.3 instagram single")[0].json["mediaId"]


def _without_folder(failed: Failed, media: Media) -> Outcome:
    folder = (media.path or "").rpartition("/")[0]
    message = failed.fault.message.replace(f"{folder}/", "")
    return replace(failed, fault=replace(failed.fault, message=message))


def notes(stage: Stage, _: Exchange) -> Any:
    """Publish, and return what was noted before."""
    body = stage.body(stage.exchange("4.1 instagram carousel"))
    outcome_of(stage, posts(body)[0])
    return stage.wires.gate.memos[-1]


_Published = partial(Use, ask=publishes(posts), sends=bodies)
_Refused = partial(
    _Published, makes=failed(ErrorClass.VALIDATION, "validation_error", "error.message")
)


def _uploaded(name: str, saved: str) -> Use:
    return Use(name=name, ask=uploads, script=(name, "4.3 instagram single"), makes=known(saved))


def _instagram(reason: str = "") -> Account:
    return Account(
        account_id=INSTAGRAM,
        platform="instagram",
        username="accounts.0.username",
        can_post=not reason,
        reason=reason,
        account_type="BUSINESS",
    )


def _tiktok(**more: Any) -> Account:
    return Account(
        account_id=TIKTOK,
        platform="tiktok",
        username="accounts.0.username",
        display_name="accounts.0.displayName",
        **more,
    )


def _lacks(scope: str) -> str:
    return f"it lacks the scope {scope}; reconnect it at Wonda"


_IMAGE = Post(platform="instagram", account_id=INSTAGRAM, kind=Kind.IMAGE)
_CAROUSEL = Post(platform="instagram", account_id=INSTAGRAM, kind=Kind.CAROUSEL)
_LATER = publish_of(LATER, Post(platform="tiktok", account_id=TIKTOK, kind=Kind.VIDEO))
_NO_JOB = "019f0a44-9b01-7d11-8c22-000000000000"
_PAGE = {"instagramAccountId": INSTAGRAM, "limit": "100"}
_PUBLISHED = Receipt(
    publish_id=known("publish"),
    provider_status="succeeded",
    permalink="permalink",
    platform_post_id="igMediaId",
)
_ON_TIKTOK = Receipt(
    publish_id=known("tiktokPublishId"),
    provider_status="succeeded",
    platform_post_id="tiktokMediaId",
)


def _row(publish_id: str) -> Status:
    return status(
        publish_id,
        Verdict.SUCCEEDED,
        "succeeded",
        permalink="items.0.permalink",
        platform_post_id="items.0.igMediaId",
    )


def _tiktok_row(post_id: str | None) -> Status:
    publish_id = known("tiktokPublishId")
    return status(publish_id, Verdict.SUCCEEDED, "succeeded", platform_post_id=post_id)


_ROW = listed(known("publish"), INSTAGRAM, _row(known("publish")))

USES = [
    Use(
        name="1 without a key",
        ask=accounts,
        makes=refusal(ErrorClass.AUTH, "unauthorized", "error.message"),
    ),
    Use(name="2 instagram accounts", ask=accounts, makes=[_instagram()]),
    Use(
        name="2 instagram accounts",
        ask=accounts,
        makes=[_instagram(_lacks("instagram_content_publish"))],
        choice=1,
    ),
    Use(name="2 tiktok accounts", ask=accounts, makes=[_tiktok()]),
    Use(name="2 tiktok accounts", ask=accounts, makes=[_tiktok(inbox_only=True)], choice=1),
    Use(
        name="2 tiktok accounts",
        ask=accounts,
        makes=[_tiktok(can_post=False, reason=_lacks("video.publish"))],
        choice=2,
    ),
    _uploaded("3 upload of a jpeg", "slide1"),
    _uploaded("3 upload of a webp", "slide2"),
    _uploaded("3 upload of a png", "png"),
    _uploaded("3 upload of a video", "clip"),
    Use(
        name="3 upload of several, one refused, is still a 2xx",
        ask=uploads,
        makes=Failed(
            Fault(
                error_class=ErrorClass.TRANSIENT,
                code="upload_incomplete",
                message="not uploaded: b.txt (errors.slide2)",
            ),
            again=True,
        ),
    ),
    _Published(name="4.1 instagram carousel", makes=Succeeded(_PUBLISHED)),
    _Refused(
        name="4.1 one image is no carousel",
        makes=failed(
            ErrorClass.VALIDATION, "validation_error", "mediaIds must contain at least 2 items"
        ),
    ),
    _Refused(name="4.1 eleven images are too many"),
    _Refused(name="4.1 a video in a carousel"),
    _Refused(
        name="4.1 an unknown medium",
        makes=failed(ErrorClass.NOT_FOUND, "not_found", "error.message"),
    ),
    _Published(name="4.2 tiktok carousel", makes=Succeeded(_ON_TIKTOK)),
    _Published(
        name="4.2 tiktok carousel to the inbox has no media id",
        makes=Succeeded(replace(_ON_TIKTOK, platform_post_id=None, delivered_to_inbox=True)),
    ),
    _Refused(name="4.2 a caption of 91 characters"),
    _Refused(name="4.2 a png in a tiktok carousel"),
    _Refused(name="4.2 an unknown privacy level"),
    _Published(name="4.3 instagram single", makes=accepted("job", "queued")),
    _Published(name="4.4 tiktok video on a schedule", makes=accepted("later", "scheduled")),
    _Published(
        name="4.5 media still being processed",
        makes=deferred(
            5,
            Fault(
                error_class=ErrorClass.CONFLICT,
                code="conflict",
                message="error.message",
            ),
        ),
    ),
    Use(
        name="5 a job that has just been queued",
        ask=statuses(publish_of(JOB, _IMAGE)),
        makes=told(JOB, Verdict.PENDING, "queued"),
    ),
    Use(
        name="5 a job that succeeded",
        ask=statuses(publish_of(JOB, _IMAGE)),
        makes=told(
            JOB,
            Verdict.SUCCEEDED,
            "succeeded",
            permalink="permalink",
            platform_post_id="igMediaId",
        ),
    ),
    Use(
        name="5 an unknown job",
        ask=statuses(publish_of(_NO_JOB, _IMAGE)),
        makes=told(
            _NO_JOB,
            Verdict.UNKNOWN,
            "",
            fault=Fault(
                error_class=ErrorClass.NOT_FOUND,
                code="not_found",
                message=f"Wonda lists no publish {_NO_JOB}",
            ),
        ),
    ),
    Use(
        name="5 a schedule cancelled",
        ask=cancels(_LATER),
        makes=status(LATER, Verdict.CANCELLED, "canceled"),
    ),
    Use(
        name="5 a schedule cancelled twice",
        ask=cancels(_LATER),
        #: A 409 says that it is too late; the job then says what became of it.
        scene=lambda stage: stage.server.on(
            "GET",
            f"/api/v1/jobs/publish/{LATER}",
            answered({"outputJobId": LATER, "status": "canceled"}),
        ),
        makes=status(LATER, Verdict.CANCELLED, "canceled"),
    ),
    Use(
        name="5 instagram history, by account and product, on its last page",
        ask=history(INSTAGRAM),
        queries=[_PAGE],
        makes=[_ROW],
    ),
    Use(
        name="5 instagram history, by account and product, on its last page",
        ask=statuses(publish_of(known("publish"), _CAROUSEL)),
        queries=[_PAGE],
        makes={known("publish"): _row(known("publish"))},
    ),
    Use(
        name="5 a first page of one",
        ask=notes,
        script=("5 a first page of one", "4.1 instagram carousel"),
        queries=[{"instagramAccountId": INSTAGRAM, "limit": "1"}],
        makes={"newest_id": known("id"), "newest_at": ISO.sample},
    ),
    Use(
        name="5 the page after it",
        ask=history(INSTAGRAM),
        script=("5 a first page of one", "5 the page after it"),
        queries=[
            _PAGE,
            {
                **_PAGE,
                "cursorCreatedAt": ISO.sample,
                "cursorInstagramPublishId": known("id"),
            },
        ],
        makes=[listed(known("id"), INSTAGRAM, _row(known("id")), caption="One loaf"), _ROW],
    ),
    Use(
        name="5 half a cursor pair",
        ask=history(INSTAGRAM),
        never="both halves of a cursor travel together",
        makes=refusal(ErrorClass.VALIDATION, "validation_error", "error.message"),
    ),
    Use(
        name="5 tiktok history",
        ask=history(TIKTOK),
        queries=[{"tiktokAccountId": TIKTOK, "limit": "100"}],
        makes=[
            listed(known("tiktokPublishId"), TIKTOK, _tiktok_row(None), caption=""),
            listed(known("tiktokPublishId"), TIKTOK, _tiktok_row("items.1.tiktokMediaId")),
        ],
    ),
    Use(
        name="7 too many requests, with a time",
        ask=history(TIKTOK),
        queries=[{"tiktokAccountId": TIKTOK, "limit": "100"}],
        makes=Refusal(held_back(30), again=True),
    ),
    Use(
        name="2 creator info",
        ask=creator(TIKTOK),
        makes=Creator(
            privacy_levels=("privacyLevelOptions.0",),
            switched_off=frozenset({"stitch"}),
            video_longest=timedelta(seconds=1500),
        ),
    ),
    _Published(
        name="4.5 a server fault on a publish",
        makes=uncertain("internal_server_error", "error.message"),
    ),
]

_PUBLISHED_ONCE = "a medium is known by the id its upload answered with; nobody asks for it again"

UNUSED = {
    "3 one medium": _PUBLISHED_ONCE,
    "3 media by kind": _PUBLISHED_ONCE,
    "5 scheduled jobs": "nothing is scheduled at Wonda: everything is sent at its own moment",
}
