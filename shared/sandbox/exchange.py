"""One HTTP request as a provider sees it, and the answer it gives."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import IO, Any

Json = dict[str, Any]


class RefusedError(Exception):
    """Leave a route early with this answer."""

    def __init__(self, answer: "Answer") -> None:
        super().__init__(f"refused with {answer.status}")
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Request:
    """A request whose body is wholly received; large bodies lie in a temporary file."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    stream: IO[bytes]
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        self.stream.seek(0)
        return self.stream.read()

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "")

    def json(self) -> Any:
        """Parse the body: None when it is empty, ValueError when it is not JSON."""
        return json.loads(self.body) if self.body else None

    def bearer(self) -> str:
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: JSON in `body`, or bytes in `raw`; sent after `wait` of sandbox time."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    content_type: str = "application/json"
    wait: timedelta = timedelta(0)

    def payload(self) -> bytes:
        if self.raw is not None:
            return self.raw
        return b"" if self.body is None else json.dumps(self.body).encode()
