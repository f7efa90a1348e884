"""An annotated copy of a checked file: every row as it was, with what the check said of it."""

import csv
import io
import json
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from shared.cli.checking import row_number
from shared.cli.verdicts import Verdict
from shared.errors import InputError
from shared.rows import Defaults, RowProblem, harmless
from shared.rows.documents import read_json, read_yaml
from shared.rows.encodings import encoding_of
from shared.rows.found import Found
from shared.rows.layout import HEAD, find_layout

COLUMNS = ("check_verdict", "check_errors", "check_warnings")

_LINE = re.compile(r", line (\d+)")

_TABLE, _LINES = ".csv", ".jsonl"


def require_target(source: Path, target: Path) -> None:
    """Raise InputError where a copy of `source` cannot be called `target`."""
    form = _TABLE if source.suffix.lower() == _TABLE else _LINES
    if target.suffix.lower() != form:
        raise InputError(f"--annotate {target}: a copy of {source.name} must be a {form} file")
    if target.absolute() == source.absolute():
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
    encoding = encoding_of(source, table=form == _TABLE)
    text = source.read_bytes().decode(encoding.name).removeprefix("\ufeff")
    match form:
        case ".csv":
            copy = "".join(_table(text, by_line, defaults))
        case ".jsonl":
            copy = "".join(_json_lines(text, by_line))
        case ".json":
            copy = "".join(_documents(read_json(text), by_row))
        case _:
            copy = "".join(_documents(read_yaml(text), by_row))
    _write(target, copy)


def _said(verdict: Verdict | None) -> dict[str, str]:
    if verdict is None:
        return dict.fromkeys(COLUMNS, "")
    errors = _told(each for each in verdict.problems if not each.warning)
    warnings = _told(each for each in verdict.problems if each.warning)
    return dict(zip(COLUMNS, (verdict.word, errors, warnings), strict=True))


def _told(problems: Iterable[RowProblem]) -> str:
    return "; ".join(f"{each.field}: {each.message}".removeprefix(": ") for each in problems)


def _table(text: str, verdicts: Mapping[int, Verdict], defaults: Defaults) -> Iterator[str]:
    layout = find_layout(text[:HEAD], defaults)
    before = text[: layout.skipped]
    lines = csv.reader(io.StringIO(text[layout.skipped :], newline=""), delimiter=layout.delimiter)
    yield before
    headed = not layout.has_header
    line = 1
    for cells in lines:
        if any(cell.strip() for cell in cells):
            said = _said(verdicts.get(before.count("\n") + line)).values()
            yield _record([*cells, *(said if headed else COLUMNS)], layout.delimiter)
            headed = True
        line = lines.line_num + 1


def _record(cells: Iterable[str], delimiter: str) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerow([harmless(each) for each in cells])
    return out.getvalue()


def _json_lines(text: str, verdicts: Mapping[int, Verdict]) -> Iterator[str]:
    for line, content in enumerate(text.split("\n"), start=1):
        if not content.strip():
            continue
        said = _said(verdicts.get(line))
        try:
            row = json.loads(content)
        except (ValueError, RecursionError):
            row = None
        yield _line(row if isinstance(row, dict) else {"line": content}, said)


def _documents(found: Iterable[Found], verdicts: Mapping[int, Verdict]) -> Iterator[str]:
    for each in found:
        yield _line(each.raw or {}, _said(verdicts.get(each.row)))


def _line(row: Mapping[str, object], said: Mapping[str, str]) -> str:
    return json.dumps({**row, **said}, ensure_ascii=False, default=str) + "\n"


def _write(target: Path, text: str) -> None:
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", newline="", dir=target.parent, prefix=target.name, delete=False
        ) as file:
            file.write(text)
        Path(file.name).replace(target)
    except OSError as wrong:
        raise InputError(f"--annotate {target} cannot be written: {wrong.strerror}") from None
