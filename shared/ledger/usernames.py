"""The names of accounts, remembered, for what the settings say of an account by its name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from shared.clock import Clock
from shared.ledger.accounts import Accounts

#: How old a name may be, in seconds; the accounts themselves are read every five minutes.
KEPT_S = 60.0

#: An account that is not known is looked for again after so many seconds.
MISSED_S = 1.0


@dataclass(frozen=True, slots=True)
class _Read:
    names: Mapping[str, str]
    at_s: float


class Usernames:
    """Each process has one; threads that meet here read twice, which does no harm."""

    def __init__(self, accounts: Callable[[], Accounts], clock: Clock) -> None:
        self._accounts = accounts
        self._clock = clock
        self._read: dict[str, _Read] = {}

    def at(self, connection: str, account_id: str | None = None) -> Mapping[str, str]:
        """Return a connection's names by account id, read again where this account is not there."""
        known, now_s = self._read.get(connection), self._clock.monotonic()
        if known is not None:
            is_there = account_id is None or account_id in known.names
            if now_s - known.at_s < (KEPT_S if is_there else MISSED_S):
                return known.names
        listed = self._accounts().list(connection=connection)
        names = {each.account.account_id: each.account.username for each in listed}
        self._read[connection] = _Read(names, now_s)
        return names
