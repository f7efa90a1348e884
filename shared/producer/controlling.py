"""Pausing, resuming and cancelling on a person's word: what is meant is checked before."""

from collections.abc import Mapping
from datetime import datetime

from shared.connected import Connected
from shared.domain.pause import Pausable, Target
from shared.errors import UnknownName
from shared.ledger import Ledger
from shared.ledger.cancels import Cancelled
from shared.ledger.pauses import Stopped


def pause(
    target: Target,
    ledger: Ledger,
    connections: Mapping[str, Connected],
    *,
    why: str,
    now: datetime,
    by: str,
) -> Stopped:
    """Stop a target. Raises UnknownName where there is no such thing."""
    _require(target, connections)
    of = _of_provider(target, connections)
    return ledger.pauses.pause(target, why=why, now=now, by=by, connections=of)


def resume(
    target: Target, ledger: Ledger, connections: Mapping[str, Connected], *, now: datetime
) -> bool:
    """Let a target go on, also one that has left the settings; False when it was not paused.

    Raises UnknownName where there is no such thing.
    """
    of = _of_provider(target, connections)
    done = ledger.pauses.resume(target, now=now, connections=of)
    if not done:
        _require(target, connections)
    return done


def cancel_all(
    target: Target,
    ledger: Ledger,
    connections: Mapping[str, Connected],
    *,
    now: datetime,
    by: str,
) -> Cancelled:
    """Cancel all of a target, also of one that has left the settings with jobs that wait.

    Raises UnknownName where there is no such thing.
    """
    able = [key for key, each in connections.items() if each.provider.capabilities.cancel]
    done = ledger.cancels.all_of(target, able=able, now=now, by=by)
    if done == Cancelled():
        _require(target, connections)
    return done


def find_account(ledger: Ledger, connection: str, named: str) -> Target:
    """Return an account by its id or `@username`. Raises UnknownName, also for two of a name."""
    stored = [each.account for each in ledger.accounts.list(connection=connection)]
    if any(each.account_id == named for each in stored):
        return Target(Pausable.ACCOUNT, connection, named)
    name = named.removeprefix("@").lower()
    found = [each for each in stored if each.username.removeprefix("@").lower() == name]
    if len(found) == 1:
        return Target(Pausable.ACCOUNT, connection, found[0].account_id)
    ids = ", ".join(each.account_id for each in found)
    there = f"is several: name one by its id ({ids})" if found else "is not known"
    todo = "`dropline accounts list` shows the accounts"
    raise UnknownName(f"account {named!r} at connection {connection} {there}; {todo}")


def _require(target: Target, connections: Mapping[str, Connected]) -> None:
    if target.kind is Pausable.CAMPAIGN:
        return  # the ledger knows them
    names = set(connections)
    if target.kind is Pausable.PROVIDER:
        names = {each.provider.name for each in connections.values()}
    if target.name not in names:
        kind = "provider" if target.kind is Pausable.PROVIDER else "connection"
        known = ", ".join(sorted(names))
        raise UnknownName(f"there is no {kind} {target.name!r}; known are {known}")


def _of_provider(target: Target, connections: Mapping[str, Connected]) -> list[str]:
    if target.kind is not Pausable.PROVIDER:
        return []
    return [name for name, each in connections.items() if each.provider.name == target.name]
