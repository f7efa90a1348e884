"""The choice of dispatch stays inside every quota and starves nobody."""

import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.release import Lane, Quotas, Stream, choose


def lane(number: int, streams: dict[int, int], *, weight: int = 4, connection: str = "x") -> Lane:
    """Return a lane where each campaign, by number, has so many jobs due."""
    return Lane(
        id=number,
        connection=connection,
        account_id=str(number),
        in_flight=0,
        streams=[
            Stream(
                campaign_id=campaign,
                weight=weight,
                due=[number * 10_000 + campaign * 100 + each for each in range(count)],
            )
            for campaign, count in streams.items()
        ],
    )


def campaign_of(job: int) -> int:
    return job % 10_000 // 100


@st.composite
def ready(draw: st.DrawFn) -> tuple[list[Lane], Quotas, random.Random]:
    lanes = [
        Lane(
            id=number,
            connection=draw(st.sampled_from(["x", "y"])),
            account_id=str(number),
            in_flight=draw(st.integers(0, 4)),
            streams=[
                Stream(
                    campaign_id=campaign,
                    weight=draw(st.sampled_from([1, 4, 16])),
                    due=[number * 1000 + campaign * 100 + each for each in range(count)],
                )
                for campaign, count in enumerate(draw(st.lists(st.integers(0, 8), max_size=3)))
            ],
        )
        for number in range(draw(st.integers(0, 8)))
    ]
    quotas = Quotas(
        total=draw(st.integers(0, 30)),
        per_lane=draw(st.integers(1, 8)),
        connections={"x": draw(st.integers(-2, 20)), "y": draw(st.integers(-2, 20))},
        lanes={each.id: draw(st.integers(0, 8)) for each in lanes},
    )
    return lanes, quotas, random.Random(draw(st.integers(0, 9)))


@given(ready())
def test_no_quota_is_overshot_and_no_job_is_chosen_twice(
    case: tuple[list[Lane], Quotas, random.Random],
) -> None:
    lanes, quotas, chance = case
    chosen = choose(lanes, quotas, chance)
    assert len(chosen) == len(set(chosen)) <= quotas.total
    for each in lanes:
        for stream in each.streams:
            mine = [job for job in chosen if job in stream.due]
            assert mine == list(stream.due[: len(mine)])
        room = min(quotas.per_lane, quotas.lanes[each.id])
        assert len(set(chosen) & set(each.due)) <= max(room - each.in_flight, 0)
    for name, quota in quotas.connections.items():
        of_connection = {job for each in lanes if each.connection == name for job in each.due}
        assert len(of_connection & set(chosen)) <= max(quota, 0)


@given(ready())
def test_room_is_left_only_where_nothing_may_go(
    case: tuple[list[Lane], Quotas, random.Random],
) -> None:
    lanes, quotas, chance = case
    chosen = set(choose(lanes, quotas, chance))
    if len(chosen) == quotas.total:
        return
    for each in lanes:
        of_connection = {
            job for other in lanes if other.connection == each.connection for job in other.due
        }
        room = min(quotas.per_lane, quotas.lanes[each.id]) - each.in_flight
        taken = len(chosen & set(each.due))
        full = len(of_connection & chosen) >= quotas.connections[each.connection]
        assert full or taken >= room or taken == len(each.due)


def one_slot(lanes: list[Lane], rounds: int = 2_000) -> Counter[int]:
    """Return how often each campaign got the only slot of a tick."""
    quotas = Quotas(total=1, per_lane=8, connections={"x": 1}, lanes={each.id: 8 for each in lanes})
    chance = random.Random(1)
    return Counter(campaign_of(choose(lanes, quotas, chance)[0]) for _ in range(rounds))


def test_a_long_campaign_and_a_single_post_share_a_slot_evenly() -> None:
    whale = [lane(number, {1: 8}) for number in range(1, 20)]
    got = one_slot([*whale, lane(20, {2: 1})])
    assert 900 < got[2] < 1_100


def test_campaigns_of_one_account_share_it_evenly() -> None:
    got = one_slot([lane(1, {1: 8, 2: 1, 3: 1})])
    assert min(got.values()) > 2_000 / 3 * 0.9


def test_priority_is_a_share_and_the_low_ones_get_theirs() -> None:
    lanes = [lane(1, {1: 8}, weight=16), lane(2, {2: 8}, weight=4), lane(3, {3: 8}, weight=1)]
    quotas = Quotas(
        total=21, per_lane=21, connections={"x": 21}, lanes=dict.fromkeys((1, 2, 3), 21)
    )
    long = [
        Lane(
            id=each.id,
            connection="x",
            account_id=each.account_id,
            in_flight=0,
            streams=[
                Stream(
                    campaign_id=stream.campaign_id,
                    weight=stream.weight,
                    due=[each.id * 10_000 + stream.campaign_id * 100 + n for n in range(50)],
                )
                for stream in each.streams
            ],
        )
        for each in lanes
    ]
    got = Counter(campaign_of(job) for job in choose(long, quotas, random.Random(3)))
    assert abs(got[1] - 16) <= 1
    assert abs(got[2] - 4) <= 1
    assert abs(got[3] - 1) <= 1


def test_connections_take_turns() -> None:
    lanes = [lane(1, {1: 8}, connection="x"), lane(2, {1: 8}, connection="y")]
    quotas = Quotas(total=6, per_lane=8, connections={"x": 9, "y": 9}, lanes={1: 8, 2: 8})
    chosen = choose(lanes, quotas, random.Random(0))
    assert Counter(job // 10_000 for job in chosen) == {1: 3, 2: 3}


@given(st.lists(st.integers(0, 9), min_size=1, max_size=8), st.integers(0, 99))
def test_of_a_campaign_s_lanes_the_longest_due_comes_first(minutes: list[int], seed: int) -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    lanes = [
        replace(of, streams=[replace(of.streams[0], first_due=noon + timedelta(minutes=minute))])
        for number, minute in enumerate(minutes)
        for of in [lane(number, {0: 1})]
    ]
    rooms = {each.id: 8 for each in lanes}
    quotas = Quotas(total=99, per_lane=8, connections={"x": 1}, lanes=rooms)
    (first,) = choose(lanes, quotas, random.Random(seed))
    assert minutes[first // 10_000] == min(minutes)


def test_of_lanes_as_long_due_each_comes_first_sometimes() -> None:
    lanes = [lane(number, {0: 1}) for number in range(4)]
    quotas = Quotas(total=99, per_lane=8, connections={"x": 1}, lanes=dict.fromkeys(range(4), 8))
    first = {choose(lanes, quotas, random.Random(seed))[0] for seed in range(99)}
    assert len(first) == 4
