"""Genviral: what its adapter makes of the golden exchanges, and the bodies that it sends."""

from dataclasses import replace
from functools import partial
from typing import Any

from shared.domain.account import Account
from shared.domain.outcome import ErrorClass, Outcome
from shared.domain.post import Kind, Media, Post, infer_kind
from shared.domain.status import Verdict
from shared.provider import Order
from tests.contract.adapters.golden_stage import Stage, known
from tests.contract.adapters.golden_uses import (
    Use,
    accepted,
    accounts,
    cancels,
    deferred,
    failed,
    held_back,
    history,
    listed,
    publish_of,
    publishes,
    refusal,
    rejected,
    status,
    statuses,
    told,
    uncertain,
)
from tests.contract.golden import TEXT, Exchange
from tests.contract.golden.genviral import INSTAGRAM, LINKEDIN, TIKTOK, TIKTOK_HOSTED, UNKNOWN

CAROUSEL, INBOX, SCHEDULED = known("carousel"), known("inbox"), known("scheduled")

_PLATFORMS = {
    INSTAGRAM: "instagram",
    TIKTOK_HOSTED: "tiktok",
    TIKTOK: "tiktok",
    LINKEDIN: "linkedin",
    UNKNOWN: "instagram",
}
_POST_MODES = {"DIRECT_POST": "direct", "MEDIA_UPLOAD": "inbox"}


def posts(body: Any) -> list[Post]:
    """Return the posts of a golden body: one per account, since Dropline's have one each."""
    return [_post(body, account["id"]) for account in body["accounts"]]


def _post(body: Any, account_id: str) -> Post:
    tiktok = dict(body.get("tiktok", {}))
    media = tuple(Media(url=url) for url in body.get("media", {}).get("urls", ()))
    options = {
        ours: tiktok[theirs]
        for ours, theirs in {"post_mode": "post_mode", "privacy": "privacy_level"}.items()
        if theirs in tiktok
    }
    if "post_mode" in options:
        options["post_mode"] = _POST_MODES[options["post_mode"]]
    return Post(
        platform="tiktok" if tiktok else _PLATFORMS[account_id],
        account_id=account_id,
        kind=infer_kind(media) or Kind.IMAGE,
        caption=body["caption"],
        title=tiktok.get("title", ""),
        media=media,
        options=options,
    )


def bodies(body: Any) -> list[Any]:
    """Return what is sent: one account each, a key of ours, and never a schedule."""
    kept = {key: value for key, value in body.items() if key != "scheduled_at"}
    return [{**kept, "accounts": [each], "external_id": TEXT} for each in body["accounts"]]


def upload(stage: Stage, _: Exchange) -> Any:
    """Publish a file of our own and return the media that the post names."""
    media = stage.file("slide1.jpg", b"bytes")
    post = Post(platform="instagram", account_id=INSTAGRAM, kind=Kind.IMAGE, media=(media,))
    stage.provider.publish(Order(job_id=1, post=post), stage.wire())
    return stage.sent("a carousel to two accounts")[0].json["media"]


def replays(stage: Stage, exchange: Exchange) -> Outcome:
    """Publish, and send once more what was written down before."""
    order = Order(job_id=1, post=posts(stage.body(exchange))[0])
    stage.provider.publish(order, stage.wire())
    again = replace(order, replay=stage.wires.gate.memos[-1])
    outcome = stage.provider.publish(again, stage.wire())
    first, second = stage.sent(exchange.name)
    assert first.body == second.body
    return outcome


_Published = partial(Use, ask=publishes(posts), sends=bodies)

_MEDIA_KEPT = ("an upload address", "the bytes go without the token", "a carousel to two accounts")
_Uploaded = partial(
    Use, ask=upload, script=_MEDIA_KEPT, makes={"type": "slideshow", "urls": ["data.url"]}
)

_CAROUSEL = {
    account_id: publish_of(
        CAROUSEL, Post(platform=_PLATFORMS[account_id], account_id=account_id, kind=Kind.CAROUSEL)
    )
    for account_id in (INSTAGRAM, TIKTOK_HOSTED)
}
_INBOX = publish_of(
    INBOX,
    Post(
        platform="tiktok",
        account_id=TIKTOK,
        kind=Kind.CAROUSEL,
        options={"post_mode": "inbox"},
    ),
)
_TEXT_POST = Post(platform="linkedin", account_id=LINKEDIN, kind=Kind.TEXT)
_SCHEDULED = publish_of(SCHEDULED, _TEXT_POST)
_UNKNOWN = publish_of(UNKNOWN, _TEXT_POST)
_WAITING = status(known("id"), Verdict.PENDING, "scheduled")
_NOT_FOUND: dict[str, Any] = {"verdict": Verdict.UNKNOWN, "raw": "not_found"}
_IN_DRAFTS: dict[str, Any] = {
    "verdict": Verdict.SUCCEEDED,
    "raw": "posted",
    "delivered_to_inbox": True,
}

#: Two further publishes make a list cheaper than single looks; no list and no look shows them.
_OTHERS = tuple(publish_of(f"other-{n}", _TEXT_POST) for n in (1, 2))
_SINCE = {"since": "2026-06-20T09:59:00.000Z", "limit": "100"}


def _account(kind: str) -> Account:
    return Account(
        account_id=known("id"),
        platform="data.accounts.0.platform",
        username="data.accounts.0.username",
        display_name="data.accounts.0.display_name",
        account_type=kind,
        caption_max=500 if kind == "hosted" else None,
    )


def _not_there(*ids: str) -> Any:
    def scene(stage: Stage) -> None:
        reply = stage.reply(stage.exchange("what was deleted is not found"))
        for each in ids:
            stage.server.on("GET", f"{stage.base}/posts/{each}", reply)

    return scene


def _cancelled(publish_id: str) -> Any:
    return lambda _: [{"postIds": [publish_id]}]


_NO_TOKEN = refusal(ErrorClass.AUTH, "invalid_token", "message")

USES = [
    Use(name="a missing token", ask=accounts, makes=_NO_TOKEN),
    Use(
        name="a missing subscription",
        ask=accounts,
        makes=refusal(ErrorClass.BILLING, "subscription_required", "message"),
    ),
    Use(
        name="accounts that cannot be read",
        ask=accounts,
        makes=refusal(ErrorClass.TRANSIENT, "accounts_failed", "message", again=True),
    ),
    Use(name="the active accounts", ask=accounts, makes=[_account("byo")]),
    Use(name="the active accounts", ask=accounts, makes=[_account("hosted")], choice=1),
    _Uploaded(
        name="an upload address",
        #: The size is optional (D).
        sends=lambda body: [body | {"size": len(b"bytes")}],
    ),
    _Uploaded(name="the bytes go without the token"),
    _Published(name="a carousel to two accounts", makes=accepted("carousel", "pending")),
    Use(
        name="the same request again is a duplicate",
        ask=replays,
        sends=lambda body: bodies(body)[:1] * 2,
        script=("a carousel to two accounts", "the same request again is a duplicate"),
        makes=accepted("carousel", "pending"),
    ),
    _Published(
        name="the same key with another payload",
        makes=failed(ErrorClass.CONFLICT, "create_failed", "message"),
    ),
    *(
        Use(
            name="pending before the worker comes",
            ask=statuses(publish),
            makes=told(CAROUSEL, Verdict.PENDING, "pending"),
        )
        for publish in _CAROUSEL.values()
    ),
    Use(
        name="partial when one delivery failed",
        ask=statuses(_CAROUSEL[INSTAGRAM]),
        makes=told(
            CAROUSEL,
            Verdict.SUCCEEDED,
            "posted",
            permalink="data.accounts.states.0.published_url",
        ),
    ),
    Use(
        name="partial when one delivery failed",
        ask=statuses(_CAROUSEL[TIKTOK_HOSTED]),
        makes=told(CAROUSEL, Verdict.FAILED, "failed", fault=rejected("media rejected")),
    ),
    _Published(name="a slideshow to the TikTok drafts", makes=accepted("inbox", "pending")),
    Use(
        name="posted to the drafts has no public URL",
        ask=statuses(_INBOX),
        makes=told(INBOX, **_IN_DRAFTS),
    ),
    _Published(name="a scheduled text", makes=accepted("scheduled", "scheduled")),
    Use(
        name="the list by status",
        ask=statuses(publish_of(known("id"), _TEXT_POST), *_OTHERS),
        makes={
            known("id"): _WAITING,
            **{each.publish_id: status(each.publish_id, **_NOT_FOUND) for each in _OTHERS},
        },
        scene=_not_there("other-1", "other-2"),
        queries=[_SINCE],
    ),
    Use(
        name="the list by status",
        ask=history(LINKEDIN),
        makes=[listed(known("id"), LINKEDIN, _WAITING, caption="Rye in words")],
        queries=[_SINCE],
    ),
    Use(
        name="a moment nobody can read",
        ask=history(LINKEDIN),
        makes=refusal(ErrorClass.VALIDATION, "invalid_since", "message"),
        never="moments are instants until they are written, and always in ISO 8601",
    ),
    Use(
        name="deleting says what became of each",
        ask=cancels(_SCHEDULED),
        sends=_cancelled(SCHEDULED),
        makes=status(SCHEDULED, Verdict.CANCELLED, "deleted"),
    ),
    Use(
        name="deleting says what became of each",
        ask=cancels(_INBOX),
        sends=_cancelled(INBOX),
        script=("deleting says what became of each", "posted to the drafts has no public URL"),
        makes=status(INBOX, **_IN_DRAFTS),
    ),
    Use(
        name="deleting says what became of each",
        ask=cancels(_UNKNOWN),
        sends=_cancelled(UNKNOWN),
        scene=_not_there(UNKNOWN),
        makes=status(UNKNOWN, **_NOT_FOUND),
    ),
    Use(
        name="what was deleted is not found",
        ask=statuses(_SCHEDULED),
        makes=told(SCHEDULED, **_NOT_FOUND),
    ),
    _Published(
        name="TikTok settings for another platform",
        makes=failed(ErrorClass.VALIDATION, "validation_failed", "message"),
    ),
    _Published(
        name="an account of somebody else",
        makes=failed(ErrorClass.ACCOUNT, "unknown_accounts", "message"),
    ),
    _Published(
        name="an upstream fault shares the code of a conflict",
        makes=uncertain("create_failed", "message"),
    ),
    _Published(name="a rate limit without a figure", makes=deferred(5, held_back(5))),
]

UNUSED = {
    "the files": "what was uploaded is kept with the job; nobody lists it",
    "a partial post is retried": "a post has one account, so none is partial; a retry is a new job",
    "the key of a post stays": "a post is never changed once it was sent",
}
