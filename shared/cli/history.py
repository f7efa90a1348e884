"""`dropline history`: what the providers themselves have on record, page after page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import merge
from itertools import islice
from typing import Annotated

import typer

from shared.bootstrap import Parts
from shared.cli.exits import tell
from shared.cli.output import emit, instant, show_table, shown
from shared.cli.session import Json, new_app, open_parts
from shared.cli.shapes import Shape, fault_shape
from shared.connected import Connected
from shared.domain.account import Account
from shared.domain.duration import read_duration
from shared.errors import InputError, PartUnreachable, UnknownName
from shared.provider import Listed
from shared.rows import read_moment
from shared.settings import name_key
from shared.wire.answer import CallFailed, NoAnswer, NotAdmitted

app = new_app()

#: How long the pages of one connection may take to be read in all.
READING = timedelta(minutes=2)

Remote = Annotated[
    bool, typer.Option("--remote", help="Ask the providers; `dropline jobs list` has our own.")
]
OnlyConnection = Annotated[
    str | None, typer.Option("--connection", help="Only of this connection.")
]
OnlyAccount = Annotated[
    str | None, typer.Option("--account", help="Only of this account: its id, or @username.")
]
Since = Annotated[
    str, typer.Option("--since", help="How far back: 36h, 7d, or a time such as 2026-03-01T09:00Z.")
]
Limit = Annotated[int, typer.Option("--limit", min=1, help="At most so many posts in all.")]

_COLUMNS = ("connection", "created_at", "account", "status", "publish_id", "permalink", "caption")


@dataclass(frozen=True, slots=True)
class Source:
    """One connection to ask, and for whom; None = for every account."""

    connected: Connected
    account_id: str | None
    known: dict[str, Account]


@app.command()
def history(
    remote: Remote = False,
    connection: OnlyConnection = None,
    account: OnlyAccount = None,
    since: Since = "7d",
    limit: Limit = 100,
    as_json: Json = False,
) -> None:
    """Show what providers have on record, newest first, whoever published it."""
    if not remote:
        raise InputError("say --remote to ask the providers; `dropline jobs list` has our own jobs")
    with open_parts() as parts:
        start = _start(since, parts.clock.now())
        sources = list(_sources(parts, connection, account))
        parts.broker.ping()  # every request asks the limiter
        broken: list[str] = []
        pages = [_rows(parts, each, start, broken) for each in sources]
        shapes = islice(merge(*pages, key=_created, reverse=True), limit)
        count = _emit(shapes) if as_json else _show(shapes)
    if broken:
        raise PartUnreachable("; ".join(broken))
    if count == limit:
        tell(f"dropline: stopped after {limit} posts; --limit shows more")


def _created(shape: Shape) -> str:
    return str(shape["created_at"])


def _emit(shapes: Iterator[Shape]) -> int:
    count = 0
    for count, shape in enumerate(shapes, start=1):  # noqa: B007 - the number of the last one
        emit(shape)
    return count


def _show(shapes: Iterator[Shape]) -> int:
    rows = [shape | {"account": _named(shape)} for shape in shapes]
    show_table(_COLUMNS, [[row[name] for name in _COLUMNS] for row in rows])
    return len(rows)


def _named(shape: Shape) -> str | None:
    return f"@{shape['username']}" if shape["username"] else shape["account"]


def _start(since: str, now: datetime) -> datetime:
    """Return the moment that a duration back from now, or a time, names."""
    try:
        return now - read_duration(since)
    except (ValueError, OverflowError):
        pass
    try:
        return read_moment(since, None)
    except ValueError as wrong:
        raise InputError(f"--since {wrong}; or a duration such as 36h or 7d") from None


def _sources(parts: Parts, connection: str | None, account: str | None) -> Iterator[Source]:
    """Yield whom to ask. Raises InputError where nobody can be asked."""
    connections = _connections(parts, connection)
    found = False
    for connected in connections:
        stored = parts.ledger.accounts.list(connection=connected.name)
        known = {each.account.account_id: each.account for each in stored}
        ids = [None] if account is None else _meant(account, known, named=connection is not None)
        yield from (Source(connected, each, known) for each in ids)
        found = found or bool(ids)
    if not found:
        names = ", ".join(each.name for each in connections)
        raise UnknownName(
            f"{names} lists no account {account!r}; `dropline accounts sync` asks which there are"
        )


def _connections(parts: Parts, named: str | None) -> Sequence[Connected]:
    if named is not None:
        connected = parts.connected(named)
        if not connected.provider.capabilities.history:
            raise InputError(_not_available(connected))
        connected.connection.secret()
        return [connected]
    keyed = [each for each in parts.connections.values() if each.connection.key is not None]
    able = [each for each in keyed if each.provider.capabilities.history]
    mute = [_not_available(each) for each in keyed if not each.provider.capabilities.history]
    if not able:
        raise InputError("; ".join(mute) or "no connection has an API key")
    for sentence in mute:
        tell(f"dropline: {sentence}")
    return able


def _not_available(connected: Connected) -> str:
    provider = connected.provider.name
    return (
        f"connection {connected.name}: not available, {provider} has no list of what was published;"
        f" `dropline jobs list --provider {provider}` shows what Dropline sent"
    )


def _meant(account: str, known: dict[str, Account], *, named: bool) -> list[str]:
    """Return the ids of the accounts meant; at a named connection also one not yet listed."""
    if not account.startswith("@"):
        return [account] if named or account in known else []
    return [each for each, it in known.items() if name_key(it.username) == name_key(account)]


def _rows(parts: Parts, source: Source, since: datetime, broken_off: list[str]) -> Iterator[Shape]:
    """Yield the rows of one source; where the asking breaks off, say why in `broken_off`."""
    connected = source.connected
    wire = parts.wire(connected.name, READING)
    try:
        for row in connected.provider.history(source.account_id, since, wire):
            yield _shape(row, source)
    except (NoAnswer, CallFailed, PartUnreachable) as broken:
        again = f"; again at {shown(broken.until)}" if isinstance(broken, NotAdmitted) else ""
        why = f"its history cannot be read on: {broken}{again}"
        broken_off.append(f"connection {connected.name}: {why}")


def _shape(row: Listed, source: Source) -> Shape:
    account = source.known.get(row.account_id)
    return {
        "connection": source.connected.name,
        "provider": source.connected.provider.name,
        "platform": account.platform if account else None,
        "account": row.account_id or None,
        "username": account.username if account else None,
        "publish_id": row.publish_id,
        "created_at": instant(row.created_at),
        "status": str(row.status.verdict),
        "provider_status": row.status.raw,
        "permalink": row.status.permalink,
        "caption": row.caption,
        "error": fault_shape(row.status.fault),
    }
