"""PostEverywhere's sandbox: destinations on a hand-moved clock, strictness, older services."""

import ssl
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from shared.sandbox.clock import ManualClock
from shared.sandbox.server import Sandbox

SECOND = timedelta(seconds=1)
FACEBOOK, X, LINKEDIN = 4103, 4104, 4105


@pytest.fixture
def client(sandbox: Sandbox, tls: ssl.SSLContext) -> Iterator[httpx.Client]:
    name = "posteverywhere"
    base_url, key = sandbox.base_urls[name], sandbox.key_headers[name]
    with httpx.Client(base_url=base_url, headers=key, verify=tls) as speaking:
        yield speaking


def create(client: httpx.Client, **fields: Any) -> httpx.Response:
    return client.post("/posts", json={"content": "Rye", "account_ids": [FACEBOOK], **fields})


def created(client: httpx.Client, **fields: Any) -> str:
    answer = create(client, **fields)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["data"]["post_id"])


def results(client: httpx.Client, post_id: str) -> tuple[str, list[dict[str, Any]]]:
    found = client.get(f"/posts/{post_id}/results").json()["data"]
    return found["post_status"], found["results"]


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def listed(client: httpx.Client, **query: Any) -> list[str]:
    answer = client.get("/posts", params=query)
    assert answer.status_code == 200, answer.text
    return [post["post_id"] for post in answer.json()["data"]["posts"]]


def test_a_destination_is_queued_then_publishing_then_published(
    client: httpx.Client, clock: ManualClock
) -> None:
    post_id = created(client)
    seen = []
    for _ in range(4):
        seen.append((results(client, post_id)[0], results(client, post_id)[1][0]["status"]))
        clock.advance(SECOND)

    assert seen == [
        ("publishing", "queued"),
        ("publishing", "publishing"),
        ("publishing", "publishing"),
        ("published", "published"),
    ]


def test_an_unhealthy_account_is_accepted_and_fails_at_once(
    client: httpx.Client, sandbox: Sandbox
) -> None:
    sandbox.set_account_status("posteverywhere", str(LINKEDIN), "expired")
    post_id = created(client, account_ids=[LINKEDIN])

    status, [destination] = results(client, post_id)

    assert (status, destination["status"], destination["attempts"]) == ("failed", "failed", 1)
    assert destination["error"] == "Token expired. Reconnect the account."


def test_one_refused_destination_makes_the_post_partially_failed(
    client: httpx.Client, sandbox: Sandbox, clock: ManualClock
) -> None:
    sandbox.add_fault("refuse_publish", account_id=str(LINKEDIN), message="media rejected")
    post_id = created(client, account_ids=[FACEBOOK, LINKEDIN])
    clock.advance(5 * SECOND)

    status, destinations = results(client, post_id)

    assert status == "partially_failed"
    assert [one["error"] for one in destinations] == [None, "media rejected"]


def test_a_passing_failure_is_retried_by_the_service_itself(
    client: httpx.Client, sandbox: Sandbox, clock: ManualClock
) -> None:
    sandbox.add_fault("transient_failure")
    post_id = created(client)

    clock.advance(4 * SECOND)
    status, [waiting] = results(client, post_id)
    clock.advance(10 * SECOND)
    after, [done] = results(client, post_id)

    assert (status, waiting["status"]) == ("publishing", "failed")
    assert waiting["next_retry_at"] == "2026-06-20T10:00:08.000Z"
    assert (after, done["attempts"], done["next_retry_at"]) == ("published", 2, None)


def test_a_scheduled_post_fires_at_its_moment_and_not_before(
    client: httpx.Client, clock: ManualClock
) -> None:
    post_id = created(client, scheduled_for="2026-06-20T10:10:00Z")

    clock.advance(timedelta(minutes=9, seconds=59))
    before = results(client, post_id)[0]
    clock.advance(5 * SECOND)

    assert (before, results(client, post_id)[0]) == ("scheduled", "published")


def test_a_draft_never_fires_until_it_is_made_live(
    client: httpx.Client, clock: ManualClock
) -> None:
    post_id = created(client, draft=True, account_ids=[])
    clock.advance(timedelta(days=1))
    held = results(client, post_id)[0]

    live = {"publish_now": True, "account_ids": [FACEBOOK]}
    assert client.post(f"/posts/{post_id}/schedule", json=live).status_code == 200
    clock.advance(5 * SECOND)

    assert (held, results(client, post_id)[0]) == ("draft", "published")


def test_identical_content_that_failed_five_times_is_refused(
    client: httpx.Client, sandbox: Sandbox, clock: ManualClock
) -> None:
    sandbox.add_fault("refuse_publish", count=5)
    post_id = created(client)
    for _ in range(4):
        clock.advance(5 * SECOND)
        client.post(f"/posts/{post_id}/retry")
    clock.advance(5 * SECOND)
    results(client, post_id)

    assert refusal(create(client)) == (422, "permanent_failure_circuit_breaker")
    assert create(client, content="Oats").status_code == 201


def test_retrying_queues_only_what_failed(
    client: httpx.Client, sandbox: Sandbox, clock: ManualClock
) -> None:
    sandbox.add_fault("refuse_publish", account_id=str(LINKEDIN))
    post_id = created(client, account_ids=[FACEBOOK, LINKEDIN])
    clock.advance(5 * SECOND)

    answer = client.post("/posts/retry-failed", json={"platform": "linkedin"}).json()["data"]
    clock.advance(5 * SECOND)

    assert (answer["retried_count"], answer["destinations"][0]["new_status"]) == (1, "queued")
    status, [first, second] = results(client, post_id)
    assert (status, first["attempts"], second["attempts"]) == ("published", 1, 2)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"media": []}, (400, "invalid_field_name")),
        ({"mediaId": "x"}, (400, "invalid_field_name")),
        ({"account_ids": ["4103"]}, (400, "validation_error")),
        ({"account_ids": []}, (400, "validation_error")),
        ({"account_ids": [1]}, (400, "validation_error")),
        ({"media_ids": ["https://cdn.example.com/1.jpg"]}, (400, "validation_error")),
        ({"scheduled_for": "2026-06-20T09:00:00Z"}, (400, "validation_error")),
        ({"scheduled_for": "2026-06-20T13:00:00+02:00"}, (400, "validation_error")),
        ({"timezone": "Mars/Olympus"}, (400, "validation_error")),
        ({"content": ""}, (400, "validation_error")),
        ({"account_ids": [4101]}, (400, "post_creation_failed")),
        ({"account_ids": [X], "content": "x" * 281}, (400, "post_creation_failed")),
        ({"platform_content": {"myspace": {}}}, (400, "post_creation_failed")),
    ],
    ids=str,
)
def test_a_body_that_breaks_a_rule_stores_nothing(
    client: httpx.Client, sandbox: Sandbox, fields: dict[str, Any], expected: tuple[int, str]
) -> None:
    assert refusal(create(client, **fields)) == expected
    assert sandbox.stored() == []


def test_all_problems_of_all_platforms_come_at_once(client: httpx.Client) -> None:
    content = {"youtube": {"contentType": "Film"}}
    answer = create(client, account_ids=[4107, 4102], platform_content=content)

    problems = answer.json()["error"]["details"]["validation_errors"]
    assert [problem["code"] for problem in problems] == [
        "video_required",
        "invalid_content_type",
        "setting_required",
        "media_required",
    ]


def test_the_list_filters_sorts_and_pages(client: httpx.Client, clock: ManualClock) -> None:
    ids = []
    for number in range(3):
        ids.append(
            created(client, content=f"Loaf {number}", account_ids=[FACEBOOK, X][: number or 1])
        )
        clock.advance(10 * SECOND)

    assert listed(client) == ids[::-1]
    assert listed(client, order="asc", limit=1, offset=1) == [ids[1]]
    assert listed(client, search="LOAF 1") == [ids[1]]
    assert listed(client, platform="x,tiktok") == [ids[2]]
    assert listed(client, account_id=X) == [ids[2]]
    assert listed(client, created_after="2026-06-20T10:00:10Z") == [ids[2], ids[1]]
    assert listed(client, published_before="2026-06-20T10:00:09Z") == [ids[0]]
    assert listed(client, status="failed,draft") == []
    assert client.get("/posts", params={"status": "done"}).status_code == 400
    assert client.get("/posts", params={"limit": 101}).status_code == 400


def test_a_post_can_be_listed_late_and_filters_ignored(
    client: httpx.Client, sandbox: Sandbox, clock: ManualClock
) -> None:
    sandbox.add_fault("late_listing", seconds=20)
    sandbox.add_fault("ignore_filters", count=None)
    post_id = created(client)

    assert listed(client) == []
    assert client.get(f"/posts/{post_id}").status_code == 200
    clock.advance(20 * SECOND)
    assert listed(client, search="something else") == [post_id]


def test_a_change_is_for_what_has_not_fired(client: httpx.Client, clock: ManualClock) -> None:
    waiting = created(client, scheduled_for="2026-06-20T11:00:00Z")
    done = created(client)
    clock.advance(5 * SECOND)

    changed = client.patch(f"/posts/{waiting}", json={"content": "Oats"}).json()["data"]

    assert (changed["content"], changed["status"]) == ("Oats", "scheduled")
    refused = client.patch(f"/posts/{done}", json={"content": "Oats"})
    assert refusal(refused) == (409, "post_already_published")


def test_media_in_a_scheduled_post_is_deleted_by_force_only(
    client: httpx.Client, sandbox: Sandbox
) -> None:
    url = sandbox.media_url("rye.jpg")
    media_id = client.post("/media/upload-from-url", json={"url": url}).json()["data"]["media_id"]
    created(client, media_ids=[media_id], scheduled_for="2026-06-20T11:00:00Z")

    assert refusal(client.delete(f"/media/{media_id}")) == (409, "media_in_use")
    assert client.delete(f"/media/{media_id}", params={"force": "true"}).status_code == 200


def test_twenty_posts_a_minute_and_then_a_429_with_the_wait(
    client: httpx.Client, sandbox: Sandbox, clock: ManualClock
) -> None:
    answers = [create(client, content=f"Loaf {number}") for number in range(21)]

    assert [answer.status_code for answer in answers] == [201] * 20 + [429]
    assert answers[-1].json()["error"]["retryable"] is True
    assert answers[-1].headers["Retry-After"] == "60"
    assert answers[-1].headers["X-RateLimit-Remaining"] == "0"
    assert len(sandbox.stored()) == 20
    clock.advance(60 * SECOND)
    assert create(client).status_code == 201


@pytest.mark.parametrize(
    ("fault", "status", "remaining"),
    [
        ({"kind": "rate_limit", "retry_after_s": 7}, 429, "0"),
        ({"kind": "error_before", "status": 503}, 503, "19"),
        ({"kind": "error_after"}, 500, "19"),
    ],
    ids=str,
)
def test_refusals_carry_the_rate_headers_as_well(
    client: httpx.Client, sandbox: Sandbox, fault: dict[str, Any], status: int, remaining: str
) -> None:
    sandbox.add_fault(**fault, provider="posteverywhere", call="publish")

    answer = create(client)

    assert (answer.status_code, answer.headers["X-RateLimit-Remaining"]) == (status, remaining)
    assert answer.json()["error"]["retryable"] is True


def test_an_old_service_answers_in_older_shapes(client: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.add_fault("old_shapes", count=None)
    sandbox.add_fault("no_video_import", count=None)

    accounts = client.get("/accounts").json()
    post = create(client, account_ids=[FACEBOOK, X]).json()["data"]
    video = client.post("/media/upload-from-url", json={"url": sandbox.media_url("rye.mp4")})

    assert accounts["data"]["account_ids"][0] == accounts["data"]["accounts"][0]["id"] == "4101"
    assert "requestId" in accounts["meta"]
    assert (post["post_group_id"], post["destinations"]) == (post["id"], 2)
    assert video.status_code == 415
    assert "retryable" not in video.json()["error"]
