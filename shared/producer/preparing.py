"""From rows to jobs: resolves connections and accounts, and finds every problem at once."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from shared.clock import Clock
from shared.connected import Connected
from shared.domain.account import Account
from shared.domain.duration import show_duration
from shared.domain.job import NewJob
from shared.domain.post import Post
from shared.domain.timetable import Timetable
from shared.errors import KeyMissing, PartUnreachable
from shared.ledger import Ledger
from shared.ledger.accounts import SyncResult
from shared.rows import Row, RowProblem
from shared.wire.media import problem_with_url

#: An account list older than this is fetched again before posts are checked against it.
FRESH = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A row with the job it stands for, sound or not, its connection and its account."""

    row: Row
    job: NewJob
    connected: Connected
    account: Account


@dataclass(frozen=True, slots=True)
class Checked:
    """The jobs that rows stand for, and all that is wrong or surprising about them."""

    jobs: list[NewJob] = field(default_factory=list)
    #: Every row whose account is known, also one that is wrong in other ways.
    prepared: list[Prepared] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)

    @property
    def errors(self) -> list[RowProblem]:
        return [problem for problem in self.problems if not problem.warning]

    @property
    def warnings(self) -> list[RowProblem]:
        return [problem for problem in self.problems if problem.warning]


class Preparing:
    """Checks rows against their connections, accounts and providers."""

    def __init__(
        self,
        ledger: Ledger,
        connections: Mapping[str, Connected],
        sync_accounts: Callable[[str], SyncResult] | None,
        clock: Clock,
        *,
        health: bool = True,
    ) -> None:
        """`sync_accounts` asks a provider for its accounts; None = nobody is to be asked.

        Without `health`, it is no problem that an account cannot post now.
        """
        self._ledger = ledger
        self._connections = connections
        self._sync_accounts = sync_accounts
        self._clock = clock
        self._health = health
        self._accounts: dict[str, _Known] = {}
        #: By connection and account, where they were set by command; read when first needed.
        self._timetables: Mapping[tuple[str, str], Timetable] | None = None
        #: Whether a connection's accounts were never asked for, as far as that was looked up.
        self._unknown: dict[str, bool] = {}
        #: Connections whose accounts were asked for during this check.
        self._asked: set[str] = set()

    def check(self, rows: Sequence[Row]) -> Checked:
        """Return every job and every problem; raises PartUnreachable, KeyMissing."""
        checked = Checked()
        for row in rows:
            prepared, problems = self._prepare(row)
            checked.problems.extend(problems)
            if prepared is None:
                continue
            checked.prepared.append(prepared)
            if all(problem.warning for problem in problems):
                checked.jobs.append(prepared.job)
        return checked

    def _prepare(self, row: Row) -> tuple[Prepared | None, list[RowProblem]]:
        connected, problem = self._connection(row)
        if connected is None:
            return None, [problem] if problem else []
        account, unsure = self._account(row, connected)
        if account is None:
            return None, [unsure] if unsure else []
        if row.kind is None:
            return None, [_problem(row, "kind", "cannot be told from the media; say it")]
        post = Post(
            platform=row.platform,
            account_id=account.account_id,
            kind=row.kind,
            caption=row.caption,
            title=row.title,
            media=row.media,
            alt_texts=row.alt_texts,
            options=row.options,
        )
        judged = account if self._health else replace(account, can_post=True)
        found = connected.provider.check(post, judged)
        problems = [_problem(row, each.field, each.message, each.warning) for each in found]
        problems += [unsure] if unsure else []
        problems += _media_problems(row, connected)
        problems += _limit_problems(row, post, connected)
        job = NewJob(
            ref=row.ref,
            provider=connected.provider.name,
            connection=connected.name,
            post=post,
            run_at=row.run_at,
            not_after=row.not_after,
        )
        if row.queue:
            table = self._timetable(connected, account.account_id)
            job = replace(job, timetable=table)
            problems += [] if table else [_problem(row, "queue", _no_slots(connected, account))]
        return Prepared(row, job, connected, account), problems

    def _timetable(self, connected: Connected, account_id: str) -> Timetable | None:
        if self._timetables is None:
            self._timetables = self._ledger.slots.timetables()
        stated = connected.timetables.get(account_id)
        return self._timetables.get((connected.name, account_id), stated)

    def _connection(self, row: Row) -> tuple[Connected | None, RowProblem | None]:
        name = row.connection or row.provider
        if name is None:
            return None, _problem(row, "provider", "say a provider or a connection")
        connected = self._connections.get(name)
        if connected is None:
            known = ", ".join(self._connections)
            where = "connection" if row.connection else "provider"
            return None, _problem(row, where, f"{name!r} is not known; known are {known}")
        if row.provider and row.provider != connected.provider.name:
            message = f"connection {name} is at {connected.provider.name}, not at {row.provider}"
            return None, _problem(row, "provider", message)
        return connected, None

    def _account(self, row: Row, connected: Connected) -> tuple[Account | None, RowProblem | None]:
        if self._never_asked(connected.name):
            message = f"is not checked: nobody ever asked {connected.name} for its accounts"
            return _supposed(row), _problem(row, "account", message, warning=True)
        matching = self._known_accounts(connected).meant_by(row)
        if not matching and self._sync_accounts and connected.name not in self._asked:
            self._refresh(connected.name)
            matching = self._known_accounts(connected).meant_by(row)
        if len(matching) == 1:
            return matching[0], None
        if not matching:
            message = f"{row.account!r} is not an account of connection {connected.name}"
            return None, _problem(row, "account", message)
        ids = ", ".join(f"{each.account_id} ({each.platform})" for each in matching)
        return None, _problem(row, "account", f"{row.account!r} is ambiguous; it may be {ids}")

    def _never_asked(self, name: str) -> bool:
        """Whether an account list is missing and must not be asked for."""
        if self._sync_accounts is not None or name in self._accounts:
            return False
        if name not in self._unknown:
            self._unknown[name] = self._ledger.accounts.synced_at(name) is None
        return self._unknown[name]

    def _known_accounts(self, connected: Connected) -> "_Known":
        """Return the stored accounts, asked for again when they are missing or old."""
        name = connected.name
        if name not in self._accounts:
            self._freshen(name)
            stored = self._ledger.accounts.list(connection=name)
            self._accounts[name] = _Known(each.account for each in stored)
        return self._accounts[name]

    def _freshen(self, name: str) -> None:
        """Ask for accounts that are missing or old."""
        if self._sync_accounts is None:
            return
        synced_at = self._ledger.accounts.synced_at(name)
        if synced_at is None:
            self._asked.add(name)
            self._sync_accounts(name)
        elif self._clock.now() - synced_at > FRESH:
            self._refresh(name)

    def _refresh(self, name: str) -> None:
        """Ask again; when the provider is away, what we knew must do."""
        self._asked.add(name)
        self._accounts.pop(name, None)
        if self._sync_accounts is None:
            return
        try:
            self._sync_accounts(name)
        except KeyMissing:
            raise
        except PartUnreachable:
            return


class _Known:
    """The accounts of one connection, by what a row may call them."""

    def __init__(self, accounts: Iterable[Account]) -> None:
        self._by_id: defaultdict[str, list[Account]] = defaultdict(list)
        self._by_name: defaultdict[tuple[str, str], list[Account]] = defaultdict(list)
        for account in accounts:
            self._by_id[account.account_id].append(account)
            self._by_name[account.platform, _username(account)].append(account)

    def meant_by(self, row: Row) -> list[Account]:
        """Return the accounts a row may mean: by id, or by `@username` on the row's platform."""
        if row.account.startswith("@"):
            return self._by_name.get((row.platform, row.account[1:].lower()), [])
        return self._by_id.get(row.account, [])


def _no_slots(connected: Connected, account: Account) -> str:
    set_them = f"dropline slots set {connected.name}/{account.account_id}"
    return f"account {account.account_id} has no slots; `{set_them}` gives it some"


def _supposed(row: Row) -> Account:
    """Take the row's word for the account, so that the rest of the row can be checked."""
    return Account(account_id=row.account, platform=row.platform, username="")


def _username(account: Account) -> str:
    return account.username.removeprefix("@").lower()


def _media_problems(row: Row, connected: Connected) -> Iterator[RowProblem]:
    allow = connected.connection.allows_private_media
    for position, media in enumerate(row.media):
        if media.url is not None:
            problem = problem_with_url(media.url, allow_private=allow)
            if problem:
                yield _problem(row, f"media[{position}]", problem)


def _limit_problems(row: Row, post: Post, connected: Connected) -> Iterator[RowProblem]:
    """Yield the limits that the post would not keep to even if it went alone."""
    for limit in connected.limits(post.account_id):
        if not limit.admits(post.containers):
            amount = f"{limit.amount(limit.requests)} per {show_duration(limit.per)}"
            message = f"makes {post.containers} containers; the limit is {amount}"
            yield _problem(row, "media", message)


def _problem(row: Row, field: str, message: str, warning: bool = False) -> RowProblem:  # noqa: FBT001, FBT002
    return RowProblem(row.place, row.ref, field, message, warning)
