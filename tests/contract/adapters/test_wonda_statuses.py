"""Wonda's accounts, jobs and carousels as they stand, and the cancelling of a job."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from shared.domain.outcome import ErrorClass
from shared.domain.post import Kind
from shared.domain.status import Status, Verdict
from shared.provider import Publish
from shared.wire.answer import CallFailed, NoAnswer
from tests.contract.adapters.wonda_samples import (
    IG_ROWS,
    INSTAGRAM,
    TT_ROWS,
    WONDA,
    ig_row,
    known,
    post,
    rows,
    tt_row,
)
from tests.support.scripted import DROPPED, Received, Reply, Scripted, answered
from tests.support.wires import Wires


@pytest.fixture
def wires(server: Scripted) -> Iterator[Wires]:
    with Wires(WONDA, server.url) as opened:
        yield opened


def test_accounts_have_one_verdict_each(server: Scripted, wires: Wires) -> None:
    def instagram(number: int, **more: Any) -> dict[str, Any]:
        scopes = ["instagram_basic", "instagram_content_publish"]
        base = {"username": f"shop{number}", "accountType": "BUSINESS", "status": "active"}
        return {"instagramAccountId": f"ig-{number}", "scopes": scopes, **base, **more}

    def tiktok(number: int, **more: Any) -> dict[str, Any]:
        base = {"username": "shop", "displayName": "Shop", "status": "active"}
        return {"tiktokAccountId": f"tt-{number}", **base, **more}

    server.on(
        "GET",
        "/api/v1/instagram/accounts",
        answered(
            {
                "accounts": [
                    instagram(1),
                    instagram(2, scopes=["instagram_basic"]),
                    instagram(3, status="expired"),
                    instagram(4, scopes=None, username=None, status=None),
                    {"instagramAccountId": None},
                    None,
                ]
            }
        ),
    )
    server.on(
        "GET",
        "/api/v1/tiktok/accounts",
        answered(
            {
                "accounts": [
                    tiktok(1, grantedScopes=["video.publish", "user.info.basic"]),
                    tiktok(2, grantedScopes=["video.upload"]),
                    tiktok(3, grantedScopes=["user.info.basic"]),
                ]
            }
        ),
    )

    accounts = {account.account_id: account for account in WONDA.accounts(wires.open())}

    health = {key: (each.can_post, each.inbox_only) for key, each in accounts.items()}
    assert health == {
        "ig-1": (True, False),
        "ig-2": (False, False),
        "ig-3": (False, False),
        "ig-4": (False, False),
        "tt-1": (True, False),
        "tt-2": (True, True),
        "tt-3": (False, False),
    }
    assert "instagram_content_publish" in accounts["ig-2"].reason
    assert "expired" in accounts["ig-3"].reason
    assert (accounts["tt-1"].platform, accounts["tt-1"].display_name) == ("tiktok", "Shop")


@pytest.mark.parametrize(
    ("reply", "error_class", "again"),
    [
        (answered({"error": {"message": "No key", "code": "unauthorized"}}, 401), "auth", False),
        (answered({"error": "later"}, 503), "transient", True),
        (answered(b"<html>", 200), "transient", True),
    ],
)
def test_a_failed_account_list_says_why(
    reply: Reply, error_class: str, again: bool, server: Scripted, wires: Wires
) -> None:
    server.on("GET", "/api/v1/instagram/accounts", reply)

    with pytest.raises(CallFailed) as failed:
        WONDA.accounts(wires.open())

    assert (failed.value.fault.error_class, failed.value.again) == (error_class, again)


def ask(wires: Wires, *publishes: Publish) -> Mapping[str, Status]:
    return WONDA.statuses(publishes, wires.open())


WORDS = [
    ("queued", Verdict.PENDING),
    ("idle", Verdict.PENDING),
    ("locked", Verdict.PENDING),
    ("in_progress", Verdict.PENDING),
    ("scheduled", Verdict.PENDING),
    ("succeeded", Verdict.SUCCEEDED),
    ("SUCCEEDED", Verdict.SUCCEEDED),
    ("failed", Verdict.FAILED),
    ("canceled", Verdict.CANCELLED),
    ("a_word_of_tomorrow", Verdict.PENDING),
    (None, Verdict.PENDING),
]


@pytest.mark.parametrize(("word", "verdict"), WORDS)
def test_every_word_of_a_job_has_a_verdict(
    word: str | None, verdict: Verdict, server: Scripted, wires: Wires
) -> None:
    server.on("GET", "/api/v1/jobs/publish/job%2F1", answered({"status": word}))

    status = ask(wires, known("job/1", post("tiktok", Kind.VIDEO)))["job/1"]

    assert (status.verdict, status.raw) == (verdict, word or "")


def test_a_failed_job_says_why(server: Scripted, wires: Wires) -> None:
    body = {
        "status": "failed",
        "errorCode": "tiktok_upload_failed",
        "errorMessage": "The video could not be pulled.",
    }
    server.on("GET", "/api/v1/jobs/publish/j", answered(body))

    fault = ask(wires, known("j", post("tiktok", Kind.VIDEO)))["j"].fault

    assert fault is not None
    assert fault.error_class is ErrorClass.REJECTED
    assert (fault.code, fault.message) == (
        "tiktok_upload_failed",
        "The video could not be pulled.",
    )


def test_a_job_for_the_inbox_is_delivered_there(server: Scripted, wires: Wires) -> None:
    server.on("GET", "/api/v1/jobs/publish/j", answered({"status": "succeeded"}))

    status = ask(wires, known("j", post("tiktok", Kind.VIDEO, options={"post_mode": "inbox"})))["j"]

    assert status.delivered_to_inbox
    assert status.permalink is None


@pytest.mark.parametrize("row_id", ["row-1", None])
def test_an_address_that_the_job_lacks_comes_from_the_history(
    row_id: str | None, server: Scripted, wires: Wires
) -> None:
    job = {"status": "succeeded", "instagramPublishId": row_id}
    server.on("GET", "/api/v1/jobs/publish/j", answered(job))
    server.on("GET", IG_ROWS, rows(ig_row("row-1", product="IMAGE")))

    status = ask(wires, known("j", post(kind=Kind.IMAGE)))["j"]

    assert status.permalink == "https://instagram.com/p/DEMO123abc/"
    assert (status.publish_id, status.platform_post_id) == ("j", "17990001112223334")


def test_a_success_stays_one_when_its_address_cannot_be_had(server: Scripted, wires: Wires) -> None:
    server.on("GET", "/api/v1/jobs/publish/j", answered({"status": "succeeded"}))
    server.on("GET", IG_ROWS, DROPPED)

    assert ask(wires, known("j", post(kind=Kind.IMAGE)))["j"].verdict is Verdict.SUCCEEDED


def test_carousels_of_one_account_are_answered_by_one_page(server: Scripted, wires: Wires) -> None:
    server.on(
        "GET", IG_ROWS, rows(ig_row("c2"), ig_row("c1", status="in_progress", permalink=None))
    )

    answers = ask(wires, known("c1", post()), known("c2", post()), known("gone", post()))

    assert {key: each.verdict for key, each in answers.items()} == {
        "c1": Verdict.PENDING,
        "c2": Verdict.SUCCEEDED,
        "gone": Verdict.UNKNOWN,
    }
    assert server.calls == [f"GET {IG_ROWS}"]
    assert server.requests[0].query == {"instagramAccountId": INSTAGRAM, "limit": "100"}


def test_a_row_that_replaced_a_lost_job_is_found_in_the_history(
    server: Scripted, wires: Wires
) -> None:
    gone = answered({"error": {"message": "No job", "code": "not_found"}}, 404)
    server.on("GET", "/api/v1/jobs/publish/row-1", gone)
    failed = {"errorCode": "spam_risk_too_many_posts", "errorMessage": "Daily post cap reached"}
    server.on("GET", TT_ROWS, rows(tt_row("row-1", status="failed", **failed)))

    status = ask(wires, known("row-1", post("tiktok", Kind.VIDEO)))["row-1"]

    assert status.verdict is Verdict.FAILED
    assert status.fault is not None
    assert status.fault.code == "spam_risk_too_many_posts"


def test_an_id_that_nobody_knows_is_unknown(server: Scripted, wires: Wires) -> None:
    server.on("GET", "/api/v1/jobs/publish/x", answered({"error": "no"}, 404))
    server.on("GET", TT_ROWS, rows())

    assert ask(wires, known("x", post("tiktok", Kind.VIDEO)))["x"].verdict is Verdict.UNKNOWN


def test_one_broken_answer_does_not_hide_the_others(server: Scripted, wires: Wires) -> None:
    server.on("GET", "/api/v1/jobs/publish/bad", answered({"error": "oops"}, 500))
    server.on("GET", "/api/v1/jobs/publish/good", answered({"status": "queued"}))
    video = post("tiktok", Kind.VIDEO)

    assert set(ask(wires, known("bad", video), known("good", video))) == {"good"}


@pytest.mark.parametrize("reply", [answered({"error": "oops"}, 500), DROPPED, answered([])])
def test_no_answer_at_all_is_raised(reply: Reply, server: Scripted, wires: Wires) -> None:
    server.on("GET", "/api/v1/jobs/publish/j", reply)

    with pytest.raises((CallFailed, NoAnswer)):
        ask(wires, known("j", post("tiktok", Kind.VIDEO)))


SCHEDULED = "/api/v1/publish/scheduled/j"


@pytest.mark.parametrize(
    "reply", [answered({"outputJobId": "j", "status": "canceled"}), Reply(status=204)]
)
def test_a_scheduled_job_is_cancelled(reply: Reply, server: Scripted, wires: Wires) -> None:
    server.on("DELETE", SCHEDULED, reply)

    status = WONDA.cancel(known("j", post(kind=Kind.IMAGE)), wires.open())

    assert (status.verdict, status.raw) == (Verdict.CANCELLED, "canceled")


def test_a_cancel_that_comes_too_late_says_how_the_job_stands(
    server: Scripted, wires: Wires
) -> None:
    server.on("DELETE", SCHEDULED, answered({"error": {"code": "conflict"}}, 409))
    server.on("GET", "/api/v1/jobs/publish/j", answered({"status": "in_progress"}))

    status = WONDA.cancel(known("j", post(kind=Kind.IMAGE)), wires.open())

    assert (status.verdict, status.raw) == (Verdict.PENDING, "in_progress")


def test_a_cancel_that_is_not_enabled_fails(server: Scripted, wires: Wires) -> None:
    def refuse(_: Received) -> Reply:
        return answered({"error": {"message": "Off", "code": "feature_disabled"}}, 403)

    server.on("DELETE", SCHEDULED, refuse)

    with pytest.raises(CallFailed, match="Off"):
        WONDA.cancel(known("j", post(kind=Kind.IMAGE)), wires.open())
