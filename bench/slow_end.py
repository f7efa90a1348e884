"""A far end whose publishes are accepted at once and settle after a while, at random.

It speaks as much of WAHDX as publishing a video to TikTok and asking after it needs. `GET /log`
tells how often it was asked for publishes of each sort (the first letter of their ids), and when
each of them settled. `python -m bench.slow_end --port N --shortest SECONDS --longest SECONDS`
"""

import argparse
import asyncio
import json
import random
import time
import urllib.request
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import unquote

from typing_extensions import override

from bench.far_end import FarEnd

BATCH = b"/api/content/status/batch"
SINGLE = b"/api/content/status/"
#: The sheet's bound for one batch; more would not be fair.
BATCH_MAX = 50


class SlowEnd(FarEnd):
    """A publish has the post's text for its id."""

    span_s: ClassVar[tuple[float, float]] = (0.0, 0.0)
    settles_at: ClassVar[dict[str, float]] = {}
    asked: ClassVar[Counter[str]] = Counter()
    chance: ClassVar[random.Random] = random.Random(1)

    @override
    def _reply(self, line: list[bytes], body: bytes) -> None:
        path = line[1].partition(b"?")[0]
        if path == b"/log":
            self._send(_json({"asked": self.asked, "settles_at": self.settles_at}))
        elif path == BATCH:
            self._send(_json(self._many(json.loads(body)["checks"])))
        elif path.startswith(SINGLE):
            self._send(_json(self._one(unquote(path.decode()).rpartition("/")[2])))
        elif line[0] == b"POST":
            self._accept(json.loads(body)["content"])
        else:
            super()._reply(line, body)

    def _accept(self, publish_id: str) -> None:
        self.settles_at[publish_id] = time.time() + self.chance.uniform(*self.span_s)
        facts = {"publish_id": publish_id, "status": "PUBLISH_INITIATED"}
        self._send(_json({"success": True, "data": facts}))

    def _many(self, checks: Sequence[Mapping[str, str]]) -> dict[str, Any]:
        if len(checks) > BATCH_MAX:
            raise ValueError(f"{len(checks)} checks in one batch")
        self.asked[checks[0]["publishId"][0]] += 1
        results = [
            {"success": True, **check, **self._facts(check["publishId"])} for check in checks
        ]
        return {"success": True, "data": {"results": results}}

    def _one(self, publish_id: str) -> dict[str, Any]:
        self.asked[publish_id[0]] += 1
        return {"success": True, "data": self._facts(publish_id)}

    def _facts(self, publish_id: str) -> dict[str, str]:
        settled = self.settles_at[publish_id] <= time.time()
        status = "PUBLISH_COMPLETE" if settled else "PROCESSING_DOWNLOAD"
        return {"publish_id": publish_id, "status": status}


@dataclass(frozen=True, slots=True)
class Log:
    """What the far end was asked, and the Unix times at which publishes settled."""

    asked: Mapping[str, int]
    settles_at: Mapping[str, float]


def read_log(url: str) -> Log:
    with urllib.request.urlopen(f"{url}/log") as answer:
        return Log(**json.load(answer))


def _json(shape: Any) -> bytes:
    return json.dumps(shape).encode()


async def _serve(port: int) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(SlowEnd, "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--shortest", type=float, required=True)
    parser.add_argument("--longest", type=float, required=True)
    given = parser.parse_args()
    SlowEnd.span_s = (given.shortest, given.longest)
    asyncio.run(_serve(given.port))
