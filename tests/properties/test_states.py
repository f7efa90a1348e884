"""The table of moves: endings are final and every other state can reach one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.states import FINAL, MOVES, State, advance
from shared.errors import IllegalMove

states = st.sampled_from(State)


def test_the_table_names_every_state() -> None:
    assert set(MOVES) == set(State)


@given(st.sampled_from(sorted(FINAL)), states)
def test_no_move_leaves_an_ending(ending: State, to: State) -> None:
    with pytest.raises(IllegalMove):
        advance(ending, to)


@given(states, states)
def test_a_move_is_allowed_exactly_when_the_table_has_it(current: State, to: State) -> None:
    if to in MOVES[current]:
        assert advance(current, to) is to
    else:
        with pytest.raises(IllegalMove):
            advance(current, to)


@given(states)
def test_every_state_can_reach_an_ending(start: State) -> None:
    reached, frontier = {start}, {start}
    while frontier:
        frontier = {to for at in frontier for to in MOVES[at]} - reached
        reached |= frontier
    assert reached & FINAL


def test_only_dispatch_a_replay_and_the_queue_lead_to_publishing() -> None:
    assert {at for at, to in MOVES.items() if State.PUBLISHING in to} == {State.QUEUED}
