"""The named Lua files as scripts of one Redis connection, and errors in our own words."""

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from redis import Redis
from redis.backoff import NoBackoff
from redis.commands.core import Script
from redis.exceptions import RedisError
from redis.retry import Retry
from redis.sentinel import Sentinel

from shared.errors import LimiterUnavailable

#: All keys carry one hash tag: a script may touch any of them.
ROOT = "dropline:limit:{all}:"

_NAMES = ("admit", "headroom", "learn", "release", "list", "seed", "begin", "commit")
_SENTINEL_PORT = 26_379


class Scripts:
    """Runs scripts by name: JSON in, JSON out."""

    def __init__(self, redis_url: str) -> None:
        self._host = urlsplit(redis_url).hostname or "its socket"
        self._client = connect(redis_url)
        shared = _text("windows")
        self._scripts: dict[str, Script] = {
            name: self._client.register_script(f"{shared}\n{_text(name)}") for name in _NAMES
        }

    def run(self, name: str, ask: Mapping[str, Any]) -> dict[str, Any]:
        try:
            answer = self._scripts[name](keys=[ROOT], args=[json.dumps(ask)])
        except (RedisError, OSError) as away:
            raise LimiterUnavailable(
                f"Redis at {self._host} cannot say what is inside the limits: {away}"
            ) from away
        reply: dict[str, Any] = json.loads(answer)
        return reply

    def close(self) -> None:
        self._client.close()


def connect(url: str) -> Redis:
    """Connect to `redis://`, `rediss://`, `unix://`, or `sentinel://host:port,host/db?master=`.

    A command that may have run is repeated once: it would count a request twice, never not.
    """
    options: dict[str, Any] = {
        "socket_timeout": 5,
        "socket_connect_timeout": 2,
        "retry": Retry(NoBackoff(), 1),
    }
    if not url.startswith("sentinel://"):
        return Redis.from_url(url, **options)
    return _through_sentinel(url, options)


def _through_sentinel(url: str, options: dict[str, Any]) -> Redis:
    parts = urlsplit(url.replace(";sentinel://", ","))
    credentials, _, hosts = parts.netloc.rpartition("@")
    addresses = [_address(host) for host in hosts.split(",") if host]
    password = credentials.partition(":")[2] or None
    query = dict(pair.partition("=")[::2] for pair in parts.query.split("&"))
    master = query.get("master") or query.get("master_name") or "mymaster"
    database = int(parts.path.strip("/") or 0)
    sentinel = Sentinel(addresses, sentinel_kwargs=options)  # type: ignore[no-untyped-call]
    client: Redis = sentinel.master_for(  # type: ignore[no-untyped-call]
        master, db=database, password=password, **options
    )
    return client


def _address(host: str) -> tuple[str, int]:
    name, _, port = host.partition(":")
    return name, int(port or _SENTINEL_PORT)


def _text(name: str) -> str:
    return files("shared.limits").joinpath("lua", f"{name}.lua").read_text(encoding="utf-8")
