"""The choice of dispatch stays inside every quota and starves nobody."""

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.release import Lane, Quotas, choose


@st.composite
def ready(draw: st.DrawFn) -> tuple[list[Lane], Quotas]:
    count = draw(st.integers(0, 8))
    lanes = [
        Lane(
            id=number,
            connection=draw(st.sampled_from(["x", "y"])),
            account_id=str(number),
            in_flight=draw(st.integers(0, 4)),
            due=[number * 100 + each for each in range(draw(st.integers(0, 8)))],
        )
        for number in range(count)
    ]
    quotas = Quotas(
        total=draw(st.integers(0, 30)),
        per_lane=draw(st.integers(1, 8)),
        connections={"x": draw(st.integers(-2, 20)), "y": draw(st.integers(-2, 20))},
        lanes={lane.id: draw(st.integers(0, 8)) for lane in lanes},
    )
    return lanes, quotas


@given(ready())
def test_no_quota_is_overshot_and_no_job_is_chosen_twice(case: tuple[list[Lane], Quotas]) -> None:
    lanes, quotas = case
    chosen = choose(lanes, quotas)
    assert len(chosen) == len(set(chosen)) <= quotas.total
    for lane in lanes:
        mine = [job for job in chosen if job in lane.due]
        assert mine == list(lane.due[: len(mine)])
        room = min(quotas.per_lane, quotas.lanes[lane.id])
        assert len(mine) <= max(room - lane.in_flight, 0)
    for name, quota in quotas.connections.items():
        of_connection = {job for lane in lanes if lane.connection == name for job in lane.due}
        assert len(of_connection & set(chosen)) <= max(quota, 0)


def test_a_single_post_goes_before_the_second_of_a_long_campaign() -> None:
    whale = Lane(id=1, connection="x", account_id="1", in_flight=0, due=list(range(8)))
    single = Lane(id=2, connection="x", account_id="2", in_flight=0, due=[100])
    quotas = Quotas(total=2, per_lane=8, connections={"x": 10}, lanes={1: 8, 2: 8})
    assert choose([whale, single], quotas) == [0, 100]
