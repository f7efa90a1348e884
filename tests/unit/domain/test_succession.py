"""Edited rows whose refs are made of their content: one row is one job, or it is a new one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.domain.states import State
from shared.domain.succession import NEAR, Trace, source, successors

NINE = datetime(2030, 3, 1, 9, tzinfo=UTC)
TEN = datetime(2030, 3, 1, 10, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def trace(
    digit: str,
    run_at: datetime | None = NINE,
    content: str = "",
    account: str = "7",
    state: State | None = None,
    tool: str = "buffer",
) -> Trace:
    return Trace(
        ref=f"{tool}-{digit * 12}/x/{account}",
        connection="wonda",
        account_id=account,
        run_at=run_at,
        content_hash=content or digit,
        state=state,
    )


def stored(digit: str, state: State = State.SCHEDULED, **changes: object) -> Trace:
    return trace(digit, state=state, **changes)  # type: ignore[arg-type]


A, B = trace("a").ref, trace("b").ref


def test_a_row_with_another_text_at_the_same_time_is_the_job_it_was() -> None:
    assert successors([trace("b")], [stored("a")]) == {B: A}
    assert successors([trace("b")], [stored("a", State.SUCCEEDED)]) == {B: A}


def test_a_row_at_another_time_is_the_job_it_was() -> None:
    moved = trace("b", NINE + 3 * DAY, content="a")

    assert successors([moved], [stored("a")]) == {B: A}


def test_what_is_out_is_not_posted_again_because_its_time_moved_a_little() -> None:
    out = stored("a", State.SUCCEEDED)
    near, far = NINE + NEAR - HOUR, NINE + NEAR

    assert successors([trace("b", near, content="a")], [out]) == {B: A}
    assert successors([trace("b", far, content="a")], [out]) == {}
    assert successors([trace("b", NINE + DAY, content="a")], [out]) == {}


def test_rows_moved_to_where_the_next_ones_stood_are_the_posts_they_were() -> None:
    moved = [trace("c", TEN, content="a"), trace("d", TEN + HOUR, content="b")]
    for state in (State.SCHEDULED, State.SUCCEEDED):
        first, second = stored("a", state), stored("b", run_at=TEN)
        assert successors(moved, [first, second]) == {moved[0].ref: A, moved[1].ref: B}


@pytest.mark.parametrize("state", [State.SCHEDULED, State.SUCCEEDED])
def test_an_account_that_is_called_otherwise_is_the_same(state: State) -> None:
    called = replace(trace("a"), ref=trace("a").ref.replace("/7", "/@bread"))
    assert successors([called], [stored("a", state)]) == {called.ref: A}


def test_where_several_are_near_what_is_out_each_is_another_post() -> None:
    out = stored("a", State.SUCCEEDED)
    rows = [trace("b", TEN, content="a"), trace("c", TEN + HOUR, content="a")]
    assert successors(rows, [out]) == {}


@pytest.mark.parametrize("state", [State.FAILED, State.CANCELLED])
def test_what_was_given_up_is_posted_anew(state: State) -> None:
    assert successors([trace("b")], [stored("a", state)]) == {}


def test_what_is_in_the_file_still_has_no_successor() -> None:
    assert successors([trace("a"), trace("b")], [stored("a")]) == {}


@pytest.mark.parametrize(
    "other",
    [
        stored("a", account="8"),
        stored("a", tool="publer"),
        stored("a", run_at=TEN),
    ],
)
def test_another_place_tool_or_time_and_text_is_another_post(other: Trace) -> None:
    assert successors([trace("b")], [other]) == {}


def test_where_several_could_be_meant_none_is() -> None:
    assert successors([trace("b"), trace("c")], [stored("a")]) == {}
    assert successors([trace("c")], [stored("a"), stored("b")]) == {}


def test_a_post_that_goes_at_once_has_no_time_to_be_known_by() -> None:
    assert successors([trace("b", None)], [stored("a", run_at=None)]) == {}


@pytest.mark.parametrize("ref", ["mon-1", "buffer-1/x/7", "a-0123456789ab", ""])
def test_a_ref_of_a_person_is_no_derived_one(ref: str) -> None:
    assert source(ref) == ""
    assert source(A) == "buffer-"
