"""`dropline slots`: when the queue of an account goes, and which of its slots are free."""

from datetime import datetime
from itertools import islice
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from shared.bootstrap import Parts
from shared.cli.output import emit, instant, show_table
from shared.cli.session import BY, Json, new_app, open_parts
from shared.cli.shapes import Shape
from shared.domain.timetable import Timetable, read_timetable
from shared.errors import InputError, UnknownName
from shared.rows.moments import read_zone

app = new_app()

Place = Annotated[
    str, typer.Argument(metavar="CONNECTION/ACCOUNT", help="Such as wonda/1234 or wonda/@name.")
]
Times = Annotated[list[str], typer.Argument(metavar="SLOTS...", help="'mon-fri 09:00,17:30'.")]
Zone = Annotated[str, typer.Option("--tz", metavar="ZONE", help="IANA name: Europe/Paris.")]
ByConnection = Annotated[str | None, typer.Option("--connection", help="Only of this connection.")]
Next = Annotated[int, typer.Option("--next", min=1, max=1000, help="How many free ones to show.")]


@app.command("set")
def set_(place: Place, times: Times, *, tz: Zone, as_json: Json = False) -> None:
    """Give an account these slots instead of those it had; jobs that have one keep it."""
    table = read_slots(times, tz)
    with open_parts() as parts:
        connection, account = _account(parts, place)
        now = parts.clock.now()
        parts.ledger.slots.set(connection, account, table, now, BY)
        shape = _shape(parts, (connection, account), table, "command", 1)
    if as_json:
        emit(shape)
    else:
        print(f"{connection}/{account}: the next free slot is {', '.join(shape['free'])}")


@app.command()
def clear(place: Place, as_json: Json = False) -> None:
    """Forget what was set by command; slots in dropline.toml count again."""
    with open_parts() as parts:
        connection, account = _account(parts, place)
        done = parts.ledger.slots.clear(connection, account)
    if as_json:
        emit({"connection": connection, "account": account, "cleared": done})
    else:
        print(f"{connection}/{account}: {'cleared' if done else 'nothing was set by command'}")


@app.command("list")
def list_(connection: ByConnection = None, next_: Next = 3, as_json: Json = False) -> None:
    """List accounts with slots, where these were said, and the next free ones."""
    with open_parts() as parts:
        shapes = [
            _shape(parts, place, table, source, next_)
            for place, (table, source) in sorted(_all(parts).items())
            if connection in {None, place[0]}
        ]
    if as_json:
        for shape in shapes:
            emit(shape)
        return
    columns = ("connection", "account", "timezone", "slots", "said in", "taken", "next free")
    show_table(columns, [_line(shape) for shape in shapes])


def read_slots(times: list[str], zone: str) -> Timetable:
    """Return the timetable, or raise InputError with all that is wrong with it."""
    problems = []
    found = ZoneInfo("UTC")
    try:
        found = read_zone(zone)
    except ValueError as wrong:
        problems.append(f"--tz: {wrong}")
    try:
        table = read_timetable(found, times)
    except ValueError as wrong:
        problems.append(f"SLOTS: {wrong}")
    if problems:
        raise InputError("nothing was written", problems)
    return table


def _all(parts: Parts) -> dict[tuple[str, str], tuple[Timetable, str]]:
    stated = {
        (name, account): (table, "dropline.toml")
        for name, connected in parts.connections.items()
        for account, table in connected.timetables.items()
    }
    return stated | {
        place: (table, "command") for place, table in parts.ledger.slots.timetables().items()
    }


def _account(parts: Parts, place: str) -> tuple[str, str]:
    """Return connection and account id; UnknownName when there is no such account."""
    name, slash, account = place.partition("/")
    if not slash or not account:
        raise InputError(f"{place!r} must be CONNECTION/ACCOUNT, such as wonda/1234")
    connection = parts.connected(name).name
    known = [each.account for each in parts.ledger.accounts.list(connection=connection)]
    meant = {
        each.account_id
        for each in known
        if account == each.account_id
        or account.lower() == f"@{each.username.removeprefix('@').lower()}"
    }
    if len(meant) == 1:
        return connection, meant.pop()
    if meant:
        raise UnknownName(f"{account} may be {', '.join(sorted(meant))}; say the id")
    raise UnknownName(
        f"{account!r} is not an account of connection {connection};"
        " `dropline accounts list` shows them, `dropline accounts sync` asks for them"
    )


def _shape(
    parts: Parts, place: tuple[str, str], table: Timetable, source: str, count: int
) -> Shape:
    now = parts.clock.now()
    taken = parts.ledger.slots.taken(place, now)
    gone = set(taken)
    free = islice((each for each in table.slots(now) if each not in gone), count)
    connection, account = place
    return {
        "connection": connection,
        "account": account,
        "timezone": table.zone.key,
        "slots": list(table.entries),
        "source": source,
        "taken": [instant(each) for each in taken],
        "free": [instant(each) for each in free],
    }


def _line(shape: Shape) -> list[object]:
    zone = ZoneInfo(shape["timezone"])
    free = (datetime.fromisoformat(each).astimezone(zone) for each in shape["free"])
    return [
        shape["connection"],
        shape["account"],
        shape["timezone"],
        "; ".join(shape["slots"]),
        shape["source"],
        len(shape["taken"]),
        ", ".join(f"{each:%a %m-%d %H:%M}" for each in free),
    ]
