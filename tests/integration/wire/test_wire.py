"""The wire knows what left and what did not, and never waits for ever."""

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

import pytest
from typing_extensions import override

from shared.domain.limit import Admission, Call, Reading, Reply, Scope
from shared.errors import LeaseLost, LimiterUnavailable, ProviderMisuse
from shared.providers import provider_named
from shared.wire.answer import AnswerLost, NotAdmitted, NotSent
from shared.wire.wire import Content, Wire
from tests.support.gate import RecordingGate
from tests.support.scripted import DROPPED, Scripted, answered
from tests.support.wires import KEY, Wires

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def server() -> Iterator[Scripted]:
    with Scripted() as scripted:
        yield scripted


@contextmanager
def wires(url: str) -> Iterator[Wires]:
    with Wires(provider_named("wahdx"), url) as opened:
        yield opened


def publish(wire: Wire, memo: Mapping[str, Any] | None = None) -> Any:
    content = Content(json={"x": 1})
    return wire.publish("/post", content, account="a", memo=memo or {}, timeout=MINUTE)


def test_the_gate_is_opened_with_the_memo_before_the_request_is_seen(server: Scripted) -> None:
    seen_at_opening: list[int] = []

    class Gate(RecordingGate):
        @override
        def open(self, memo: Mapping[str, Any]) -> None:
            seen_at_opening.append(len(server.requests))
            super().open(memo)

    server.on("POST", "/post", answered({"ok": True}))
    with wires(server.url) as opened:
        gate = Gate()
        wire = opened.open(gate=gate)
        assert publish(wire, {"key": "k"}).body == {"ok": True}
    assert gate.memos == [{"key": "k"}]
    assert seen_at_opening == [0]
    assert wire.published


def test_a_lost_lease_sends_nothing_and_gives_the_reservation_back(server: Scripted) -> None:
    with wires(server.url) as opened:
        wire = opened.open(gate=RecordingGate(lost=True))
        with pytest.raises(LeaseLost):
            publish(wire)
        assert opened.limiter.released == ["1"]
    assert server.requests == []
    assert not wire.published


def test_a_reused_connection_passes_the_gate_as_well(server: Scripted) -> None:
    server.on("POST", "/post", answered({}))
    with wires(server.url) as opened:
        publish(opened.open())
        with pytest.raises(LeaseLost):
            publish(opened.open(gate=RecordingGate(lost=True)))
    assert len(server.requests) == 1


def test_a_refused_connection_is_surely_not_sent() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with wires(url) as opened, pytest.raises(NotSent):
            publish(opened.open())
        assert opened.gate.memos == []
        assert opened.limiter.released == ["1"]


def test_a_connection_closed_after_the_request_is_a_lost_answer(server: Scripted) -> None:
    server.on("POST", "/post", DROPPED)
    with wires(server.url) as opened:
        wire = opened.open()
        with pytest.raises(AnswerLost):
            publish(wire)
        assert wire.published
        assert opened.limiter.released == []


@pytest.mark.parametrize("prelude", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"])
def test_the_watchdog_cuts_an_answer_that_never_ends(prelude: bytes) -> None:
    with silent_server(prelude) as url, wires(url) as opened:
        wire = opened.open()
        wire.deadline = monotonic() + 0.3
        started = monotonic()
        with pytest.raises(AnswerLost, match="ran past its deadline"):
            publish(wire)
        assert monotonic() - started < 5


def test_a_429_says_until_when(server: Scripted) -> None:
    server.on("GET", "/x", answered({}, 429, **{"Retry-After": "7"}))
    with wires(server.url) as opened:
        with pytest.raises(NotAdmitted) as refused:
            opened.open().get(Call.STATUS, "/x")
        wait = refused.value.until - opened.clock.now()
    assert timedelta(seconds=6) < wait <= timedelta(seconds=7)


def test_what_the_limiter_refuses_is_not_sent(server: Scripted) -> None:
    with wires(server.url) as opened:
        opened.limiter.refuse_until = datetime(2030, 1, 1, tzinfo=UTC)
        with pytest.raises(NotAdmitted) as refused:
            opened.open().get(Call.STATUS, "/x")
    assert refused.value.until == opened.limiter.refuse_until
    assert server.requests == []


@pytest.mark.parametrize("call", [Call.STATUS, Call.UPLOAD])
def test_a_refusal_that_another_call_met_meanwhile_stops_a_read_and_an_upload(
    server: Scripted, call: Call
) -> None:
    server.on("GET", "/x", answered({}))
    with wires(server.url) as opened:
        until = opened.clock.now() + MINUTE
        opened.limiter.stops = [until]
        with pytest.raises(NotAdmitted) as refused:
            opened.open().get(call, "/x")
        assert opened.limiter.released == ["1"]
    assert refused.value.until == until
    assert server.requests == []


def test_a_request_that_stood_still_after_its_admission_asks_anew(
    server: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.on("GET", "/x", answered({}))
    with wires(server.url) as opened:
        stand_still_once_admitted(opened, monkeypatch)
        assert opened.open().get(Call.STATUS, "/x").ok
        assert opened.limiter.calls == [Call.STATUS, Call.STATUS]
        assert opened.limiter.released == ["1"]


def test_a_request_whose_admission_is_not_renewed_is_not_sent(
    server: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.on("POST", "/post", answered({}))
    with wires(server.url) as opened:
        until = opened.clock.now() + MINUTE
        stand_still_once_admitted(opened, monkeypatch, until)
        with pytest.raises(NotAdmitted) as refused:
            publish(opened.open())
        assert "1" in opened.limiter.released
    assert refused.value.until == until
    assert server.requests == []
    assert opened.gate.memos == []


def stand_still_once_admitted(
    opened: Wires, monkeypatch: pytest.MonkeyPatch, refused_until: datetime | None = None
) -> None:
    """Let time pass unseen after the first admission; the next one is refused if told so."""
    admit = opened.limiter.admit

    def admit_and_stand_still(*asked: Any) -> Admission:
        admission = admit(*asked)
        if len(opened.limiter.admitted) == 1:
            opened.clock.follow(lambda: opened.clock.now() + 5 * SECOND)
            opened.limiter.refuse_until = refused_until
        return admission

    monkeypatch.setattr(opened.limiter, "admit", admit_and_stand_still)


def test_an_answer_is_not_lost_because_the_limiter_is(
    server: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_scope: Scope, _call: Call, _reply: Reply) -> Reading:
        raise LimiterUnavailable

    server.on("POST", "/post", answered({"id": 1}))
    with wires(server.url) as opened:
        monkeypatch.setattr(opened.limiter, "learn", away)
        assert publish(opened.open()).body == {"id": 1}


def test_a_key_that_the_provider_quotes_is_cut_out_of_its_answer(server: Scripted) -> None:
    server.on(
        "GET", "/x", lambda asked: answered({"error": f"bad key {asked.headers['x-api-key']}"})
    )
    with wires(server.url) as opened:
        answer = opened.open().get(Call.STATUS, "/x")
    assert answer.body == {"error": "bad key [redacted]"}
    assert KEY not in answer.text


def test_only_the_holder_of_a_claim_may_publish(server: Scripted) -> None:
    with wires(server.url) as opened:
        reading = Wire(opened.road, opened.open()._endpoint, deadline=monotonic() + 5)
        with pytest.raises(ProviderMisuse):
            publish(reading)
        with pytest.raises(ProviderMisuse):
            opened.open().request(Call.PUBLISH, "POST", "/post", Content())
    assert server.requests == []


@contextmanager
def silent_server(prelude: bytes) -> Iterator[str]:
    """Accept one connection, read the request, say `prelude` and then nothing more."""
    listener = socket.create_server(("127.0.0.1", 0))
    accepted: list[socket.socket] = []

    def serve() -> None:
        connection, _ = listener.accept()
        accepted.append(connection)
        connection.recv(65_536)
        connection.sendall(prelude)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        thread.join(timeout=5)
        for connection in accepted:
            connection.close()
        listener.close()
