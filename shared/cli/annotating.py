"""An annotated copy of a checked file: every row as it was, with what the check said of it."""

import contextlib
import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TextIO

from shared.cli.checking import row_number
from shared.cli.verdicts import Verdict
from shared.errors import InputError
from shared.rows import Defaults, RowProblem, harmless
from shared.rows.annotations import COLUMNS, Annotations
from shared.rows.dialects import CANONICAL
from shared.rows.documents import read_json, read_yaml
from shared.rows.encodings import encoding_of
from shared.rows.found import Found
from shared.rows.layout import HEAD, find_layout

_LINE = re.compile(r", line (\d+)")

_TABLE, _LINES = ".csv", ".jsonl"


def require_target(source: Path, target: Path) -> None:
    """Raise InputError where a copy of `source` cannot be called `target`."""
    form = _TABLE if source.suffix.lower() == _TABLE else _LINES
    if target.suffix.lower() != form:
        raise InputError(f"--annotate {target}: a copy of {source.name} must be a {form} file")
    if target.resolve() == source.resolve():
        raise InputError(f"--annotate {target} is the file itself; name another")


def annotate(source: Path, target: Path, verdicts: Iterable[Verdict], defaults: Defaults) -> None:
    """Write the copy of a file that could be read, all of it or nothing. Raises InputError."""
    by_line: dict[int, Verdict] = {}
    by_row: dict[int, Verdict] = {}
    for each in verdicts:
        line = _LINE.search(each.place)
        row = row_number(each.place)
        by_row[row] = by_line[int(line[1]) if line else row] = each
    form = source.suffix.lower()
    encoding = encoding_of(source, table=form == _TABLE).name
    newline = "" if form == _TABLE else "\n"
    with source.open(encoding=encoding, newline=newline) as text:
        match form:
            case ".csv":
                _write(target, _table(text, by_line, defaults))
            case ".jsonl":
                _write(target, _json_lines(text, by_line))
            case ".json":
                _write(target, _documents(read_json(text.read()), by_row))
            case _:
                _write(target, _documents(read_yaml(text.read()), by_row))


def _said(verdict: Verdict | None) -> dict[str, str]:
    if verdict is None:
        return dict.fromkeys(COLUMNS, "")
    errors = _told(each for each in verdict.problems if not each.warning)
    warnings = _told(each for each in verdict.problems if each.warning)
    return dict(zip(COLUMNS, (verdict.word, errors, warnings), strict=True))


def _told(problems: Iterable[RowProblem]) -> str:
    return "; ".join(f"{each.field}: {each.message}".removeprefix(": ") for each in problems)


def _table(text: TextIO, verdicts: Mapping[int, Verdict], defaults: Defaults) -> Iterator[str]:
    layout = find_layout(text.read(HEAD), defaults)
    text.seek(0)
    before = text.read(layout.skipped)
    yield before
    skipped, headed = before.count("\n"), not layout.has_header
    earlier = Annotations.among(layout.columns if layout.has_header else ())
    # Only such a table has apostrophes that are not its author's.
    marked = bool(earlier) or layout.dialect is CANONICAL
    lines = csv.reader(text, delimiter=layout.delimiter)
    line = 1
    for cells in lines:
        if any(cell.strip() for cell in cells):
            said = _said(verdicts.get(skipped + line)).values()
            kept = earlier.taken_back(cells) if marked else cells
            yield _record([*kept, *(said if headed else COLUMNS)], layout.delimiter)
            headed = True
        line = lines.line_num + 1


def _record(cells: Iterable[str], delimiter: str) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerow([harmless(each) for each in cells])
    return out.getvalue()


def _json_lines(text: TextIO, verdicts: Mapping[int, Verdict]) -> Iterator[str]:
    for line, content in enumerate(text, start=1):
        if not content.strip():
            continue
        said = _said(verdicts.get(line))
        try:
            row = json.loads(content)
        except (ValueError, RecursionError):
            row = None
        yield _line(row if isinstance(row, dict) else {"line": content.strip()}, said)


def _documents(found: Iterable[Found], verdicts: Mapping[int, Verdict]) -> Iterator[str]:
    for each in found:
        yield _line(each.raw or {}, _said(verdicts.get(each.row)))


def _line(row: Mapping[str, object], said: Mapping[str, str]) -> str:
    return json.dumps({**row, **said}, ensure_ascii=False, default=str) + "\n"


def _write(target: Path, parts: Iterable[str]) -> None:
    """Write beside the target first, so that a copy is whole or not there."""
    unfinished = target.with_name(f".{target.name}.part")
    try:
        # Spreadsheets need the mark to read a table as UTF-8; JSON has none.
        encoding = "utf-8-sig" if target.suffix.lower() == _TABLE else "utf-8"
        with unfinished.open("w", encoding=encoding, newline="") as file:
            file.writelines(parts)
        unfinished.replace(target)
    except OSError as wrong:
        raise InputError(f"--annotate {target} cannot be written: {wrong.strerror}") from None
    except csv.Error as wrong:
        raise InputError(f"--annotate {target} cannot be written: {wrong}") from None
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)
