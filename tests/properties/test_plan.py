"""Plans, whatever is asked: inside every window, never early, the same again."""

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.campaign import CampaignRules, Priority
from shared.domain.limit import Limit, Reach, Unit, Window
from shared.plan.model import Question, Trouble
from shared.plan.outcome import plan
from shared.plan.simulation import Simulation
from tests.support.plans import SECOND, jobs, model, question

LIMITS = st.lists(
    st.builds(
        lambda figure, seconds, unit, reach: Limit(
            requests=figure,
            per=timedelta(seconds=seconds),
            unit=unit,
            window=Window.SLIDING,
            reach=reach,
        ),
        st.integers(3, 8),
        st.integers(5, 90),
        st.sampled_from([Unit.POSTS, Unit.CONTAINERS, Unit.REQUESTS]),
        st.sampled_from(Reach),
    ),
    max_size=3,
)

RULES = st.builds(
    lambda priority, ordered, spacing, jitter: CampaignRules(
        priority=priority, ordered=ordered, spacing=spacing * SECOND, jitter=jitter * SECOND
    ),
    st.sampled_from(Priority),
    st.booleans(),
    st.integers(0, 20),
    st.integers(0, 10),
)

QUESTIONS = st.builds(
    lambda count, accounts, apart, slides, limits, rules, failing, seed: question(
        jobs(count, accounts, apart=apart * SECOND, slides=slides),
        model(*limits),
        rules=rules,
        trouble=Trouble(failing=failing),
        seed=seed,
        places=4,
    ),
    st.integers(1, 25),
    st.integers(1, 5),
    st.integers(0, 7),
    st.integers(0, 2),
    LIMITS,
    RULES,
    st.sampled_from([0.0, 0.2]),
    st.integers(0, 3),
)


def overshot(taken: list[tuple[datetime, int]], figure: int, per: timedelta) -> bool:
    """Count each window of the length that begins at a request, one by one."""
    return any(
        sum(cost for at, cost in taken if begin <= at < begin + per) > figure for begin, _ in taken
    )


@given(QUESTIONS)
@settings(deadline=None, max_examples=40)
def test_no_window_is_overshot_and_nothing_leaves_early(asked: Question) -> None:
    simulation = Simulation(asked)
    simulation.run()
    for name, taken in simulation.windows.taken.items():
        limit = simulation.windows.gauges[name].limit
        assert not overshot(list(taken), limit.requests, limit.per), name
    for each in simulation.jobs:
        assert each.is_over
        if each.job.first_sent_at is not None:
            assert each.job.first_sent_at >= each.job.run_at


@given(QUESTIONS)
@settings(deadline=None, max_examples=15)
def test_the_same_question_has_the_same_answer(asked: Question) -> None:
    assert plan(asked) == plan(asked)
