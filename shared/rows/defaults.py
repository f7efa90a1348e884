"""What the person who brings a file says about it, for what its rows do not say themselves."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from shared.errors import InputError


class DateOrder(StrEnum):
    """How to read a date such as 3/4/2026."""

    DMY = "dmy"
    MDY = "mdy"


@dataclass(frozen=True, slots=True)
class AccountFor:
    """An account and whom it is for: a platform, a profile or `profile/platform`; '' = anyone."""

    whom: str
    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """The words for a whole file; a row's own word always comes first."""

    #: The name of the table's dialect; None = it is recognised.
    dialect: str | None = None
    provider: str | None = None
    connection: str | None = None
    accounts: tuple[AccountFor, ...] = ()
    timezone: str | None = None
    dates: DateOrder | None = None

    def fill(self, raw: Mapping[str, object]) -> dict[str, object]:
        """Return the row with what it lacks, as far as there is one answer."""
        full = dict(raw)
        if not any(has(raw, name) for name in ("provider", "connection")):
            _add(full, provider=self.provider, connection=self.connection)
        if not has(raw, "timezone"):
            _add(full, timezone=self.timezone)
        if not has(raw, "account"):
            chosen = self.meant_by(raw)
            if len(chosen) == 1:
                _add(full, account=chosen[0].account)
                if not has(raw, "platform"):
                    _add(full, platform=chosen[0].whom)
        return full

    def meant_by(self, raw: Mapping[str, object]) -> list[AccountFor]:
        """Return the accounts that a row without one may be for."""
        if not has(raw, "platform"):
            return [each for each in self.accounts if each.whom]
        platform = str(raw["platform"]).strip().lower()
        return self.of(platform) or self.of("")

    def of(self, whom: str) -> list[AccountFor]:
        return [each for each in self.accounts if each.whom == whom]


def read_accounts(words: Iterable[str]) -> tuple[AccountFor, ...]:
    """Return `PLATFORM=ACCOUNT` or `ACCOUNT` as values. Raises InputError."""
    return tuple(dict.fromkeys(_account_for(word) for word in words))


def _account_for(word: str) -> AccountFor:
    whom, equals, account = word.rpartition("=")
    if not account.strip() or (equals and not whom.strip()):
        raise InputError(f"--account {word!r} must be PLATFORM=ACCOUNT, or an account")
    return AccountFor(whom.strip().lower(), account.strip())


def has(raw: Mapping[str, object], name: str) -> bool:
    value = raw.get(name)
    return value is not None and bool(str(value).strip())


def _add(full: dict[str, object], **values: str | None) -> None:
    full |= {name: value for name, value in values.items() if value is not None}
