"""After an outage the backlog drains paced: inside the limit, most urgent first, as foretold."""

from collections import Counter as Count
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from shared.domain.campaign import CampaignRules, Priority
from shared.domain.limit import Call, Limit, Reply, Scope, Window
from shared.domain.outcome import Receipt
from shared.domain.release import LOOK_AHEAD, read_late_policy
from shared.domain.settlement import Hold, Settlement
from shared.domain.states import State
from shared.producer.draining import Drain, foretell
from shared.producer.explaining import explain
from shared.producer.explanation import Explanation
from shared.producer.facts import gather
from tests.support.dispatching import Counter, counter
from tests.support.sqlite import fresh_ledger

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
TEN = 10
HIGH, NORMAL = CampaignRules(priority=Priority.HIGH), CampaignRules()

SHAPES = pytest.mark.parametrize("shape", [Window.FIXED, Window.SLIDING])


class Outage:
    """An hour in which nothing ran, and what is sent after it, second by second."""

    def __init__(self, desk: Counter) -> None:
        self.desk = desk
        self.over = desk.in_(hours=1)
        #: When each job was sent.
        self.sent: dict[int, datetime] = {}
        self.at_worker: list[int] = []

    def missed(self, campaign: str, count: int, rules: CampaignRules, account: str) -> list[int]:
        """Put in jobs whose times lie apart in the hour, and are all missed."""
        return [
            job
            for number in range(count)
            for job in self.desk.add(
                campaign=campaign,
                rules=rules,
                account=account,
                ref=f"{campaign} {account} {number}",
                run_at=self.desk.in_(minutes=number),
            )
        ]

    def ends(self) -> None:
        self.desk.clock.move(self.over - self.desk.clock.now())

    def drain(self, seconds: int) -> list[int]:
        """Tick each second, send as the limits admit, and return how many were rung for each."""
        waves = []
        for _ in range(seconds):
            rung = self.desk.tick()
            waves.append(len(rung))
            self.at_worker = [each for each in self.at_worker + rung if not self._sends(each)]
            self.desk.clock.move(SECOND)
        return waves

    def _sends(self, job_id: int) -> bool:
        """Send a job unless its worker has to wait, never longer than the look-ahead."""
        now = self.desk.clock.now()
        job = self.desk.ledger.jobs.get(job_id)
        scope = Scope(job.connection, job.post.account_id)
        admission = self.desk.limiter.admit(scope, Call.PUBLISH, 1, now)
        if not admission.granted:
            assert admission.until is not None
            assert admission.until <= now + LOOK_AHEAD
            return False
        (job,) = self.desk.claim(job_id)
        self.desk.ledger.claims.open_attempt(job, {}, now=now)
        self.desk.limiter.learn(scope, Call.PUBLISH, Reply(status=200, received_at=now))
        receipt = Receipt(publish_id=f"publish of {job_id}", provider_status="done")
        published = Settlement(
            to=State.SUCCEEDED, why="published", outcome="succeeded", receipt=receipt
        )
        self.desk.ledger.claims.settle(job, published, now=now, by="w")
        self.sent[job_id] = now
        return True

    def order(self, ids: list[int]) -> list[int]:
        """Return those of the jobs that were sent, in the order in which they were."""
        return [each for each in self.sent if each in set(ids)]

    def foretold(self, campaign: str) -> Drain:
        ledger, limiter = self.desk.ledger, self.desk.limiter
        drain = foretell(campaign, self.desk.clock.now(), ledger, lambda: limiter)
        assert drain is not None
        return drain

    def explained(self, job_id: int) -> Explanation:
        desk = self.desk
        job, now = desk.ledger.jobs.get(job_id), desk.clock.now()
        return explain(gather(job, now, desk.ledger, desk.connections, lambda: desk.limiter))


@pytest.fixture
def outage(tmp_path: Path) -> Iterator[Outage]:
    with counter(fresh_ledger(tmp_path / "dropline.db")) as desk:
        yield Outage(desk)


def per_minute(shape: Window = Window.FIXED) -> list[Limit]:
    return [Limit(requests=TEN, per=MINUTE, window=shape)]


def most_in_a_minute(times: list[datetime]) -> int:
    return max(sum(start <= each < start + MINUTE for each in times) for start in times)


@SHAPES
def test_a_backlog_drains_paced_and_never_beyond_the_limit(outage: Outage, shape: Window) -> None:
    outage.desk.limits = per_minute(shape)
    ids = [
        *outage.missed("urgent", 12, HIGH, "a1"),
        *outage.missed("usual", 12, NORMAL, "a1"),
        *outage.missed("usual", 6, NORMAL, "a2"),
    ]
    outage.ends()

    outage.drain(seconds=150)

    assert set(outage.sent) == set(ids)
    assert most_in_a_minute(list(outage.sent.values())) <= TEN
    # Thirty at ten a minute: the third window empties the backlog, and none of them is wasted.
    assert max(outage.sent.values()) - outage.over <= 2 * MINUTE + 10 * SECOND


def test_the_most_urgent_go_first_by_their_weight_and_nobody_starves(outage: Outage) -> None:
    outage.desk.limits = per_minute()
    urgent = outage.missed("urgent", 30, HIGH, "a1")
    usual = outage.missed("usual", 30, NORMAL, "a2")
    outage.ends()

    outage.drain(seconds=125)

    shares = Count("urgent" if each in urgent else "usual" for each in outage.sent)
    assert shares["urgent"] == pytest.approx(24, abs=2)
    assert shares["usual"] == pytest.approx(6, abs=2)
    assert outage.order(urgent) == urgent[: shares["urgent"]]
    assert outage.order(usual) == usual[: shares["usual"]]


def test_of_a_campaign_the_longest_due_goes_first_where_room_comes_one_by_one(
    outage: Outage,
) -> None:
    outage.desk.limits = [Limit(requests=1, per=6 * SECOND, window=Window.SLIDING)]
    young, old = (outage.desk.in_(minutes=each) for each in (40, 10))
    later = outage.desk.add(6, account="a1", run_at=young)
    sooner = outage.desk.add(6, account="a2", run_at=old)
    outage.ends()

    outage.drain(seconds=80)

    assert list(outage.sent) == [*sooner, *later]


def test_late_policies_come_before_release(outage: Outage) -> None:
    outage.desk.limits = per_minute()
    skipping = CampaignRules(late=read_late_policy("skip after 30m"))
    holding = CampaignRules(late=read_late_policy("hold after 30m"))
    skipped = outage.missed("skipping", 40, skipping, "a1")
    held = outage.missed("holding", 40, holding, "a2")
    kept = outage.missed("usual", 5, NORMAL, "a3")
    outage.ends()

    outage.desk.tick()

    jobs = {each: outage.desk.ledger.jobs.get(each) for each in (*skipped, *held, *kept)}
    limit = outage.over - 30 * MINUTE
    for each in skipped:
        assert (jobs[each].state is State.FAILED) == (jobs[each].run_at < limit)
    for each in held:
        assert (jobs[each].hold is Hold.LATE) == (jobs[each].run_at < limit)
    assert all(jobs[each].state in {State.SCHEDULED, State.QUEUED} for each in kept)
    assert all(jobs[each].run_at >= limit for each in outage.desk.bell.rung if each not in kept)


def test_what_a_drain_makes_too_late_is_ended_while_it_waits(outage: Outage) -> None:
    outage.desk.limits = per_minute()
    rules = CampaignRules(late=read_late_policy("skip after 61m30s"))
    ids = outage.desk.add(30, campaign="skipping", rules=rules)
    outage.ends()
    last = outage.explained(ids[-1])
    assert last.late is not None
    assert last.late.expected is True

    outage.drain(seconds=100)

    states = [outage.desk.ledger.jobs.get(each).state for each in ids]
    assert states == [State.SUCCEEDED] * 20 + [State.FAILED] * 10


@SHAPES
def test_the_forecast_is_within_one_window_of_what_comes(outage: Outage, shape: Window) -> None:
    outage.desk.limits = per_minute(shape)
    campaigns = {
        "urgent": outage.missed("urgent", 12, HIGH, "a1"),
        "usual": outage.missed("usual", 24, NORMAL, "a2"),
    }
    outage.ends()
    foretold = {name: outage.foretold(name) for name in campaigns}
    explained = {each: outage.explained(each) for ids in campaigns.values() for each in ids}

    outage.drain(seconds=240)

    for name, ids in campaigns.items():
        drain = foretold[name]
        assert (drain.waiting, drain.overdue) == (len(ids), len(ids))
        assert drain.binding == "10 requests per 1m of wonda"
        assert drain.drained_at is not None
        assert abs(drain.drained_at - max(outage.sent[each] for each in ids)) <= MINUTE
    for each, said in explained.items():
        assert said.expected_at is not None
        assert abs(said.expected_at - outage.sent[each]) <= MINUTE


def test_a_forecast_in_the_middle_of_a_drain_counts_what_was_spent(outage: Outage) -> None:
    outage.desk.limits = per_minute()
    ids = outage.missed("usual", 35, NORMAL, "a1")
    outage.ends()
    outage.drain(seconds=75)
    drain = outage.foretold("usual")

    outage.drain(seconds=120)

    assert drain.overdue == 15
    assert drain.drained_at is not None
    assert abs(drain.drained_at - max(outage.sent[each] for each in ids)) <= MINUTE


def test_the_bell_rings_in_waves_no_larger_than_the_limit(outage: Outage) -> None:
    outage.desk.limits = per_minute()
    for account in ("a1", "a2", "a3", "a4", "a5"):
        outage.missed("usual", 20, NORMAL, account)
    outage.ends()

    waves = outage.drain(seconds=125)

    assert max(waves) <= TEN
    assert sum(waves) <= 3 * TEN + TEN
    assert len(outage.sent) == 3 * TEN
