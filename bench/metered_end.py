"""A far end with a limit: every request counts, one too many is answered 429 with Retry-After.

`GET /log` tells of each request when it came, whether it was admitted, and until when a refusal
asked to wait.
"""

import argparse
import asyncio
import json
import math
import time
import urllib.request
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from typing_extensions import override

from bench.far_end import FarEnd, published, running, serve
from bench.meter import Meter, Standing


@dataclass(frozen=True, slots=True)
class Quota:
    """What the far end allows, and how much of it an answer tells."""

    limit: int
    per_s: int
    fixed: bool
    #: `X-RateLimit-*` with the window's end; a window that moves tells nothing.
    headers: bool
    #: The first window was used up by somebody else.
    used_up: bool = False


class Request(NamedTuple):
    """A request as it came in; `until` is what its refusal asked to wait for."""

    at: float
    publishes: bool
    admitted: bool
    until: float


class MeteredEnd(FarEnd):
    """Admits or refuses as a request comes in, and answers after the delay either way."""

    requests: ClassVar[list[Request]] = []
    meter: ClassVar[Meter]
    quota: ClassVar[Quota]

    @override
    def _reply(self, line: list[bytes], body: bytes) -> None:
        method, path = line[0], line[1]
        if path == b"/log":
            self._send(json.dumps(self.requests).encode())
            return
        now = time.time()
        standing = self.meter.admit(now)
        wait_s = 0 if standing.admitted else math.ceil(standing.resets_at - now)
        publishes = method == b"POST"
        self.requests.append(Request(now, publishes, standing.admitted, now + wait_s))
        if standing.admitted:
            self._admit(method, body, standing)
        else:
            headers = {"Retry-After": wait_s, **self._headers(standing)}
            self._later(_REFUSAL, "429 Too Many Requests", headers)

    def _admit(self, method: bytes, body: bytes, standing: Standing) -> None:
        if method == b"GET":
            self._send(self.accounts, headers=self._headers(standing))
        else:
            answer = published(json.loads(body)["content"])
            self._later(answer, "200 OK", self._headers(standing))

    def _later(self, body: bytes, status: str, headers: Mapping[str, object]) -> None:
        asyncio.get_running_loop().call_later(self.delay, self._send, body, status, headers)

    def _headers(self, standing: Standing) -> Mapping[str, object]:
        if not self.quota.headers:
            return {}
        limit = self.quota.limit
        return {
            # Its length too: nobody else's windows are as short as those of a benchmark.
            "X-RateLimit-Limit": f"{limit}, {limit};w={self.quota.per_s}",
            "X-RateLimit-Remaining": standing.remaining,
            "X-RateLimit-Reset": round(standing.resets_at),
        }


_REFUSAL = json.dumps({"success": False, "error": "Too many requests"}).encode()


def metered_end(delay_s: float, quota: Quota) -> AbstractContextManager[str]:
    """Start a far end with a limit and give its address."""
    options = {"delay": delay_s, "limit": quota.limit, "per": quota.per_s}
    flags = [f"--{name}" for name in ("fixed", "headers", "used_up") if getattr(quota, name)]
    values = [text for key, value in options.items() for text in (f"--{key}", str(value))]
    return running("bench.metered_end", *values, *flags)


def requests_at(url: str) -> list[Request]:
    """Return every request that came in."""
    with urllib.request.urlopen(f"{url}/log") as answer:
        return [Request(*each) for each in json.load(answer)]


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--delay", type=float, required=True)
    parser.add_argument("--limit", type=int, required=True)
    parser.add_argument("--per", type=int, required=True)
    for flag in ("--fixed", "--headers", "--used_up"):
        parser.add_argument(flag, action="store_true")
    given = parser.parse_args()
    MeteredEnd.delay = given.delay
    MeteredEnd.quota = Quota(given.limit, given.per, given.fixed, given.headers, given.used_up)
    MeteredEnd.meter = Meter(given.limit, given.per, fixed=given.fixed)
    if given.used_up:
        MeteredEnd.meter.fill(time.time())
    asyncio.run(serve(given.port, MeteredEnd))


if __name__ == "__main__":
    _main()
