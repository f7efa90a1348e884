"""`dropline.toml`: further connections, policies and accounts' caps; every wrong key is named."""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, ValidationError, model_validator

from shared.domain.timetable import Timetable, read_timetable
from shared.errors import ConfigurationError
from shared.settings.caps import CapChange
from shared.settings.policies import (
    AccountLimitTable,
    BackoffTable,
    LimitTable,
    PolicyTable,
    Strict,
    known_zone,
)


def _tag(text: str) -> str:
    if not text or any(character.isspace() or character == "," for character in text):
        raise ValueError(f"{text!r} is not a tag: one word, without spaces and commas")
    return text


class SlotsTable(Strict):
    """`slots = {zone = "Europe/Paris", times = ["mon-fri 09:00,17:30"]}`."""

    zone: Annotated[str, AfterValidator(known_zone)]
    times: list[str]

    @model_validator(mode="after")
    def _times_are_slots(self) -> Self:
        self.timetable()
        return self

    def timetable(self) -> Timetable:
        return read_timetable(ZoneInfo(self.zone), self.times)


class AccountTable(Strict):
    """`[connections.<name>.accounts."<account id or @username>"]`: one account's own."""

    limits: list[AccountLimitTable] = Field(default_factory=list)
    slots: SlotsTable | None = None
    tags: list[Annotated[str, AfterValidator(_tag)]] = Field(default_factory=list)


class ConnectionTable(Strict):
    """`[connections.<name>]`."""

    provider: str | None = None
    base_url: str | None = None
    api_key_env: str | None = None
    limits: list[LimitTable] | None = None
    policies: PolicyTable = Field(default_factory=PolicyTable)
    accounts: dict[str, AccountTable] = Field(default_factory=dict)


class File(Strict):
    """The whole file; `[accounts."<connection>/<account>"]` is another place for an account."""

    connections: dict[str, ConnectionTable] = Field(default_factory=dict)
    policies: PolicyTable = Field(default_factory=PolicyTable)
    accounts: dict[str, AccountTable] = Field(default_factory=dict)
    caps: dict[str, CapChange] = Field(default_factory=dict)


#: The tables whose keys are names that people choose, by where they stand.
_NAMED: dict[tuple[type[Strict], str], type[Strict]] = {
    (File, "connections"): ConnectionTable,
    (File, "accounts"): AccountTable,
    (File, "caps"): CapChange,
    (ConnectionTable, "accounts"): AccountTable,
}
_INNER: dict[str, type[Strict]] = {
    "policies": PolicyTable,
    "backoff": BackoffTable,
    "limits": LimitTable,
    "slots": SlotsTable,
}


def read_file(path: Path) -> File:
    """Return the checked file; ConfigurationError lists everything that is wrong with it."""
    try:
        return File.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as wrong:
        raise ConfigurationError(f"{path} cannot be read: {wrong.strerror}") from None
    except ValidationError as wrong:
        problems = [_problem(dict(each)) for each in wrong.errors(include_url=False)]
        raise ConfigurationError(f"{path} is not usable", problems) from None
    except (ValueError, RecursionError) as wrong:
        raise ConfigurationError(f"{path} is not TOML: {wrong}") from None


def _problem(error: dict[str, Any]) -> str:
    place = ".".join(str(part) for part in error["loc"])
    if error["type"] != "extra_forbidden":
        return f"{place}: {error['msg'].removeprefix('Value error, ')}"
    known = ", ".join(_table_of(error["loc"]).model_fields)
    return f"{place}: is not a known key; known here are {known}"


def _table_of(location: tuple[Any, ...]) -> type[Strict]:
    """Return the table that a key stands in, by the keys that lead there."""
    table: type[Strict] = File
    keys = iter(location[:-1])
    for key in keys:
        if (table, key) in _NAMED:
            table = _NAMED[table, key]
            next(keys, None)
        elif key in _INNER:
            table = _INNER[key]
    return table
