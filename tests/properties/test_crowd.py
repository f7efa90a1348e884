"""How many go before one: what stepping through the turns of the campaigns comes to."""

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.crowd import Crowd, before_at_connection, before_in_lane

weights = st.sampled_from([1, 4, 16])
rivals = st.lists(
    st.builds(
        Crowd,
        campaign_id=st.integers(2, 9),
        weight=weights,
        jobs=st.integers(1, 50),
        lanes=st.integers(1, 5),
    ),
    max_size=4,
    unique_by=lambda each: each.campaign_id,
)


def mine(own: int, weight: int, lanes: int = 1) -> Crowd:
    return Crowd(campaign_id=1, weight=weight, jobs=own + 5, lanes=lanes)


@given(st.integers(0, 40), weights, rivals)
def test_nobody_is_before_its_own_campaign_s_turn_and_everybody_is_counted_once(
    own: int, weight: int, others: list[Crowd]
) -> None:
    found = before_in_lane(own, 1, [mine(own, weight), *others])
    assert own <= found <= own + sum(each.jobs for each in others)


@given(st.integers(0, 40), rivals)
def test_more_weight_brings_a_job_forward(own: int, others: list[Crowd]) -> None:
    low, high = (before_in_lane(own, 1, [mine(own, each), *others]) for each in (1, 16))
    assert high <= low


@given(st.integers(0, 40), weights, rivals, st.integers(1, 5))
def test_as_many_go_before_it_at_its_connection_as_on_its_lane_or_more(
    own: int, weight: int, others: list[Crowd], lanes: int
) -> None:
    crowds = [mine(own, weight, lanes), *others]
    assert before_at_connection(own, 1, crowds) >= before_in_lane(own, 1, crowds)


def test_a_campaign_of_low_weight_lets_sixteen_urgent_ones_go_first() -> None:
    urgent = Crowd(campaign_id=2, weight=16, jobs=100)
    assert before_in_lane(0, 1, [mine(0, 1), urgent]) == 16
    assert before_in_lane(2, 1, [mine(2, 1), urgent]) == 2 + 48
    assert before_in_lane(20, 1, [mine(20, 1), urgent]) == 20 + 100


def test_the_lanes_of_a_campaign_take_turns() -> None:
    crowd = Crowd(campaign_id=1, weight=4, jobs=30, lanes=3)
    assert before_at_connection(0, 1, [crowd]) == 2
    assert before_at_connection(4, 1, [crowd]) == 14
    assert before_at_connection(20, 1, [crowd]) == 29
