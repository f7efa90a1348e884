"""Cells that a spreadsheet would compute."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.rows.formulas import neutral


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=cmd|"/c x"!A1'])
def test_what_looks_like_a_formula_is_made_text(cell: str) -> None:
    assert neutral(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "a=1", " =1", "'=1", "1-1", -5, -0.25, None])
def test_everything_else_stays(cell: object) -> None:
    assert neutral(cell) == cell


@given(st.text())
def test_nothing_begins_like_a_formula_and_nothing_is_lost(cell: str) -> None:
    made = str(neutral(cell))
    assert not made.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert made in {cell, f"'{cell}"}
