"""A connection: one credential at one provider, as the environment and the file describe it."""

import contextlib
import ipaddress
import socket
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import urlsplit

from pydantic import SecretStr

from shared.domain.limit import Limit
from shared.errors import KeyMissing
from shared.settings.policies import Policies


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """Name, provider, address and key; the key is never stored or printed."""

    name: str
    provider: str
    #: None = the provider's own.
    base_url: str | None
    key: SecretStr | None
    #: The environment variable that holds, or should hold, the key.
    key_variable: str
    #: None = what the provider's file declares; () = assume none, learn from answers.
    limits: tuple[Limit, ...] | None = None
    policies: Policies = field(default_factory=Policies)
    #: None = only where the base URL is itself private.
    private_media: bool | None = None

    def secret(self) -> str:
        """Return the key, or raise KeyMissing naming the variable to set."""
        if self.key is None:
            raise KeyMissing(f"connection {self.name} has no API key: set {self.key_variable}")
        return self.key.get_secret_value()

    @property
    def allows_private_media(self) -> bool:
        if self.private_media is not None:
            return self.private_media
        return self.base_url is not None and is_private_host(urlsplit(self.base_url).hostname)


@lru_cache(maxsize=1024)
def is_private_host(host: str | None) -> bool:
    """Whether a host, as written, is this machine or a private network; no name is looked up."""
    if not host:
        return True
    name = host.lower().rstrip(".")
    if name == "localhost" or name.endswith((".localhost", ".local", ".internal")):
        return True
    address = _address(name)
    return address is not None and not address.is_global


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Read an address in any notation that resolvers take, such as 127.1 or 0x7f000001."""
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(name)
    with contextlib.suppress(OSError):
        return ipaddress.ip_address(socket.inet_aton(name))
    return None
