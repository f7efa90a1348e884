"""The probe: notes every side effect of a process, and kills it at the one it is told to.

The product knows nothing of it: it stands around the commit of the database driver's dialect, the
trace of an HTTP exchange, kombu's publish and a message's ack.
"""

import os
import re
import signal
from collections.abc import Callable, Mapping
from typing import Any

import httpx
from kombu.message import Message
from kombu.messaging import Producer
from sqlalchemy import Connection, Engine, event

from shared.ledger import Ledger
from shared.ledger.database import Database
from shared.wire.answer import Answer
from shared.wire.exchange import Exchange

_WRITING = re.compile(r"(?:^|[()])\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+(\w+)", re.IGNORECASE)
_ID = re.compile(r"/(?=[^/]*\d)[^/]{3,}")

#: What a kill after each of these events leaves at the far end.
_EVENTS = {
    "send_request_headers.started": "opened",
    "send_request_headers.complete": "half sent",
    "send_request_body.complete": "sent",
    "receive_response_headers.complete": "half answered",
    "receive_response_body.complete": "answered",
}
#: A read changes nothing there, so half of one is as good as none.
_EVENTS_OF_READS = {"send_request_body.complete", "receive_response_body.complete"}


class Probe:
    """Writes down each point between two side effects; one is named by its number or its words."""

    def __init__(self, notes: int, armed: int | str | None) -> None:
        self._notes = notes
        self._armed = armed
        self._passed = 0

    def at(self, point: str) -> None:
        os.write(self._notes, f"{point}\n".encode())
        if self._armed in {self._passed, point}:
            os.kill(os.getpid(), signal.SIGKILL)
        self._passed += 1

    def around(self, name: str, act: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        self.at(f"before {name}")
        done = act(*args, **kwargs)
        self.at(f"after {name}")
        return done


def watch(probe: Probe, ledger: Ledger) -> None:
    """Put the probe around everything that leaves this process."""
    _watch_commits(probe, ledger._database._engine)
    _watch_requests(probe)
    _watch_messages(probe)


def _watch_commits(probe: Probe, engine: Engine) -> None:
    """A transaction that wrote nothing leaves nothing, whether it is committed or not."""
    plain_commit: Any = engine.dialect.do_commit
    plain_at_once: Any = Database._at_once

    def begun(connection: Connection) -> None:
        connection.info["written"] = {}

    def executed(connection: Connection, _cursor: Any, statement: str, *_more: Any) -> None:
        written = connection.info.setdefault("written", {})
        written.update(dict.fromkeys(_WRITING.findall(statement)))

    def commit(connection: Any) -> None:
        if written := connection.info.get("written"):
            probe.around(f"commit of {', '.join(written)}", plain_commit, connection)
        else:
            plain_commit(connection)

    def at_once(database: Database, statement: str, values: Mapping[str, Any]) -> Any:
        written = dict.fromkeys(_WRITING.findall(statement))
        name = f"commit of {', '.join(written)}"
        return probe.around(name, plain_at_once, database, statement, values)

    _put(Database, "_at_once", at_once)
    event.listen(engine, "begin", begun)
    event.listen(engine, "before_cursor_execute", executed)
    _put(engine.dialect, "do_commit", commit)


def _watch_requests(probe: Probe) -> None:
    plain_send: Any = Exchange.send
    plain_trace: Any = Exchange._trace
    names: dict[int, str] = {}

    def send(exchange: Exchange, request: httpx.Request, deadline: float) -> Answer:
        names[id(exchange)] = f"{request.method} {_ID.sub('/*', request.url.path)}"
        answer: Answer = plain_send(exchange, request, deadline)
        return answer

    def trace(exchange: Exchange, event_name: str, facts: Mapping[str, Any]) -> None:
        name, happened = names[id(exchange)], event_name.partition(".")[2]
        if happened == "send_request_headers.started":
            probe.at(f"before opening {name}")
        plain_trace(exchange, event_name, facts)
        if happened in (_EVENTS_OF_READS if name.startswith("GET") else _EVENTS):
            probe.at(f"{_EVENTS[happened]} {name}")

    _put(Exchange, "send", send)
    _put(Exchange, "_trace", trace)


def _watch_messages(probe: Probe) -> None:
    plain_publish: Any = Producer.publish
    plain_ack: Any = Message.ack

    def publish(producer: Any, *args: Any, **kwargs: Any) -> Any:
        return probe.around("ring", plain_publish, producer, *args, **kwargs)

    def ack(message: Any, *args: Any, **kwargs: Any) -> Any:
        return probe.around("ack", plain_ack, message, *args, **kwargs)

    _put(Producer, "publish", publish)
    _put(Message, "ack", ack)


def _put(owner: Any, name: str, stand_in: Callable[..., Any]) -> None:
    setattr(owner, name, stand_in)
