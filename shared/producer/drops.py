"""A drop: each of its posts for each of its accounts, at a time of its own."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from shared.domain.placeholders import fill, names_in
from shared.domain.rhythm import Rhythm
from shared.ledger.accounts import StoredAccount
from shared.producer.audience import key_of
from shared.rows import Row, RowProblem, read_name

#: What every account gives a value for.
OWN_NAMES = ("username", "name", "account")
#: The fields in which placeholders are replaced.
_TEXTS = ("caption", "title")


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One post of a drop: the row, whom it is for, and the wave it goes in, counted from 1."""

    row: Row
    to: StoredAccount
    wave: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """One post, or several one after the other, to many accounts."""

    posts: Sequence[Row]
    accounts: Sequence[StoredAccount]
    rhythm: Rhythm
    #: When the first post goes that states no time.
    start: datetime
    #: Further values by name, of each account.
    variables: Mapping[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)
    #: The names that those have, also where an account lacks a value.
    names: Sequence[str] = ()

    def problems(self) -> Iterator[RowProblem]:
        """Yield what is wrong with the texts, and posts that nobody is chosen for."""
        for post in self.posts:
            if not self._audience(post):
                message = "no account that was chosen fits its provider, connection and platform"
                yield RowProblem(post.place, post.ref, "", message)
            yield from self._ref_problems(post)
            for name in _TEXTS:
                yield from self._text_problems(post, name)

    def first_refs(self) -> list[str]:
        """Return the refs of the posts that begin at `start`; none where a time is stated."""
        first = self._sequences()[0]
        if first[0].run_at is not None:
            return []
        return [_ref(post, each) for post in first for each in self._audience(post)]

    def planned(self) -> list[Planned]:
        """Return every post at its time; there must be no problems.

        A post that states a time begins a sequence of its own, which those after it continue.
        """
        planned: list[Planned] = []
        start, waves = self.start, 0
        for number, posts in enumerate(self._sequences()):
            start = posts[0].run_at or start
            pairs = [(post, each) for post in posts for each in self._audience(post)]
            rhythm = replace(self.rhythm, seed=f"{self.rhythm.seed} {number}")
            times = list(rhythm.times(start, len(pairs)))
            planned += [
                Planned(
                    row=self._row(post, each, at), to=each, wave=waves + rhythm.wave_of(place) + 1
                )
                for place, ((post, each), at) in enumerate(zip(pairs, times, strict=True))
            ]
            waves = planned[-1].wave if planned else 0
        return planned

    def _sequences(self) -> list[list[Row]]:
        found: list[list[Row]] = []
        for post in self.posts:
            if not found or post.run_at is not None:
                found.append([])
            found[-1].append(post)
        return found

    def _audience(self, post: Row) -> list[StoredAccount]:
        return [
            each
            for each in self.accounts
            if post.provider in {None, each.provider}
            and post.connection in {None, each.connection}
            and post.platform in {"", each.account.platform}
        ]

    def _row(self, post: Row, to: StoredAccount, at: datetime) -> Row:
        connection, account_id = key_of(to)
        values = self._values(to)
        return replace(
            post,
            place=f"{post.place} for {connection}/{account_id}",
            ref=_ref(post, to),
            provider=to.provider,
            connection=connection,
            platform=to.account.platform,
            account=account_id,
            caption=fill(post.caption, values),
            title=fill(post.title, values),
            run_at=at,
        )

    def _values(self, to: StoredAccount) -> dict[str, str]:
        account = to.account
        username = account.username.removeprefix("@")
        own = (username, account.display_name or username, account.account_id)
        return {**self.variables.get(key_of(to), {}), **dict(zip(OWN_NAMES, own, strict=True))}

    def _ref_problems(self, post: Row) -> Iterator[RowProblem]:
        for each in self._audience(post):
            try:
                read_name(_ref(post, each))
            except ValueError as wrong:
                message = f"{wrong} with the account that is added to it"
                yield RowProblem(post.place, post.ref, "ref", message)
                return

    def _text_problems(self, post: Row, field_name: str) -> Iterator[RowProblem]:
        try:
            used = list(dict.fromkeys(names_in(getattr(post, field_name))))
        except ValueError as wrong:
            yield RowProblem(post.place, post.ref, field_name, str(wrong))
            return
        known = (*OWN_NAMES, *self.names)
        for name in used:
            if name not in known:
                message = f"{{{name}}} is not a variable; known are {', '.join(known)}"
                yield RowProblem(post.place, post.ref, field_name, message)
                continue
            for each in self._audience(post):
                if not self._values(each).get(name):
                    message = f"{{{name}}} has no value for {'/'.join(key_of(each))}"
                    yield RowProblem(post.place, post.ref, field_name, message)


def _ref(post: Row, to: StoredAccount) -> str:
    """Return the ref of a post for one account, the same every time."""
    return "/".join((post.ref, *key_of(to)))
