"""The named Lua files as scripts of one Redis connection, and errors in our own words."""

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from redis.backoff import NoBackoff
from redis.commands.core import Script
from redis.exceptions import RedisError
from redis.retry import Retry

from shared.errors import LimiterUnavailable
from shared.redis_address import open_redis

#: All keys carry one hash tag: a script may touch any of them.
ROOT = "dropline:limit:{all}:"

#: What stands before each script, in this order.
_COMMON = ("windows", "looking", "adaptive")

_NAMES = ("admit", "headroom", "learn", "release", "list", "seed", "begin", "commit")

#: A command that may have run is repeated once: that counts a request twice, never not at all.
_OPTIONS = {
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "retry": Retry(NoBackoff(), 1),
}


class Scripts:
    """Runs scripts by name: JSON in, JSON out."""

    def __init__(self, redis_url: str) -> None:
        self._host = urlsplit(redis_url).hostname or "its socket"
        self._client = open_redis(redis_url, _OPTIONS)
        shared = "\n".join(map(_text, _COMMON))
        self._scripts: dict[str, Script] = {
            name: self._client.register_script(f"{shared}\n{_text(name)}") for name in _NAMES
        }

    def run(self, name: str, ask: Mapping[str, Any]) -> dict[str, Any]:
        try:
            answer = self._scripts[name](keys=[ROOT], args=[json.dumps(ask, separators=(",", ":"))])
        except (RedisError, OSError) as away:
            raise LimiterUnavailable(
                f"Redis at {self._host} cannot say what is inside the limits: {away}"
            ) from away
        reply: dict[str, Any] = json.loads(answer)
        return reply

    def close(self) -> None:
        self._client.close()


def _text(name: str) -> str:
    return files("shared.limits").joinpath("lua", f"{name}.lua").read_text(encoding="utf-8")
