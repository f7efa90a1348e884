"""The audience of a drop: accounts by list, by tag and by filter."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from shared.errors import InputError
from shared.ledger.accounts import StoredAccount

#: Names that are shown where there may be hundreds.
_SHOWN = 10

#: Returns the tags of an account.
Tags = Callable[[StoredAccount], Collection[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Whom a drop is for: the accounts named, or all, as far as they have a tag and fit."""

    #: Account ids and `@username`s, each also as `connection/account`.
    words: tuple[str, ...] = ()
    #: One of them is enough.
    tags: tuple[str, ...] = ()
    provider: str | None = None
    connection: str | None = None
    platform: str | None = None
    #: Only accounts that can post now.
    healthy: bool = False

    @property
    def is_stated(self) -> bool:
        return self != Audience()

    def chosen(self, stored: Sequence[StoredAccount], tags: Tags) -> list[StoredAccount]:
        """Return the accounts, in the order of the list; InputError with every problem."""
        known = {tag for each in stored for tag in tags(each)}
        problems = [_unknown_tag(tag, known) for tag in self.tags if tag not in known]
        fitting = [each for each in stored if self._fits(each, tags)]
        chosen = fitting
        if self.words:
            meant = [_meant(word, stored, fitting) for word in self.words]
            problems += [each for each in meant if isinstance(each, str)]
            chosen = [each for some in meant if not isinstance(some, str) for each in some]
        if not chosen and not problems:
            problems.append("no account fits; `dropline accounts list` shows them")
        chosen = list({key_of(each): each for each in chosen}.values())
        problems += _met_twice(chosen)
        if problems:
            raise InputError("the audience is not usable; nothing was written", problems)
        return chosen

    def _fits(self, each: StoredAccount, tags: Tags) -> bool:
        return (
            self.provider in {None, each.provider}
            and self.connection in {None, each.connection}
            and self.platform in {None, each.account.platform}
            and (each.account.can_post or not self.healthy)
            and (not self.tags or any(tag in self.tags for tag in tags(each)))
        )


def key_of(each: StoredAccount) -> tuple[str, str]:
    return each.connection, each.account.account_id


def called(word: str, stored: Sequence[StoredAccount]) -> list[StoredAccount]:
    """Return every account that an id, an `@username` or `connection/account` may mean."""
    return [each for each in stored if word.lower() in _names(each)]


def _names(each: StoredAccount) -> Iterator[str]:
    names = [each.account.account_id.lower()]
    if each.account.username:
        names.append("@" + each.account.username.removeprefix("@").lower())
    for name in names:
        yield name
        yield f"{each.connection.lower()}/{name}"


def _meant(
    word: str, stored: Sequence[StoredAccount], fitting: Sequence[StoredAccount]
) -> list[StoredAccount] | str:
    """Return the one account that is meant, none where a filter leaves it out, or what is wrong."""
    found = called(word, fitting)
    if len(found) > 1:
        choices = ", ".join(f"{'/'.join(key_of(each))} ({each.account.platform})" for each in found)
        return f"--accounts {word!r} is ambiguous; it may be {choices}"
    if not found and not called(word, stored):
        return f"--accounts {word!r} is not an account; `dropline accounts list` shows them"
    return found


def _met_twice(chosen: Sequence[StoredAccount]) -> Iterator[str]:
    """Yield what is wrong with accounts that several connections of their provider lead to."""
    same: dict[tuple[str, str], list[str]] = {}
    for each in chosen:
        same.setdefault((each.provider, each.account.account_id), []).append(each.connection)
    for (provider, account_id), connections in same.items():
        if len(connections) > 1:
            ways = " and ".join(connections)
            yield (
                f"account {account_id} at {provider} would have the post twice, through {ways}; "
                "say --connection, or connection/account"
            )


def _unknown_tag(tag: str, known: Collection[str]) -> str:
    if not known:
        return f"--tag {tag!r}: dropline.toml gives no account a tag"
    shown = sorted(known)[:_SHOWN]
    more = f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
    return f"--tag {tag!r}: no account has it; tags are {', '.join(shown)}{more}"
