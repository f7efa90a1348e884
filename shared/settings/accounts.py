"""What `dropline.toml` says of single accounts: caps, tags and slots, by id or by name."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from typing_extensions import override

from shared.domain.account import Account
from shared.domain.limit import Limit
from shared.domain.timetable import Timetable
from shared.errors import ConfigurationError
from shared.settings.file import AccountTable, File

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSettings:
    """What one table says."""

    limits: tuple[Limit, ...] = ()
    tags: tuple[str, ...] = ()
    timetable: Timetable | None = None


#: By account id or `@username`, at one connection.
Stated = Mapping[str, AccountSettings]


def name_key(username: str) -> str:
    """Return the name as a key: `@` and the username in lower case."""
    return "@" + username.removeprefix("@").lower()


def stated_of(stated: Stated, account_id: str, username: str | None) -> list[AccountSettings]:
    """Return what is stated of one account, under its id and under its name."""
    keys = [account_id, name_key(username)] if username else [account_id]
    return [stated[key] for key in keys if key in stated]


def tags_of(accounts: Mapping[str, Stated], connection: str, account: Account) -> tuple[str, ...]:
    """Return the tags of an account, in the order of the file, each once.

    `accounts` is what the settings say, `Settings.accounts`.
    """
    stated = stated_of(accounts.get(connection, {}), account.account_id, account.username)
    return tuple(dict.fromkeys(tag for each in stated for tag in each.tags))


def unlisted(
    accounts: Mapping[str, Stated], connection: str, listed: Iterable[Account]
) -> list[str]:
    """Return the keys that the settings of a connection have and that no listed account has."""
    known = {key for each in listed for key in (each.account_id, name_key(each.username))}
    return [key for key in accounts.get(connection, {}) if key not in known]


def limits_in(stated: Sequence[AccountSettings]) -> tuple[Limit, ...] | None:
    return tuple(limit for each in stated for limit in each.limits) or None


def timetable_in(stated: Sequence[AccountSettings]) -> Timetable | None:
    return next((each.timetable for each in stated if each.timetable is not None), None)


class Names(Protocol):
    """Tells the accounts of a connection apart: names by id, this account's among them if known."""

    def __call__(self, account_id: str | None = None) -> Mapping[str, str]: ...


class ByAccount(Mapping[str, T]):
    """What the settings say of accounts, by account id, also where they know only the name."""

    def __init__(
        self, stated: Stated, names: Names, read: Callable[[Sequence[AccountSettings]], T | None]
    ) -> None:
        self._stated = stated
        self._names = names
        self._read = read
        self._is_named = any(key.startswith("@") for key in stated)

    @override
    def __getitem__(self, account_id: str) -> T:
        asked = self._is_named and account_id
        username = self._names(account_id).get(account_id) if asked else None
        value = self._read(stated_of(self._stated, account_id, username))
        if value is None:
            raise KeyError(account_id)
        return value

    @override
    def __iter__(self) -> Iterator[str]:
        listed = self._names() if self._is_named else {}
        ids = [key for key in self._stated if not key.startswith("@")]
        return (each for each in dict.fromkeys([*ids, *listed]) if each in self)

    @override
    def __len__(self) -> int:
        return sum(1 for _ in self)


def account_settings(file: File) -> Mapping[str, Stated]:
    """Return what the file says of accounts; ConfigurationError where it says it twice."""
    found: dict[str, dict[str, AccountSettings]] = {}
    for connection, account, table in _tables(file):
        if account in {"", "@"}:
            raise ConfigurationError(f"connections.{connection}.accounts: an account has no name")
        key = name_key(account) if account.startswith("@") else account
        if key in found.setdefault(connection, {}):
            raise ConfigurationError(f"account {connection}/{account} has two tables; keep one")
        found[connection][key] = _settings(table)
    return found


def _tables(file: File) -> Iterator[tuple[str, str, AccountTable]]:
    """Yield connection, account and table, in either spelling."""
    for connection, table in file.connections.items():
        yield from ((connection, account, each) for account, each in table.accounts.items())
    for name, own in file.accounts.items():
        connection, slash, account = name.partition("/")
        if not slash or not account:
            raise ConfigurationError(
                f"accounts.{name}: write it as <connection>/<account id>, such as wonda/1234"
            )
        yield connection, account, own


def _settings(table: AccountTable) -> AccountSettings:
    return AccountSettings(
        limits=tuple(each.limit() for each in table.limits),
        tags=tuple(table.tags),
        timetable=None if table.slots is None else table.slots.timetable(),
    )
