"""How publishes at WAHDX stand: one by its path, many by the batch call."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.domain.outcome import ErrorClass
from shared.domain.post import Kind, Post
from shared.domain.status import Status, Verdict
from shared.provider import Publish
from shared.wire.answer import CallFailed, NoAnswer
from tests.contract.adapters.wahdx_samples import ACCOUNT, BATCH, PUBLISH_ID, WAHDX, post
from tests.support.scripted import DROPPED, Received, Reply, Scripted, answered
from tests.support.wires import Wires

ONE = f"/api/content/status/{ACCOUNT}/v_pub_file~v2.7301112223334445"
VIDEO = post(kind=Kind.VIDEO)
DRAFT = post(kind=Kind.VIDEO, options={"post_mode": "inbox"})
PAGE = "https://www.tiktok.com/@harborbakery/video/7400000000000000001"


@pytest.fixture
def wires(server: Scripted) -> Iterator[Wires]:
    with Wires(WAHDX, server.url) as opened:
        yield opened


def known(publish_id: str = PUBLISH_ID, of: Post = VIDEO) -> Publish:
    return Publish(publish_id=publish_id, post=of, sent_at=datetime(2026, 6, 20, tzinfo=UTC))


def ask(wires: Wires, *publishes: Publish) -> Mapping[str, Status]:
    return WAHDX.statuses(publishes, wires.open())


def single(status: str | None, **more: Any) -> Reply:
    data = {"publish_id": PUBLISH_ID, "platform": "tiktok", "status": status, **more}
    body = {"success": True, "accountId": ACCOUNT, "platform": "tiktok", "data": data}
    return answered(body)


def test_one_publish_is_asked_by_its_encoded_path_and_kind(server: Scripted, wires: Wires) -> None:
    path = f"/api/content/status/{ACCOUNT}/v_pub%2Ffile~v2.1%3F"
    server.on(
        "GET",
        path,
        single(
            "PUBLISH_COMPLETE",
            publish_id="v_pub/file~v2.1?",
            uploaded_bytes="5821041",
            public_post_url=PAGE,
            data={"publicaly_available_post_id": ["7400000000000000001"]},
        ),
    )

    answers = ask(wires, known("v_pub/file~v2.1?"))

    assert answers == {
        "v_pub/file~v2.1?": Status(
            publish_id="v_pub/file~v2.1?",
            verdict=Verdict.SUCCEEDED,
            raw="PUBLISH_COMPLETE",
            permalink=PAGE,
            platform_post_id="7400000000000000001",
        )
    }
    assert server.requests[0].query == {"mediaType": "video"}


def test_photos_say_so_and_other_platforms_say_nothing(server: Scripted, wires: Wires) -> None:
    server.on("GET", ONE, single("PUBLISH_COMPLETE"))

    ask(wires, known(of=post()))
    ask(wires, known(of=post("instagram")))

    assert [request.query for request in server.requests] == [{"mediaType": "photo"}, {}]


WORDS = [
    ("PUBLISH_INITIATED", VIDEO, Verdict.PENDING),
    ("PROCESSING_UPLOAD", VIDEO, Verdict.PENDING),
    ("processing_download", VIDEO, Verdict.PENDING),
    ("SEND_TO_USER_INBOX", VIDEO, Verdict.PENDING),
    ("SEND_TO_USER_INBOX", DRAFT, Verdict.SUCCEEDED),
    ("PUBLISH_COMPLETE", VIDEO, Verdict.SUCCEEDED),
    ("publish_complete", DRAFT, Verdict.SUCCEEDED),
    ("published", VIDEO, Verdict.SUCCEEDED),
    ("FAILED", VIDEO, Verdict.FAILED),
    ("SOMETHING_NEW", VIDEO, Verdict.PENDING),
]


@pytest.mark.parametrize(("word", "of", "verdict"), WORDS)
def test_every_word_has_a_verdict(
    word: str, of: Post, verdict: Verdict, server: Scripted, wires: Wires
) -> None:
    server.on("GET", ONE, single(word))

    status = ask(wires, known(of=of))[PUBLISH_ID]

    assert (status.verdict, status.raw) == (verdict, word)
    assert status.delivered_to_inbox is (of is DRAFT)


@pytest.mark.parametrize(
    "where",
    [
        {"fail_reason": "picture_size_check_failed"},
        {"data": {"fail_reason": "picture_size_check_failed"}},
    ],
)
def test_a_failure_says_why_wherever_it_does(
    where: dict[str, Any], server: Scripted, wires: Wires
) -> None:
    server.on("GET", ONE, single("FAILED", **where))

    fault = ask(wires, known())[PUBLISH_ID].fault

    assert fault is not None
    assert fault.error_class is ErrorClass.REJECTED
    assert fault.code == "picture_size_check_failed"


def test_of_two_candidates_the_one_of_our_kind_is_taken(server: Scripted, wires: Wires) -> None:
    candidates = {"video": PAGE, "photo": PAGE.replace("video", "photo")}
    reply = single("PUBLISH_COMPLETE", public_post_url=None, public_post_url_candidates=candidates)
    server.on("GET", ONE, reply)

    assert ask(wires, known())[PUBLISH_ID].permalink == PAGE
    photo = ask(wires, known(of=post()))[PUBLISH_ID].permalink
    assert photo == candidates["photo"]


def test_a_success_need_not_have_an_address(server: Scripted, wires: Wires) -> None:
    bare = single(
        "PUBLISH_COMPLETE", public_post_url=None, data={"publicaly_available_post_id": []}
    )
    server.on("GET", ONE, bare)

    status = ask(wires, known())[PUBLISH_ID]

    assert (status.verdict, status.permalink, status.platform_post_id) == (
        Verdict.SUCCEEDED,
        None,
        None,
    )


@pytest.mark.parametrize(
    "reply",
    [
        answered({"success": False, "error": "Publish not found"}, 404),
        answered({"success": False, "error": "Publish not found"}),
    ],
)
def test_a_publish_that_is_not_known_is_unknown(
    reply: Reply, server: Scripted, wires: Wires
) -> None:
    server.on("GET", ONE, reply)

    status = ask(wires, known())[PUBLISH_ID]

    assert status.verdict is Verdict.UNKNOWN
    assert status.fault is not None
    assert status.fault.message == "Publish not found"


def result(number: int, **more: Any) -> dict[str, Any]:
    base = {"accountId": ACCOUNT, "platform": "tiktok", "publishId": f"p~{number}"}
    return {**base, "publish_id": f"p~{number}", "success": True, **more}


def test_many_are_asked_in_one_call_and_matched_by_their_ids(
    server: Scripted, wires: Wires
) -> None:
    results = [
        {"accountId": ACCOUNT, "publishId": "p~3", "success": False, "error": "Account not found"},
        result(2, status="PROCESSING_DOWNLOAD"),
        result(1, status="PUBLISH_COMPLETE", public_post_url=PAGE),
        {**result(4, status="FAILED"), "accountId": "somebody else"},
        None,
    ]
    server.on("POST", BATCH, answered({"success": True, "data": {"results": results}}))
    publishes = [known("p~1"), known("p~2", post()), known("p~3"), known("p~4")]

    answers = ask(wires, *publishes)

    assert {key: each.verdict for key, each in answers.items()} == {
        "p~1": Verdict.SUCCEEDED,
        "p~2": Verdict.PENDING,
        "p~3": Verdict.UNKNOWN,
    }
    assert answers["p~1"].permalink == PAGE
    fault = answers["p~3"].fault
    assert fault is not None
    assert fault.message == "Account not found"
    assert server.requests[0].json == {
        "checks": [
            {"accountId": ACCOUNT, "publishId": "p~1", "mediaType": "video"},
            {"accountId": ACCOUNT, "publishId": "p~2", "mediaType": "photo"},
            {"accountId": ACCOUNT, "publishId": "p~3", "mediaType": "video"},
            {"accountId": ACCOUNT, "publishId": "p~4", "mediaType": "video"},
        ]
    }


def complete(request: Received) -> Reply:
    results = [
        {**check, "publishId": None, "publish_id": check["publishId"], "status": "FAILED"}
        for check in request.json["checks"]
    ]
    return answered({"success": True, "data": {"results": results, "byAccountId": None}})


def test_fifty_are_asked_at_a_time(server: Scripted, wires: Wires) -> None:
    server.on("POST", BATCH, complete)

    answers = ask(wires, *(known(f"p{n}") for n in range(102)))

    assert len(answers) == 102
    assert [len(each.json["checks"]) for each in server.requests] == [50, 50, 2]


def test_what_was_answered_before_a_failure_counts(server: Scripted, wires: Wires) -> None:
    server.on("POST", BATCH, complete, answered({"error": "oops"}, 500))

    assert len(ask(wires, *(known(f"p{n}") for n in range(60)))) == 50


@pytest.mark.parametrize(
    "reply",
    [
        DROPPED,
        answered({"error": "oops"}, 500),
        answered({"success": False, "error": "no"}),
        answered({"success": True, "data": {}}),
        answered(b"<html>"),
        answered({"error": "Bad key"}, 401),
    ],
)
def test_no_answer_at_all_is_raised(reply: Reply, server: Scripted, wires: Wires) -> None:
    server.on("POST", BATCH, reply)

    with pytest.raises((CallFailed, NoAnswer)):
        ask(wires, known("a"), known("b"))


@pytest.mark.parametrize("reply", [answered({"success": True}), answered({"error": "x"}, 401)])
def test_one_answer_without_a_status_is_raised(
    reply: Reply, server: Scripted, wires: Wires
) -> None:
    server.on("GET", ONE, reply)

    with pytest.raises(CallFailed):
        ask(wires, known())
