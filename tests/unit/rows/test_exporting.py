"""Export: no cell is a formula, and nothing changes on the way out and in again."""

import csv
import io
from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.rows import Row, harmless, write_rows, write_table
from shared.rows.exporting import COLUMNS, plain
from tests.unit.rows.test_round_trip import ROWS, read_back

MOMENT = datetime(2100, 1, 1, 9, 30, tzinfo=UTC)
CELLS = st.text(st.sampled_from("'=+-@\t\r\nab"), max_size=6) | st.text(max_size=20)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_what_begins_like_a_formula_is_neutralised(start: str) -> None:
    out = io.StringIO(newline="")
    write_table(out, [f"{start}head"], [[f'{start}HYPERLINK("x")'], [7], [None]])
    head, cell, number, nothing = csv.reader(io.StringIO(out.getvalue(), newline=""))

    assert head == [f"'{start}head"]
    assert cell == [f'\'{start}HYPERLINK("x")']
    assert (number, nothing) == (["7"], [""])


@given(CELLS)
def test_a_harmless_cell_begins_no_formula_and_is_read_back(cell: str) -> None:
    assert not harmless(cell).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert plain(harmless(cell)) == cell


@given(ROWS, CELLS.filter(lambda text: "\x00" not in text and text.isprintable()))
@settings(max_examples=80, deadline=None)
def test_rows_come_back_as_they_were(rows: list[Row], caption: str) -> None:
    queued = replace(rows[0], caption=caption, queue=True, run_at=None, not_after=MOMENT)
    rows = [queued, *rows[1:]]
    out = io.StringIO(newline="")
    write_rows(out, rows)
    back = read_back("a.csv", out.getvalue().encode())

    assert [replace(each, place="", flawed=False) for each in back] == [
        replace(each, place="") for each in rows
    ]


def test_every_field_of_a_row_has_a_column() -> None:
    names = {each.name for each in fields(Row)} - {"place", "flawed"}

    assert set(COLUMNS) == names
