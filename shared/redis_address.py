"""Where Redis is: `redis://`, `rediss://`, `unix://`, or behind Sentinels.

A Sentinel address names every Sentinel, the database and the master:
`sentinel://:password@host1:26379,host2:26379/0?master=mymaster`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from redis import Redis
from redis.exceptions import RedisError
from redis.sentinel import Sentinel

from shared.errors import ConfigurationError

SCHEMES = ("redis", "rediss", "unix", "sentinel")
SENTINEL_PORT = 26_379


@dataclass(frozen=True, slots=True)
class Sentinels:
    """The Sentinels to ask for the master, and how to speak to it."""

    hosts: tuple[tuple[str, int], ...]
    master: str
    database: int
    username: str | None
    password: str | None

    @property
    def celery_url(self) -> str:
        """Return the address as Celery writes it: one URL for each Sentinel."""
        user = quote(self.username or "", safe="")
        secret = f"{user}:{quote(self.password, safe='')}@" if self.password else ""
        urls = (f"sentinel://{secret}{host}:{port}" for host, port in self.hosts)
        return ";".join(f"{url}/{self.database}" for url in urls)


def require_address(url: str) -> str:
    """Return the address when it is one; connects to nothing.

    Raises ConfigurationError, without the address (it may hold a password).
    """
    try:
        sentinels = read_sentinels(url)
        if sentinels is None:
            _require_database(url)
            Redis.from_url(url).connection_pool.make_connection()
        known = sentinels is None or bool(sentinels.hosts)
    except (ValueError, TypeError, RedisError):
        known = False
    if not known:
        raise ConfigurationError(
            "DROPLINE_REDIS_URL is no address of Redis; write it like redis://:PASSWORD@HOST:6379/0"
            " or sentinel://HOST1:26379,HOST2:26379/0?master=mymaster, odd characters of a password"
            " as %XX"
        )
    return url


def _require_database(url: str) -> None:
    parts = urlsplit(url)
    database = parts.path.strip("/")
    if parts.scheme != "unix" and database:
        int(database)


def read_sentinels(url: str) -> Sentinels | None:
    """Return the Sentinels of an address, or None when it is a plain one.

    Raises ConfigurationError, without the address (it may hold a password).
    """
    parts = urlsplit(url.replace(";sentinel://", ","))
    if parts.scheme not in SCHEMES:
        known = ", ".join(f"{scheme}://" for scheme in SCHEMES)
        raise ConfigurationError(f"the address of Redis must begin with one of {known}")
    if parts.scheme != "sentinel":
        return None
    credentials, _, hosts = parts.netloc.rpartition("@")
    username, _, password = credentials.partition(":")
    return Sentinels(
        hosts=tuple(_host(each.rpartition("@")[2]) for each in hosts.split(",") if each),
        master=dict(parse_qsl(parts.query)).get("master", "mymaster"),
        database=int(parts.path.strip("/") or 0),
        username=unquote(username) or None,
        password=unquote(password) or None,
    )


def open_redis(url: str, options: Mapping[str, Any]) -> Redis:
    """Return a client that finds the master by itself where there are Sentinels."""
    sentinels = read_sentinels(url)
    if sentinels is None:
        return Redis.from_url(url, **options)
    asked = Sentinel(list(sentinels.hosts), sentinel_kwargs=dict(options))  # type: ignore[no-untyped-call]
    client: Redis = asked.master_for(  # type: ignore[no-untyped-call]
        sentinels.master,
        db=sentinels.database,
        username=sentinels.username,
        password=sentinels.password,
        **options,
    )
    return client


def celery_address(url: str) -> tuple[str, dict[str, Any]]:
    """Return the broker address for Celery, and the transport options it needs."""
    sentinels = read_sentinels(url)
    if sentinels is None:
        return url, {}
    return sentinels.celery_url, {"master_name": sentinels.master}


def _host(text: str) -> tuple[str, int]:
    name, _, port = text.partition("/")[0].partition(":")
    return name, int(port or SENTINEL_PORT)
