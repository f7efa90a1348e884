"""The settings of one process, as one value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from shared.domain.cap import Cap
from shared.settings.accounts import AccountSettings
from shared.settings.connection import Connection
from shared.settings.policies import Policies


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the environment and `dropline.toml` say, checked."""

    home: Path
    database_url: str
    #: None = the embedded server of `home`.
    redis_url: str | None
    connections: Mapping[str, Connection]
    default_policies: Policies = field(default_factory=Policies)
    #: By connection, then by account id or `@username`.
    accounts: Mapping[str, Mapping[str, AccountSettings]] = field(default_factory=dict)
    #: What the platforms let each account publish; plans keep to it.
    caps: tuple[Cap, ...] = ()
    private_media: bool | None = None
    log_format: str = "json"
    log_level: str = "info"
    worker_threads: int = 16
    flower_port: int = 5555
