"""Each fault does over a real socket what its name says, to whom it is meant for."""

import random
import socket
from datetime import timedelta
from typing import Any

import httpx
import pytest

from shared.sandbox.clock import ManualClock
from shared.sandbox.faults import Fault, Faults, Subject
from shared.sandbox.server import Sandbox
from tests.unit.sandbox.publishing import FIRST, SECOND, captions, publish

CLOSES = pytest.mark.parametrize(
    ("close", "error"), [("rst", httpx.ReadError), ("fin", httpx.RemoteProtocolError)]
)


@CLOSES
def test_a_lost_answer_is_stored_and_the_connection_closed(
    sandbox: Sandbox, wahdx: httpx.Client, close: str, error: type[Exception]
) -> None:
    sandbox.add_fault("lost_answer", call="publish", close=close)

    with pytest.raises(error):
        publish(wahdx)

    assert captions(sandbox) == ["Rye week"]


@CLOSES
def test_a_drop_before_stores_nothing(
    sandbox: Sandbox, wahdx: httpx.Client, close: str, error: type[Exception]
) -> None:
    sandbox.add_fault("drop_before", call="publish", close=close)

    with pytest.raises(error):
        publish(wahdx)

    assert captions(sandbox) == []


def test_a_cut_answer_ends_in_the_middle_of_the_body(sandbox: Sandbox, wahdx: httpx.Client) -> None:
    sandbox.add_fault("cut_answer", call="publish")

    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete"):
        publish(wahdx)

    assert captions(sandbox) == ["Rye week"]


@pytest.mark.parametrize(("kind", "kept"), [("error_before", 0), ("error_after", 1)])
def test_an_error_comes_before_or_after_storing(
    sandbox: Sandbox, wahdx: httpx.Client, kind: str, kept: int
) -> None:
    sandbox.add_fault(kind, call="publish", status=503, message="Down")

    answer = publish(wahdx)

    assert (answer.status_code, answer.json()["error"]) == (503, "Down")
    assert len(sandbox.stored()) == kept


def test_a_fault_after_storing_is_not_spent_on_a_refused_publish(
    sandbox: Sandbox, wahdx: httpx.Client
) -> None:
    sandbox.add_fault("error_after", call="publish")

    refused = publish(wahdx, account_id="gone")
    spoilt = publish(wahdx)

    assert (refused.status_code, spoilt.status_code) == (404, 500)


def test_a_fault_fires_as_often_as_its_count_says(sandbox: Sandbox, wahdx: httpx.Client) -> None:
    sandbox.add_fault("error_before", call="publish", count=2)

    assert [publish(wahdx).status_code for _ in range(3)] == [500, 500, 200]


@pytest.mark.parametrize(
    "match",
    [
        {"provider": "wonda"},
        {"call": "accounts"},
        {"account_id": SECOND},
        {"caption": "spelt"},
    ],
)
def test_a_fault_leaves_others_alone(
    sandbox: Sandbox, wahdx: httpx.Client, match: dict[str, str]
) -> None:
    sandbox.add_fault("error_before", **match)

    assert publish(wahdx).status_code == 200


def test_a_fault_matches_account_and_part_of_the_caption(
    sandbox: Sandbox, wahdx: httpx.Client
) -> None:
    sandbox.add_fault("error_before", account_id=FIRST, caption="Rye")

    assert publish(wahdx).status_code == 500


def test_a_probability_is_kept_and_repeats_with_the_seed() -> None:
    subject = Subject("wahdx", "publish")

    def fired(seed: int) -> list[bool]:
        faults = Faults(random.Random(seed))
        faults.add(Fault("slow", count=None, probability=0.3))
        return [faults.take("slow", subject) is not None for _ in range(1000)]

    assert fired(1) == fired(1) != fired(2)
    assert 250 < sum(fired(1)) < 350


@pytest.mark.parametrize("row", [{"kind": "slow", "secs": 3}, {"kind": "slw"}, {}], ids=str)
def test_a_fault_that_nobody_knows_is_refused(sandbox: Sandbox, row: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="known: "):
        sandbox.add_faults([{"kind": "slow"}, row])

    assert sandbox.faults() == []


def test_a_slow_answer_comes_after_its_time(
    sandbox: Sandbox, wahdx: httpx.Client, clock: ManualClock
) -> None:
    sandbox.add_fault("slow", seconds=90)
    sent_at = clock.now()

    answer = publish(wahdx)

    assert answer.status_code == 200
    assert clock.now() - sent_at == timedelta(seconds=90)


def test_a_trickling_answer_passes_its_time_between_bytes(
    sandbox: Sandbox, wahdx: httpx.Client, clock: ManualClock
) -> None:
    sandbox.add_fault("trickle", seconds=1)
    sent_at = clock.now()

    answer = publish(wahdx)

    assert answer.json()["success"] is True
    assert clock.now() - sent_at > timedelta(seconds=len(answer.content))


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_rate_limit_says_when_in_either_form(
    sandbox: Sandbox, wahdx: httpx.Client, form: str
) -> None:
    sandbox.add_fault("rate_limit", retry_after_s=20, retry_after_form=form)

    answer = publish(wahdx)

    expected = {"seconds": "20", "date": "Sat, 20 Jun 2026 10:00:20 GMT"}
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, expected[form])
    assert captions(sandbox) == []


def test_a_rate_limit_may_say_nothing(sandbox: Sandbox, wahdx: httpx.Client) -> None:
    sandbox.add_fault("rate_limit")

    assert "Retry-After" not in publish(wahdx).headers
    assert publish(wahdx).status_code == 200


def test_a_refused_publish_is_accepted_and_fails_later(
    sandbox: Sandbox, wahdx: httpx.Client, clock: ManualClock
) -> None:
    sandbox.add_fault("refuse_publish", code="picture_size_check_failed")

    publish_id = publish(wahdx).json()["data"]["publish_id"]
    clock.advance(timedelta(seconds=5))
    status = wahdx.get(f"/api/content/status/{FIRST}/{publish_id}").json()["data"]

    assert (status["status"], status["fail_reason"]) == ("FAILED", "picture_size_check_failed")


def test_an_expired_account_is_listed_as_such_and_refused(
    sandbox: Sandbox, wahdx: httpx.Client
) -> None:
    sandbox.add_fault("expired_account", account_id=FIRST)

    listed = wahdx.get("/api/content/accounts").json()["data"]

    assert [account["status"] for account in listed[:2]] == ["expired", "active"]
    assert publish(wahdx).status_code == 400


def test_a_sandbox_that_never_started_can_be_stopped() -> None:
    Sandbox().stop()


def test_an_idle_connection_is_closed_when_the_sandbox_stops() -> None:
    with Sandbox() as sandbox:
        port = int(sandbox.url.rsplit(":", 1)[1])
        connection = socket.create_connection(("127.0.0.1", port), timeout=5)
        connection.sendall(b"GET /_sandbox/health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert connection.recv(4096).startswith(b"HTTP/1.1 200")

    with connection:
        assert connection.recv(4096) == b""
