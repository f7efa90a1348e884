"""`dropline jobs edit`: a job changed before it is sent."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from shared.cli.exits import ExitCode, tell
from shared.cli.loaded import change_shape, told
from shared.cli.output import emit
from shared.cli.session import BY, JobId, Json, open_parts
from shared.domain.options import read_options
from shared.domain.post import Kind, Media
from shared.errors import InputError
from shared.producer import Changes
from shared.rows import media_word, option_cell, read_media, read_moment, read_zone
from shared.rows.places import is_file

Caption = Annotated[str | None, typer.Option("--caption", "--text", help="The post's text.")]
Title = Annotated[str | None, typer.Option(help="Where the platform has one.")]
KindOption = Annotated[Kind | None, typer.Option("--kind", help="Follows the media when absent.")]
MediaWords = Annotated[
    list[str] | None,
    typer.Option("--media", help="All of them anew: a URL, a path, or id:XYZ; repeat it."),
]
AltTexts = Annotated[list[str] | None, typer.Option("--alt-text", help="All of them anew.")]
RunAt = Annotated[
    str | None, typer.Option("--run-at", "--at", metavar="TIME", help="ISO 8601, when it goes.")
]
Zone = Annotated[
    str | None, typer.Option("--timezone", help="IANA name, for times without offset.")
]
NotAfter = Annotated[
    str | None, typer.Option("--not-after", metavar="TIME", help="Empty: no such deadline.")
]
Options = Annotated[
    list[str] | None,
    typer.Option("--option", metavar="NAME=VALUE", help="Repeat it; NAME= takes one away."),
]


def edit(
    job_id: JobId,
    *,
    caption: Caption = None,
    title: Title = None,
    kind: KindOption = None,
    media: MediaWords = None,
    alt_text: AltTexts = None,
    run_at: RunAt = None,
    timezone: Zone = None,
    not_after: NotAfter = None,
    option: Options = None,
    as_json: Json = False,
) -> None:
    """Change a job that was surely not sent yet; exit 2 when it is too late."""
    zone = _zone(timezone)
    changes = Changes(
        caption=caption,
        title=title,
        kind=kind,
        media=None if media is None else tuple(_media(each) for each in media if each),
        alt_texts=None if alt_text is None else tuple(each for each in alt_text if each),
        run_at=_moment("--run-at", run_at, zone),
        not_after=_moment("--not-after", not_after or None, zone),
        no_deadline=not_after == "",
        options=_options(option or []),
    )
    if changes == Changes():
        raise typer.BadParameter("say what to change, such as --caption or --run-at")
    with open_parts() as parts:
        change = parts.producer.edit(job_id, changes, by=BY)
    if as_json:
        emit(change_shape(change))
    elif change.done:
        print(f"changed {told(change)}" if change.fields else f"job {job_id} says so already")
    else:
        tell(f"dropline: job {job_id} is not changed: {change.why}")
    if not change.done:
        raise typer.Exit(ExitCode.BAD_INPUT)


def _zone(name: str | None) -> ZoneInfo | None:
    try:
        return None if name is None else read_zone(name)
    except ValueError as wrong:
        raise InputError(f"--timezone {wrong}") from None


def _moment(flag: str, text: str | None, zone: ZoneInfo | None) -> datetime | None:
    try:
        return None if text is None else read_moment(text, zone)
    except ValueError as wrong:
        raise InputError(f"{flag} {wrong}") from None


def _media(word: str) -> Media:
    try:
        media = read_media(media_word(word))
    except ValueError as wrong:
        raise InputError(f"--media {wrong}") from None
    if media.path is None:
        return media
    path = Path.cwd() / media.path
    if not is_file(path):
        raise InputError(f"--media: there is no file {path}")
    return Media(path=str(path))


def _options(words: list[str]) -> dict[str, Any]:
    given: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or name in given:
            raise InputError(f"--option {word!r} must be NAME=VALUE, each name once")
        given[name] = value
    try:
        cells = {name: option_cell(name, value) for name, value in given.items() if value}
    except ValueError as wrong:
        raise InputError(f"--option {wrong}") from None
    options, problems = read_options(cells)
    if problems:
        raise InputError("; ".join(f"--option {name} {wrong}" for name, wrong in problems))
    return options | {name: None for name, value in given.items() if not value}
