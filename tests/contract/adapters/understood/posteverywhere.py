"""PostEverywhere: what its adapter makes of the golden exchanges, and the bodies that it sends."""

from collections.abc import Callable
from functools import partial
from typing import Any

from shared.domain.account import Account
from shared.domain.outcome import Accepted, ErrorClass, Fault
from shared.domain.post import Kind, Media, Post
from shared.domain.status import Verdict
from shared.provider import Publish
from tests.contract.adapters.golden_stage import Stage, known
from tests.contract.adapters.golden_uses import (
    Ask,
    Use,
    accepted,
    accounts,
    cancels,
    deferred,
    failed,
    held_back,
    history,
    listed,
    outcome_of,
    publish_of,
    publishes,
    refusal,
    rejected,
    status,
    statuses,
    told,
)
from tests.contract.golden import Exchange
from tests.contract.golden.posteverywhere import FILE
from tests.support.scripted import answered

CAROUSEL, MIXED, SCHEDULED = known("carousel"), known("mixed"), known("scheduled")

_PLATFORMS = {4101: "instagram", 4102: "tiktok", 4103: "facebook", 4104: "x", 4105: "linkedin"}
#: `contentType` is optional and what we name is the service's default (D).
_CONTENT_TYPES = {Kind.IMAGE: "Post", Kind.CAROUSEL: "Post", Kind.VIDEO: "Reels"}
#: Everything is sent at its own moment.
_NOT_SENT = {"scheduled_for", "timezone"}


def posts(body: Any) -> list[Post]:
    """Return the posts of a golden body: one per account, since Dropline's have one each."""
    media = tuple(Media(id=each) for each in body.get("media_ids", ()))
    return [_post(number, _kind(media), media, body["content"]) for number in body["account_ids"]]


def _post(number: int, kind: Kind, media: tuple[Media, ...] = (), caption: str = "") -> Post:
    platform, account_id = _PLATFORMS[number], str(number)
    return Post(platform=platform, account_id=account_id, kind=kind, caption=caption, media=media)


def _kind(media: tuple[Media, ...]) -> Kind:
    if len(media) > 1:
        return Kind.CAROUSEL
    if not media:
        return Kind.TEXT
    return Kind.VIDEO if media[0].id == known("video") else Kind.IMAGE


def bodies(body: Any) -> list[Any]:
    """Return what is sent: one account each, an Instagram post with its type, no schedule."""
    kept = {key: value for key, value in body.items() if key not in _NOT_SENT}
    return [{**kept, **_typed(post), "account_ids": [int(post.account_id)]} for post in posts(body)]


def _typed(post: Post) -> dict[str, Any]:
    if post.platform != "instagram":
        return {}
    return {"platform_content": {"instagram": {"contentType": _CONTENT_TYPES[post.kind]}}}


def brings(kind: Kind, media: Callable[[Stage], Media]) -> Ask:
    """Publish one file and return the media that the post names, or why there is no post."""

    def ask(stage: Stage, _: Exchange) -> Any:
        outcome = outcome_of(stage, _post(4101, kind, (media(stage),)))
        if not isinstance(outcome, Accepted):
            return outcome
        return stage.sent("a carousel to two accounts")[0].json["media_ids"]

    return ask


_Published = partial(Use, ask=publishes(posts), sends=bodies)

_VIDEO_STEPS = (
    "a video by URL takes a while",
    "the video is ready later",
    "a carousel to two accounts",
)
_Filmed = partial(
    Use,
    ask=brings(Kind.VIDEO, lambda stage: Media(url=f"{stage.server.url}/media/rye.mp4")),
    script=_VIDEO_STEPS,
    makes=[known("video")],
)
_UPLOAD_STEPS = (
    "a presigned upload of an image is a form",
    "the bytes go without the key",
    "completing the upload",
    "a carousel to two accounts",
)
_Uploaded = partial(
    Use,
    ask=brings(Kind.IMAGE, lambda stage: stage.file(FILE.filename, FILE.content)),
    script=_UPLOAD_STEPS,
    makes=[known("loaf")],
)

_CAROUSELS = [publish_of(CAROUSEL, _post(number, Kind.CAROUSEL)) for number in (4101, 4102)]
_HEALTHY, _EXPIRED = (publish_of(MIXED, _post(number, Kind.TEXT)) for number in (4103, 4105))
_TEXT_POST = _post(4103, Kind.TEXT)
_SCHEDULED = publish_of(SCHEDULED, _TEXT_POST)
_WAITING = status(known("post_id"), Verdict.PENDING, "queued")
_NOT_FOUND: dict[str, Any] = {"verdict": Verdict.UNKNOWN, "raw": "not_found"}

#: Two further publishes make a list cheaper than single looks; no list and no look shows them.
_OTHERS = tuple(publish_of(f"other-{n}", _TEXT_POST) for n in (1, 2))
_LIST = {
    "created_after": "2026-06-20T09:59:00.000Z",
    "account_id": "4103",
    "sort": "created_at",
    "order": "desc",
    "limit": "100",
    "offset": "0",
}


def _account(reason: str = "") -> Account:
    return Account(
        account_id="1500",
        platform="data.accounts.0.platform",
        username="data.accounts.0.account_name",
        display_name="data.accounts.0.account_name",
        can_post=not reason,
        reason=reason,
    )


def _published(destination: int) -> dict[str, Any]:
    where = f"data.destinations.{destination}"
    return {
        "verdict": Verdict.SUCCEEDED,
        "raw": "published",
        "permalink": f"{where}.platform_post_url",
        "platform_post_id": f"{where}.platform_post_id",
    }


def _plays(*paths_and_names: tuple[str, str]) -> Callable[[Stage], None]:
    """Answer GETs of paths as exchanges of other routes do."""

    def scene(stage: Stage) -> None:
        for path, name in paths_and_names:
            reply = stage.reply(stage.exchange(name))
            stage.server.on("GET", f"{stage.base}{path}", reply)

    return scene


def _failing(stage: Stage) -> None:
    """Leave open, as an older answer without destinations does, whether the failure is final."""
    body = {"data": {"post_id": CAROUSEL, "status": "failed"}, "error": None}
    stage.server.on("GET", f"{stage.base}/posts/{CAROUSEL}", answered(body))


def _cancel_too_late(stage: Stage, _: Exchange) -> Any:
    """Cancel a post that is published between our look and our call."""
    path = f"{stage.base}/posts/{CAROUSEL}"
    looks = ("a carousel to two accounts", "the carousel once it is published, media in order")
    stage.server.on("GET", path, *(stage.reply(stage.exchange(name)) for name in looks))
    publish: Publish = _CAROUSELS[0]
    return stage.provider.cancel(publish, stage.wire())


USES = [
    Use(
        name="a missing key",
        ask=accounts,
        makes=refusal(ErrorClass.AUTH, "authentication_failed", "error.message"),
    ),
    Use(name="accounts with their health", ask=accounts, makes=[_account()]),
    Use(
        name="accounts with their health",
        ask=accounts,
        makes=[_account("expired: reconnect it at PostEverywhere")],
        choice=1,
    ),
    #: "unhealthy", and yet `can_post`: that is what counts (S).
    Use(name="accounts with their health", ask=accounts, makes=[_account()], choice=2),
    Use(
        name="an image by URL is ready at once",
        ask=brings(Kind.IMAGE, lambda stage: Media(url=f"{stage.server.url}/media/rye.jpg")),
        script=("an image by URL is ready at once", "a carousel to two accounts"),
        makes=[known("image")],
    ),
    _Filmed(name="a video by URL takes a while"),
    _Filmed(
        name="a video by URL takes a while",
        script=("a video by URL takes a while",),
        scene=_plays((f"/media/{known('video')}", "a video by URL takes a while")),
        makes=deferred(
            5,
            Fault(
                error_class=ErrorClass.TRANSIENT,
                code="media_not_ready",
                message="the provider is still importing the video",
            ),
        ),
    ),
    _Published(
        name="media that is not ready cannot be attached",
        makes=failed(ErrorClass.VALIDATION, "validation_error", "error.message"),
    ),
    _Filmed(name="the video is ready later"),
    _Uploaded(name="a presigned upload of an image is a form"),
    _Uploaded(
        name="completing before the bytes are there",
        script=("completing before the bytes are there", *_UPLOAD_STEPS),
        sends=lambda _: [None, None],
    ),
    _Uploaded(name="the bytes go without the key"),
    _Uploaded(name="completing the upload"),
    _Published(name="a carousel to two accounts", makes=accepted("carousel", "publishing")),
    *(
        Use(
            name="its results while it is queued",
            ask=statuses(publish),
            scene=_failing,
            makes=told(CAROUSEL, Verdict.PENDING, "queued"),
        )
        for publish in _CAROUSELS
    ),
    *(
        Use(
            name="the carousel once it is published, media in order",
            ask=statuses(publish),
            makes=told(CAROUSEL, **_published(number)),
        )
        for number, publish in enumerate(_CAROUSELS)
    ),
    _Published(
        name="a text to a healthy and an expired account is accepted",
        makes=accepted("mixed", "publishing"),
    ),
    Use(
        name="and ends partially failed",
        ask=statuses(_HEALTHY),
        makes=told(MIXED, **_published(0)),
    ),
    Use(
        name="and ends partially failed",
        ask=statuses(_EXPIRED),
        scene=_plays((f"/posts/{MIXED}/results", "what was deleted is not found")),
        makes=told(
            MIXED,
            Verdict.FAILED,
            "failed",
            fault=rejected("Token expired. Reconnect the account."),
        ),
    ),
    _Published(
        name="a wrong field name comes with a hint",
        never="media are named `media_ids` and nothing else",
        makes=failed(ErrorClass.VALIDATION, "invalid_field_name", "error.message"),
    ),
    _Published(
        name="a text that is too long",
        makes=failed(
            ErrorClass.VALIDATION, "post_creation_failed", "Text is 12 characters too long for x."
        ),
    ),
    _Published(name="a scheduled post", makes=accepted("scheduled", "scheduled")),
    Use(
        name="the list, filtered as after a lost answer",
        ask=statuses(publish_of(known("post_id"), _TEXT_POST), *_OTHERS),
        makes={
            known("post_id"): _WAITING,
            **{each.publish_id: status(each.publish_id, **_NOT_FOUND) for each in _OTHERS},
        },
        scene=_plays(
            *((f"/posts/other-{n}", "what was deleted is not found") for n in (1, 2)),
        ),
        queries=[_LIST],
    ),
    Use(
        name="the list, filtered as after a lost answer",
        ask=history("4103"),
        makes=[listed(known("post_id"), "4103", _WAITING)],
        queries=[_LIST],
    ),
    Use(
        name="deleting is cancelling",
        ask=cancels(_SCHEDULED),
        scene=_plays((f"/posts/{SCHEDULED}", "a scheduled post")),
        makes=status(SCHEDULED, Verdict.CANCELLED, "deleted"),
    ),
    Use(
        name="what was deleted is not found",
        ask=statuses(_SCHEDULED),
        makes=told(SCHEDULED, **_NOT_FOUND),
    ),
    Use(
        name="what is published stays",
        ask=_cancel_too_late,
        makes=status(CAROUSEL, **_published(0)),
    ),
    _Published(name="a rate limit", makes=deferred(30, held_back(30))),
]

UNUSED = {
    "one account": "the list is complete; one account alone is never asked for",
    "an expired account cannot post": "the list shows the same health",
    "an unknown account": "the list is complete; one account alone is never asked for",
    "only its failed destination is tried again": "a retry is a job of its own, sent anew",
    "a bulk of which one fails is no error": "every post is one call, under a claim of its own",
}
