"""The environment: the only file that reads it."""

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr

from shared.errors import ConfigurationError
from shared.settings.accounts import account_settings
from shared.settings.caps import caps_in_force
from shared.settings.connection import Connection
from shared.settings.file import ConnectionTable, File, read_file
from shared.settings.policies import Policies
from shared.settings.settings import Settings

PREFIX = "DROPLINE_"

#: Every variable by its full name, but for the `<PROVIDER>_API_KEY` and `_BASE_URL` pairs.
KNOWN_VARIABLES = frozenset(
    PREFIX + name
    for name in (
        "HOME",
        "DATABASE_URL",
        "REDIS_URL",
        "CONFIG",
        "ALLOW_PRIVATE_MEDIA",
        "LOG_FORMAT",
        "LOG_LEVEL",
        "FLOWER_AUTH",
        "FLOWER_PORT",
        "WORKER_THREADS",
    )
)
_PROVIDER_VARIABLE = re.compile(rf"{PREFIX}([A-Z][A-Z0-9_]*)_(API_KEY|BASE_URL)")
_HTTP = re.compile(r"https?://[^/]", re.IGNORECASE)
#: What no URL has as it is, and an HTTP client would refuse.
_ODD = re.compile(r"[\x00-\x20\x7f\\^`{|}<>\"]")
_DIGITS = re.compile(r"[0-9]{1,9}")
#: A process with more threads does nothing but change between them.
_MOST_THREADS = 10_000
_LAST_PORT = 65_535
_LEVELS = ("debug", "info", "warning", "error", "critical")
_BOOLEANS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


def is_known(variable: str) -> bool:
    """Whether Dropline reads this environment variable."""
    return variable in KNOWN_VARIABLES or _PROVIDER_VARIABLE.fullmatch(variable) is not None


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of this process.

    Raises ConfigurationError, with every problem in it, when they are not usable.
    """
    variables = {k: v for k, v in (environment or os.environ).items() if v}
    file = _file(variables)
    home = Path(variables.get("DROPLINE_HOME", ".dropline")).absolute()
    base = file.policies.over(Policies())
    return Settings(
        home=home,
        database_url=variables.get("DROPLINE_DATABASE_URL", _sqlite_in(home)),
        redis_url=variables.get("DROPLINE_REDIS_URL"),
        connections=_connections(variables, file, base),
        default_policies=base,
        accounts=account_settings(file),
        caps=caps_in_force(file.caps),
        private_media=_boolean(variables, "DROPLINE_ALLOW_PRIVATE_MEDIA"),
        log_format=_log_format(variables),
        log_level=_log_level(variables),
        worker_threads=_whole_number(variables, "DROPLINE_WORKER_THREADS", 16, _MOST_THREADS),
        flower_port=_whole_number(variables, "DROPLINE_FLOWER_PORT", 5555, _LAST_PORT),
    )


def _sqlite_in(home: Path) -> str:
    """Return the address of the database in a folder, whatever the folder's name holds."""
    quoted = str(home).replace("%", "%25").replace("?", "%3F").replace("#", "%23")
    return f"sqlite:///{quoted}/dropline.db"


def child_environment(**changes: str) -> dict[str, str]:
    """Return this process's environment with `changes`, for a child that we start."""
    return {**os.environ, **changes}


def _file(variables: Mapping[str, str]) -> File:
    named = variables.get("DROPLINE_CONFIG")
    if named:
        return read_file(Path(named))
    default = Path("dropline.toml")
    return read_file(default) if default.exists() else File()


def _connections(
    variables: Mapping[str, str], file: File, base: Policies
) -> Mapping[str, Connection]:
    tables = dict(file.connections)
    spoken_for = {each for name, table in tables.items() for each in _variables_of(name, table)}
    for variable in variables:
        match = _PROVIDER_VARIABLE.fullmatch(variable)
        if match and variable not in spoken_for:
            tables.setdefault(match.group(1).lower(), ConnectionTable())
    return {name: _connection(name, table, variables, base) for name, table in tables.items()}


def _variables_of(name: str, table: ConnectionTable) -> tuple[str, str]:
    """Return the variables that hold a connection's key and its base URL."""
    own = PREFIX + name.upper().replace("-", "_")
    return table.api_key_env or f"{own}_API_KEY", f"{own}_BASE_URL"


def _connection(
    name: str, table: ConnectionTable, variables: Mapping[str, str], base: Policies
) -> Connection:
    provider = table.provider or name
    key_variable, url_variable = _variables_of(name, table)
    key = variables.get(key_variable)
    if key is not None and not (key.isascii() and key.isprintable()):
        raise ConfigurationError(
            f"{key_variable} holds a character that no API key has, such as a line break"
        )
    base_url = table.base_url or variables.get(url_variable)
    return Connection(
        name=name,
        provider=provider,
        base_url=_base_url(name, base_url),
        key=SecretStr(key) if key else None,
        key_variable=key_variable,
        limits=None if table.limits is None else tuple(each.limit() for each in table.limits),
        policies=table.policies.over(base),
        private_media=_boolean(variables, "DROPLINE_ALLOW_PRIVATE_MEDIA"),
    )


def _base_url(name: str, stated: str | None) -> str | None:
    if not stated:
        return None
    if not _HTTP.match(stated):
        raise ConfigurationError(
            f"connection {name}: its base URL must begin with http:// or https://"
        )
    if not _has_host(stated):
        raise ConfigurationError(
            f"connection {name}: its base URL must be like https://api.example.com:8443/path"
        )
    return stated.rstrip("/")


def _has_host(url: str) -> bool:
    """Whether the URL names a host, and a port only where that is one."""
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0 and _ODD.search(url) is None
    except ValueError:
        return False


def _boolean(variables: Mapping[str, str], name: str) -> bool | None:
    value = variables.get(name)
    if value is None:
        return None
    if value.lower() not in _BOOLEANS:
        raise ConfigurationError(f"{name} must be true or false, not {value!r}")
    return _BOOLEANS[value.lower()]


def _whole_number(variables: Mapping[str, str], name: str, default: int, most: int) -> int:
    value = variables.get(name, str(default))
    if _DIGITS.fullmatch(value) is None or not 1 <= int(value) <= most:
        raise ConfigurationError(f"{name} must be a whole number of 1 to {most}, not {value!r}")
    return int(value)


def _log_format(variables: Mapping[str, str]) -> str:
    chosen = variables.get("DROPLINE_LOG_FORMAT", "console" if sys.stderr.isatty() else "json")
    if chosen not in {"console", "json"}:
        raise ConfigurationError(f"DROPLINE_LOG_FORMAT must be console or json, not {chosen!r}")
    return chosen


def _log_level(variables: Mapping[str, str]) -> str:
    chosen = variables.get("DROPLINE_LOG_LEVEL", "info")
    if chosen.lower() not in _LEVELS:
        known = ", ".join(_LEVELS)
        raise ConfigurationError(f"DROPLINE_LOG_LEVEL must be one of {known}, not {chosen!r}")
    return chosen.lower()
