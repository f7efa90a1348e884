"""Whom a drop is for: the options that say it, and accounts that were asked for lately."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from shared.bootstrap import Parts
from shared.cli.session import BY
from shared.domain.account import Account
from shared.errors import InputError, PartUnreachable
from shared.ledger.accounts import StoredAccount
from shared.producer import Audience
from shared.producer.audience import called, key_of
from shared.producer.preparing import FRESH
from shared.providers import provider_named
from shared.rows.places import is_file
from shared.rows.variables import Values
from shared.settings import tags_of


def words_of(given: Sequence[str]) -> tuple[str, ...]:
    """Return the accounts of `--accounts`: a list with commas, or a file with one a line."""
    words = []
    for each in given:
        found = list(_words(each))
        if not found:  # without it a filter beside it would choose everybody
            raise InputError(f"--accounts {each!r} names no account; nothing was written")
        words += found
    return tuple(words)


def _words(given: str) -> Iterator[str]:
    path = Path(given)
    if not is_file(path):
        yield from (word.strip() for word in given.split(",") if word.strip())
        return
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as wrong:
        raise InputError(f"--accounts {given} cannot be read: {wrong}") from None
    for line in lines:
        word = line.partition("#")[0].strip()
        if word:
            yield word


def choose(parts: Parts, audience: Audience) -> list[StoredAccount]:
    """Return the accounts that are meant. Raises InputError, UnknownName, PartUnreachable."""
    if audience.provider is not None:
        provider_named(audience.provider)
    if audience.connection is not None:
        parts.connected(audience.connection)
    for name, connected in parts.connections.items():
        named = audience.connection in {None, name}
        if named and audience.provider in {None, connected.provider.name}:
            _freshen(parts, name)

    def tags(each: StoredAccount) -> Sequence[str]:
        account: Account = each.account
        return tags_of(parts.settings.accounts, each.connection, account)

    known = parts.connections.keys()
    stored = [each for each in parts.ledger.accounts.list() if each.connection in known]
    return audience.chosen(stored, tags)


def _freshen(parts: Parts, name: str) -> None:
    """Ask for accounts that are missing or old; a connection without a key has none."""
    synced_at = parts.ledger.accounts.synced_at(name)
    if synced_at is not None and parts.clock.now() - synced_at <= FRESH:
        return
    if parts.connections[name].connection.key is None:
        return
    if synced_at is None:
        parts.sync_accounts(name, by=BY)
        return
    with suppress(PartUnreachable):  # what we knew must do
        parts.sync_accounts(name, by=BY)


def met_twice(chosen: Sequence[StoredAccount]) -> Iterator[str]:
    """Yield a sentence for each name that several of the accounts have on one platform."""
    same: dict[tuple[str, str], list[str]] = {}
    for each in chosen:
        name = each.account.username.removeprefix("@").lower()
        if name:
            same.setdefault((each.account.platform, name), []).append("/".join(key_of(each)))
    for (platform, name), keys in same.items():
        if len(keys) > 1:
            posts = f"{len(keys)} posts, by {', '.join(keys)}"
            yield f"{platform} @{name} may be one account, which would have {posts}"


def values_by_account(
    values: Sequence[Values], stored: Sequence[StoredAccount]
) -> dict[tuple[str, str], dict[str, str]]:
    """Return the values of the accounts that are meant; rows of others are not needed."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    problems = []
    for word, row in values:
        for each in called(word, stored):
            if key_of(each) in found:
                problems.append(f"--vars has two rows for {'/'.join(key_of(each))}")
            found[key_of(each)] = row
    if problems:
        raise InputError("the variables are not usable; nothing was written", problems)
    return found
