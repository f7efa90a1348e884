"""The control API: faults, accounts, what was stored, and a log without secrets."""

import json

import httpx
import pytest

from shared.sandbox.server import Sandbox
from tests.unit.sandbox.publishing import FIRST, publish


def test_health_needs_no_key(control: httpx.Client) -> None:
    assert control.get("/health").json() == {"ok": True}


def test_a_fault_is_set_listed_and_cleared(control: httpx.Client, wahdx: httpx.Client) -> None:
    control.post("/faults", json={"kind": "error_before", "call": "publish", "count": None})

    assert control.get("/faults").json()["faults"][0]["kind"] == "error_before"
    assert publish(wahdx).status_code == 500
    control.delete("/faults")
    assert publish(wahdx).status_code == 200


def test_a_list_of_faults_with_one_bad_sets_none(control: httpx.Client) -> None:
    answer = control.post("/faults", json=[{"kind": "slow"}, {"kind": "slow", "often": 3}])

    assert answer.status_code == 400
    assert "often" in answer.json()["error"]
    assert control.get("/faults").json() == {"faults": []}


def test_stored_posts_say_what_was_sent(control: httpx.Client, wahdx: httpx.Client) -> None:
    publish_id = publish(wahdx).json()["data"]["publish_id"]

    (post,) = control.get("/stored").json()["stored"]

    assert {**post, "options": None} == {
        "sequence": 1,
        "provider": "wahdx",
        "publish_id": publish_id,
        "account_id": FIRST,
        "platform": "tiktok",
        "kind": "image",
        "caption": "Rye week",
        "media": ["https://cdn.example.com/1.jpg"],
        "status": "PROCESSING_DOWNLOAD",
        "created_at": "2026-06-20T10:00:00.000Z",
        "external_id": None,
        "options": None,
    }


def test_the_log_tells_calls_and_faults_and_never_keys(
    sandbox: Sandbox, control: httpx.Client, wahdx: httpx.Client
) -> None:
    sandbox.add_fault("drop_before", call="accounts")
    publish(wahdx)
    with pytest.raises(httpx.TransportError):
        wahdx.get("/api/content/accounts")

    log = control.get("/requests").json()["requests"]

    rows = [(entry["call"], entry["status"], entry["fault"]) for entry in log]
    assert rows == [("publish", 200, None), ("accounts", None, "drop_before")]
    assert not [key for key in sandbox.api_keys.values() if key in json.dumps(log)]


def test_an_account_expires_by_hand(control: httpx.Client, wahdx: httpx.Client) -> None:
    body = {"provider": "wahdx", "account_id": FIRST, "status": "expired"}

    assert control.post("/accounts", json=body).status_code == 200

    assert publish(wahdx).status_code == 400


def test_an_unknown_account_or_control_is_refused(control: httpx.Client) -> None:
    body = {"provider": "wahdx", "account_id": "gone", "status": "expired"}

    assert control.post("/accounts", json=body).status_code == 400
    assert control.get("/nothing").status_code == 404


def test_a_reset_forgets_posts_faults_and_log(
    sandbox: Sandbox, control: httpx.Client, wahdx: httpx.Client
) -> None:
    publish(wahdx)
    sandbox.add_fault("slow")

    control.post("/reset")

    assert (sandbox.stored(), sandbox.faults(), sandbox.requests()) == ([], [], [])
    assert publish(wahdx).status_code == 200


@pytest.mark.parametrize("key", [None, "sk_wrong"])
def test_a_wrong_or_missing_key_gets_the_providers_own_401(
    sandbox: Sandbox, key: str | None
) -> None:
    headers = {} if key is None else {"X-API-Key": key, "Authorization": f"Bearer {key}"}

    for path in ("/wahdx/api/content/accounts", "/wonda/api/v1/instagram/accounts"):
        answer = httpx.get(sandbox.url + path, headers=headers)
        assert (answer.status_code, "error" in answer.json()) == (401, True)
