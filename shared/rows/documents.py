"""JSON Lines, JSON and YAML files as raw rows; a field that stands twice is never dropped."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import yaml

from shared.errors import InputError
from shared.rows.annotations import COLUMNS as ANNOTATIONS
from shared.rows.found import Found, flaw
from shared.rows.strict_yaml import StrictLoader
from shared.rows.texts import type_word


def read_json_lines(text: Iterable[str]) -> Iterator[Found]:
    """Yield a row for each line that is not blank; a broken line does not end the reading."""
    row = 0
    for line, content in enumerate(text, start=1):
        if not content.strip():
            continue
        row += 1
        try:
            yield _found(row, line, _load_json(content))
        except json.JSONDecodeError as wrong:
            problem = f"is not JSON: {wrong.msg} (column {wrong.colno})"
            yield flaw(problem, row=row, line=line)
        except (ValueError, RecursionError) as wrong:
            yield flaw(f"is not usable JSON: {wrong}", row=row, line=line)


def read_json(text: str) -> Iterator[Found]:
    """Yield the rows of a JSON array."""
    try:
        rows = _load_json(text)
    except json.JSONDecodeError as wrong:
        place = f"line {wrong.lineno}, column {wrong.colno}"
        raise InputError(f"is not JSON: {wrong.msg} ({place})") from None
    except (ValueError, RecursionError) as wrong:
        raise InputError(f"is not usable JSON: {wrong}") from None
    return _array(rows, "JSON array")


def read_yaml(text: str) -> Iterator[Found]:
    """Yield the rows of a YAML list."""
    try:
        rows = yaml.load(text, Loader=StrictLoader)  # noqa: S506 - narrower than SafeLoader
    except yaml.MarkedYAMLError as wrong:
        mark = wrong.problem_mark or wrong.context_mark
        place = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        raise InputError(f"is not YAML: {wrong.problem or wrong.context}{place}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as wrong:
        reason = " ".join(str(wrong).split())
        raise InputError(f"is not usable YAML: {reason}") from None
    return _array(rows, "YAML list")


def _array(rows: object, form: str) -> Iterator[Found]:
    if not isinstance(rows, list):
        raise InputError(f"must be a {form} of rows, not {type_word(rows)}")
    return (_found(row, None, raw) for row, raw in enumerate(rows, start=1))


def _found(row: int, line: int | None, raw: object) -> Found:
    if isinstance(raw, Mapping):
        kept = {name: value for name, value in raw.items() if name not in ANNOTATIONS}
        return Found(row=row, line=line, raw=kept)
    return flaw(f"must be an object, not {type_word(raw)}", row=row, line=line)


def _load_json(text: str) -> object:
    return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, value in pairs:
        if name in fields:
            raise ValueError(f"{name!r} stands twice in one object")
        fields[name] = value
    return fields


def _no_constant(word: str) -> None:
    raise ValueError(f"{word} is not a number")
