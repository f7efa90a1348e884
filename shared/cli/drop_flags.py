"""The words of `dropline drop` read: its posts, their rhythm and their beginning."""

from datetime import datetime, timedelta
from pathlib import Path

from shared.domain.duration import read_duration
from shared.domain.rhythm import Rhythm
from shared.errors import InputError
from shared.rows import (
    Row,
    RowFile,
    RowProblem,
    located,
    missing_files,
    read_moment,
    read_row,
    read_zone,
)

_PLACE = "drop"


def read_posts(
    file: Path | None, flags: dict[str, object], ref: str
) -> tuple[list[Row], list[RowProblem]]:
    """Return the posts of the file, or the one of the flags, and all that is wrong with them."""
    if file is None:
        row, problems = read_row({"ref": ref, **flags}, _PLACE, of_drop=True)
        if row is None:
            return [], problems
        row = located(row, Path.cwd())
        return [row], problems + missing_files(row)
    if flags:
        given = ", ".join(sorted(flags))
        raise InputError(f"{file} has the posts; the flags say one, too: {given}")
    rows, found = [], []
    for each, wrong in RowFile(file, of_drop=True):
        rows += [each] if each is not None else []
        found += wrong
    return rows, found


def read_rhythm(
    spacing: str, jitter: str, wave_size: int | None, wave_every: str | None, seed: str
) -> Rhythm:
    if (wave_size is None) != (wave_every is None):
        raise InputError("--wave-size and --wave-every belong together")
    return Rhythm(
        spacing=_duration("--spacing", spacing),
        jitter=_duration("--jitter", jitter),
        wave_size=wave_size,
        wave_every=_duration("--wave-every", wave_every or "0s"),
        seed=seed,
    )


def _duration(flag: str, text: str) -> timedelta:
    try:
        return read_duration(text)
    except ValueError as wrong:
        raise InputError(f"{flag} {wrong}") from None


def read_start(at: str | None, timezone: str | None) -> datetime | None:
    try:
        zone = read_zone(timezone) if timezone else None
    except ValueError as wrong:
        raise InputError(f"--timezone {wrong}") from None
    try:
        return None if at is None else read_moment(at, zone)
    except ValueError as wrong:
        raise InputError(f"--at {wrong}") from None
