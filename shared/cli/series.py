"""`dropline series`: posts that come again, by cron in a time zone."""

from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from shared.cli.checking import campaign_name, refusal
from shared.cli.exits import tell
from shared.cli.output import emit, instant, show_table, shown
from shared.cli.publish import (
    Account,
    AltTexts,
    Caption,
    Connection,
    Kind,
    MediaWords,
    Options,
    Platform,
    Provider,
    Title,
    options_of,
    row_of,
)
from shared.cli.recurrences import read_timing
from shared.cli.rules import Late
from shared.cli.session import BY, Json, new_app, open_parts
from shared.cli.shapes import Shape
from shared.domain.recurrence import Occurrence
from shared.domain.series import Series
from shared.errors import InputError
from shared.ledger.occurrences import Noted
from shared.producer.recurring import series_of
from shared.rows import Row, media_word, read_file

app = new_app()

Name = Annotated[str, typer.Argument(metavar="NAME", help="The series.")]
Cron = Annotated[str, typer.Option(help="Five fields, such as '0 9 * * mon-fri'.")]
Zone = Annotated[str, typer.Option("--tz", metavar="ZONE", help="IANA name: Europe/Paris.")]
Start = Annotated[str | None, typer.Option(metavar="TIME", help="A day or a time; included.")]
End = Annotated[str | None, typer.Option(metavar="TIME", help="A day or a time; included.")]
Except = Annotated[
    list[str] | None, typer.Option("--except", metavar="TIME", help="Leave it out; repeat it.")
]
Campaign = Annotated[str | None, typer.Option(help="Of its jobs; absent = the series' name.")]
File = Annotated[
    Path | None, typer.Option("--file", help="A file with one row, instead of the post's flags.")
]
Next = Annotated[int, typer.Option("--next", min=1, max=1000, help="How many to show.")]


@app.command()
def add(
    name: Name,
    *,
    cron: Cron,
    tz: Zone,
    start: Start = None,
    end: End = None,
    except_: Except = None,
    late: Late = None,
    campaign: Campaign = None,
    file: File = None,
    provider: Provider = None,
    connection: Connection = None,
    platform: Platform = None,
    account: Account = None,
    kind: Kind = None,
    caption: Caption = None,
    title: Title = None,
    media: MediaWords = None,
    alt_text: AltTexts = None,
    option: Options = None,
    as_json: Json = False,
) -> None:
    """Add a post that comes again; its next occurrence becomes a job an hour ahead."""
    name = campaign_name(name, "NAME")
    campaign = campaign_name(name if campaign is None else campaign, "--campaign")
    flags: dict[str, object] = {
        "provider": provider,
        "connection": connection,
        "platform": platform,
        "account": account,
        "kind": kind,
        "caption": caption,
        "title": title,
        "media": [media_word(word) for word in media] if media else None,
        "alt_texts": alt_text,
        "options": options_of(option) if option else None,
    }
    row = _row(file, {field: value for field, value in flags.items() if value is not None})
    with open_parts() as parts:
        now = parts.clock.now()
        timing = read_timing(
            cron=cron, zone=tz, start=start, end=end, left_out=except_ or (), late=late, now=now
        )
        asked, warnings = series_of(
            parts.producer,
            row,
            name=name,
            campaign=campaign,
            recurrence=timing.recurrence,
            late=timing.late,
        )
        series = parts.ledger.series.add(asked, now=now)
    for warning in warnings:
        tell(f"warning: {warning}")
    if as_json:
        emit(series_shape(series))
    else:
        print(f"{name}: the next one is at {shown(series.next_at)}")


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List the series by name."""
    with open_parts() as parts:
        shapes = [series_shape(each) for each in parts.ledger.series.list()]
    if as_json:
        for shape in shapes:
            emit(shape)
        return
    columns = ("series", "campaign", "cron", "timezone", "account", "paused", "next_at")
    show_table(columns, [[shape[column] for column in columns] for shape in shapes])


@app.command()
def show(name: Name, next_: Next = 5, as_json: Json = False) -> None:
    """Show what comes next, in local time and UTC, what clock changes do to it, what came last."""
    with open_parts() as parts:
        series = parts.ledger.series.get(name)
        noted = parts.ledger.occurrences.recent(series.id, next_)
        now = parts.clock.now()
    ahead = series.recurrence.occurrences(now)
    coming = [] if series.paused else list(islice(ahead, next_))
    if as_json:
        shape = series_shape(series)
        emit(
            shape
            | {
                "next": [_occurrence_shape(each) for each in coming],
                "last": [_noted_shape(each) for each in noted],
            }
        )
        return
    _show(series, coming, noted)


@app.command()
def pause(name: Name, as_json: Json = False) -> None:
    """Let nothing come of it any more; a job that waits is cancelled."""
    with open_parts() as parts:
        done = parts.ledger.series.pause(name, now=parts.clock.now(), by=BY)
        series = parts.ledger.series.get(name)
    _say(series, f"{name} is paused" if done else f"{name} was paused already", as_json)


@app.command()
def resume(name: Name, as_json: Json = False) -> None:
    """Let it come again from now on; what went by meanwhile does not."""
    with open_parts() as parts:
        done = parts.ledger.series.resume(name, now=parts.clock.now())
        series = parts.ledger.series.get(name)
    goes = f"the next one is at {shown(series.next_at)}" if series.next_at else "it is over"
    _say(series, f"{name}: {goes}" if done else f"{name} was not paused", as_json)


@app.command()
def remove(name: Name, as_json: Json = False) -> None:
    """Forget a series; its jobs that wait are cancelled, all others stay."""
    with open_parts() as parts:
        cancelled = parts.ledger.series.remove(name, now=parts.clock.now(), by=BY)
    if as_json:
        emit({"series": name, "removed": True, "cancelled": cancelled})
    else:
        print(f"{name} is removed; jobs cancelled: {cancelled}")


def series_shape(series: Series) -> Shape:
    """Return a series as `series list --json` has it."""
    recurrence = series.recurrence
    return {
        "series": series.name,
        "campaign": series.campaign,
        "cron": recurrence.cron.text,
        "timezone": recurrence.zone.key,
        "start": instant(recurrence.start),
        "end": instant(recurrence.end),
        "except": recurrence.omissions.words(),
        "late": None if series.late is None else str(series.late),
        "provider": series.provider,
        "connection": series.connection,
        "platform": series.post.platform,
        "account": series.post.account_id,
        "kind": str(series.post.kind),
        "paused": series.paused,
        "next_at": instant(series.next_at),
        "created_at": instant(series.created_at),
        "post": series.post.to_json(),
    }


def _row(file: Path | None, flags: dict[str, object]) -> Row:
    """Return the post's row, from a file or from flags; InputError says what is wrong with it."""
    if file is None:
        return row_of({"ref": "series", **flags}, "series")
    if flags:
        named = ", ".join(flags)
        raise InputError(f"--file has the post already; leave out {named}")
    rows, problems = read_file(file)
    if problems:
        raise refusal(problems, f"{file}: ")
    if len(rows) != 1:
        raise InputError(f"{file} has {len(rows)} rows; a series is made of one")
    if rows[0].run_at or rows[0].not_after or rows[0].queue:
        raise InputError(f"{file}: run_at, not_after, queue are for one post; --cron says when")
    return rows[0]


def _occurrence_shape(occurrence: Occurrence) -> Shape:
    return {
        "at": instant(occurrence.at),
        "local": occurrence.local.isoformat(),
        "walls": [each.isoformat() for each in occurrence.walls],
        "clock_change": occurrence.clock_change() or None,
    }


def _noted_shape(noted: Noted) -> Shape:
    return {
        "at": instant(noted.at),
        "job": noted.job_id,
        "state": None if noted.state is None else str(noted.state),
        "why": noted.why or None,
    }


def _show(series: Series, coming: list[Occurrence], noted: list[Noted]) -> None:
    recurrence = series.recurrence
    standing = "paused" if series.paused else "over" if series.next_at is None else "runs"
    print(f"{series.name}: {recurrence.cron.text} in {recurrence.zone.key}; {standing}")
    rows = [(f"{each.local:%a %Y-%m-%d %H:%M %Z}", each.at, each.clock_change()) for each in coming]
    show_table(("local", "utc", "clock change"), rows)
    if noted:
        last = [(each.at, each.job_id, each.state, each.why) for each in noted]
        show_table(("last", "job", "state", "why"), last)


def _say(series: Series, sentence: str, as_json: bool) -> None:
    if as_json:
        emit(series_shape(series))
    else:
        print(sentence)
