"""What is written is what is read, in every format; and garbage is only ever an InputError."""

import csv
import io
import json
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.domain.post import Kind, Media
from shared.errors import InputError
from shared.rows import Row, read_file
from shared.rows.exporting import harmless

SOUND = st.characters(exclude_characters="\x00\r", exclude_categories=["Cs"])
#: What YAML can hold as it is (its printable set), without the breaks that it folds.
TEXT = st.text(
    st.characters(
        min_codepoint=32,
        max_codepoint=0xD7FF,
        exclude_characters="\x85\xa0\u2028\u2029\x7f",
        exclude_categories=["Cc"],
    ),
    max_size=40,
)
NAME = st.text("abcXYZ-_.@089 äß漢", min_size=1, max_size=20).map(str.strip).filter(bool)
MOMENT = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
MEDIA = st.one_of(
    NAME.map(lambda name: Media(url=f"https://media.example/{len(name)}.jpg")),
    NAME.map(lambda name: Media(id=name)),
)
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "privacy": st.sampled_from(["PUBLIC_TO_EVERYONE", "SELF_ONLY"]),
        "cover_index": st.integers(0, 30),
        "allow_duet": st.booleans(),
        "tags": st.lists(NAME, min_size=1, max_size=3),
        "settings": st.dictionaries(NAME, st.integers() | TEXT, max_size=2),
    },
)
ROW = st.builds(
    Row,
    place=st.just(""),
    ref=NAME,
    platform=st.sampled_from(["tiktok", "instagram"]),
    account=NAME,
    provider=st.just("wonda"),
    connection=st.none() | NAME,
    kind=st.sampled_from(Kind),
    caption=TEXT,
    title=TEXT,
    media=st.lists(MEDIA, max_size=3).map(tuple),
    alt_texts=st.lists(TEXT, max_size=3).map(tuple),
    run_at=st.none() | MOMENT,
    not_after=st.none(),
    options=OPTIONS,
)
LIKE_FORMULAS = Row(
    place="",
    ref="a",
    platform="tiktok",
    account="b",
    provider="wonda",
    kind=Kind.TEXT,
    caption="=1",
    title="'=1",
)
ROWS = st.lists(ROW, min_size=1, max_size=4, unique_by=lambda row: row.ref)


def raw(row: Row) -> dict[str, Any]:
    fields = {
        "ref": row.ref,
        "platform": row.platform,
        "account": row.account,
        "provider": row.provider,
        "connection": row.connection,
        "kind": str(row.kind),
        "caption": row.caption,
        "title": row.title,
        "media": [media.to_json() for media in row.media],
        "alt_texts": list(row.alt_texts),
        "run_at": row.run_at.isoformat() if row.run_at else None,
        "options": dict(row.options),
    }
    return {name: value for name, value in fields.items() if value is not None}


def json_lines(rows: list[dict[str, Any]]) -> str:
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)


def plain_yaml(rows: list[dict[str, Any]]) -> str:
    return yaml.safe_dump(rows, allow_unicode=True)


def table(rows: list[dict[str, Any]], delimiter: str = ",") -> str:
    columns = sorted({name for row in rows for name in row})
    out = io.StringIO()
    lines = csv.writer(out, delimiter=delimiter)
    lines.writerow(columns)
    lines.writerows([_cell(row.get(name)) for name in columns] for row in rows)
    return out.getvalue()


def _cell(value: object) -> object:
    """Write a cell as people do; only an apostrophe of its own needs the escape of an export."""
    if isinstance(value, str) and value.startswith("'"):
        return harmless(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def read_back(name: str, content: bytes) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(content)
        rows, problems = read_file(path)
    assert [str(problem) for problem in problems] == []
    return rows


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("a.jsonl", json_lines),
        ("a.json", json.dumps),
        ("a.yaml", plain_yaml),
        ("a.csv", table),
        ("b.csv", lambda rows: table(rows, ";")),
    ],
)
@example(rows=[LIKE_FORMULAS])
@given(rows=ROWS)
@settings(max_examples=60, deadline=None)
def test_a_row_that_is_written_is_read_back(
    name: str, write: Callable[[list[dict[str, Any]]], str], rows: list[Row]
) -> None:
    back = read_back(name, write([raw(row) for row in rows]).encode())

    assert [raw(row) for row in back] == [raw(row) for row in rows]


GARBAGE = st.binary(max_size=200) | st.text(
    st.sampled_from('{}[]:,;|"\n-& *!<ref,media.0129T:\x00\ufeff'), max_size=200
).map(str.encode)


@given(content=GARBAGE, extension=st.sampled_from(["jsonl", "json", "yaml", "csv"]))
@settings(max_examples=400, deadline=None)
def test_garbage_is_only_ever_an_input_error(content: bytes, extension: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"a.{extension}")
        path.write_bytes(content)
        try:
            rows, problems = read_file(path)
        except InputError:
            return
    assert rows or problems


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@given(
    st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(
            [
                *raw(Row(place="", ref="", platform="", account="")),
                "run_at",
                "timezone",
                "not_after",
                "connection",
            ],
            JSON,
        ),
    )
)
@settings(max_examples=300, deadline=None)
def test_wrong_types_are_problems_not_surprises(fields: dict[str, object]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.jsonl")
        path.write_text(json.dumps(fields))
        _, problems = read_file(path)
    assert problems
