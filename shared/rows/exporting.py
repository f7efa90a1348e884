"""Rows as CSV in our own dialect, and cells that no spreadsheet takes for a formula.

A spreadsheet runs what begins like a formula (OWASP, CSV injection), so such a cell is given an
apostrophe, and so is one that had an apostrophe there already: reading takes away exactly one.
"""

import csv
import json
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TextIO

from shared.domain.post import Media
from shared.rows.row import Row

COLUMNS = (
    "ref",
    "provider",
    "connection",
    "platform",
    "account",
    "kind",
    "caption",
    "title",
    "media",
    "alt_texts",
    "run_at",
    "not_after",
    "queue",
    "options",
)
_FORMULA = re.compile(r"'*[=+\-@\t\r\n]")


def harmless(value: object) -> str:
    """Return a value as a cell that is shown and never calculated; None is a blank.

    A number stays one, also below zero.
    """
    text = "" if value is None else str(value)
    return f"'{text}" if isinstance(value, str) and _FORMULA.match(text) else text


def plain(cell: str) -> str:
    """Return what `harmless` was given."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def write_table(out: TextIO, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write CSV whose every cell is harmless; open `out` with newline=''."""
    lines = csv.writer(out)
    lines.writerow([harmless(column) for column in columns])
    lines.writerows([harmless(value) for value in row] for row in rows)


def write_rows(out: TextIO, rows: Iterable[Row]) -> None:
    """Write rows so that reading the file gives the same jobs again."""
    write_table(out, COLUMNS, map(_cells, rows))


def _cells(row: Row) -> Sequence[object]:
    return (
        row.ref,
        row.provider,
        row.connection,
        row.platform,
        row.account,
        row.kind,
        row.caption,
        row.title,
        _media(row.media),
        _json(list(row.alt_texts)),
        _moment(row.run_at),
        _moment(row.not_after),
        "yes" if row.queue else "",
        _json(dict(row.options)),
    )


def _media(media: Sequence[Media]) -> str:
    urls = [each.url for each in media if each.url is not None]
    if len(urls) == len(media) and not any(re.search(r"[\s|]|^\[", url) for url in urls):
        return "|".join(urls)
    return _json([each.to_json() for each in media])


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if value else ""


def _moment(at: datetime | None) -> str:
    return "" if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")
