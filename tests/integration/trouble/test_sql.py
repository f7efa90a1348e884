"""SQL in trouble: nothing is sent without its attempt on record, and no answer is dropped."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from shared.domain.job import Job, NewJob
from shared.domain.post import Kind, Post
from shared.domain.states import State
from shared.errors import PartUnreachable
from shared.ledger import Ledger
from tests.integration.trouble.troubles import (
    CommitUnheard,
    DiskFull,
    Locked,
    PatientClock,
    Restarting,
    Terminated,
    Trouble,
)
from tests.support.model_parts import ModelParts, ModelScheduler, ModelWorker
from tests.support.model_service import Fate
from tests.support.tcp_proxy import TcpProxy
from worker.leases import Claim

#: Longer than a page of the file, so that writing it down needs room.
LONG = "a very long story " * 1_000

POSTGRES = ("restarting", "terminated", "commit unheard")
TROUBLES = (*POSTGRES, "locked", "full")


@dataclass
class Site:
    """A worker and a scheduler over a database that can be brought into trouble."""

    parts: ModelParts
    trouble: Trouble
    clock: PatientClock

    def __post_init__(self) -> None:
        self.worker = ModelWorker(self.parts, "worker")
        self.scheduler = ModelScheduler(self.parts, "scheduler")

    def submit(self, ref: str = "one") -> int:
        post = Post(platform="model", account_id="a1", kind=Kind.TEXT, caption=LONG + ref)
        new = NewJob(ref=ref, provider="searching", connection="searching", post=post)
        now = self.clock.now()
        stored = self.parts.ledger.campaigns.submit("test", [new], now=now, by="test")
        return stored.added[0]

    def claimed(self) -> Claim:
        job_id = self.submit()
        self.scheduler.dispatch()
        (claim,) = self.worker.claim([job_id])
        return claim

    def begin(self) -> None:
        self.clock.pauses = 0
        self.clock.trouble = self.trouble
        self.trouble.begin()

    def job(self, job_id: int) -> Job:
        return self.parts.ledger.jobs.get(job_id)

    def assert_published_once(self, job_id: int) -> None:
        """Let the job go on, and count."""
        for _ in range(20):
            for post in self.parts.service.posts:
                post.status = "posted"
            self.scheduler.rescue()
            self.scheduler.dispatch()
            for claim in self.worker.claim([job_id]):
                self.worker.carry_out(claim)
            self.scheduler.reconcile()
            self.scheduler.settle()
            self.clock.move(self.parts.settings.default_policies.retry.first)
        assert self.job(job_id).state is State.SUCCEEDED
        assert len(self.parts.service.posts) == 1
        assert list(self.parts.auditor.ledger_alone()) == []


@pytest.fixture
def site(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Site]:
    monkeypatch.setattr("shared.ledger.engine.BUSY_TIMEOUT_S", 0.05)
    with ExitStack() as stack:
        clock = PatientClock()
        name = request.param
        if name in POSTGRES:
            direct = request.getfixturevalue("postgres_url")
            proxy = stack.enter_context(TcpProxy(make_url(direct).port or 5432))
            url = make_url(direct).set(port=proxy.port).render_as_string(hide_password=False)
        else:
            url = f"sqlite:///{tmp_path}/ledger.db"
            schema = Ledger.open(url)
            schema.schema.upgrade()
            schema.close()
        parts = stack.enter_context(ModelParts(url, clock))
        troubles: dict[str, Trouble] = {}
        if name in POSTGRES:
            troubles["restarting"] = Restarting(proxy)
            troubles["commit unheard"] = CommitUnheard(proxy)
            troubles["terminated"] = Terminated(direct)
        else:
            troubles["locked"] = Locked(f"{tmp_path}/ledger.db")
            troubles["full"] = DiskFull(f"{tmp_path}/ledger.db", parts.ledger)
        yield Site(parts, troubles[name], clock)


@pytest.mark.parametrize("site", TROUBLES, indirect=True)
def test_nothing_is_sent_while_its_attempt_cannot_be_written(site: Site) -> None:
    claim = site.claimed()
    sent_with: list[object] = []
    site.parts.service.on_publish = lambda job_id, _key: sent_with.append(
        site.parts.ledger.jobs.open_attempt(job_id)
    )
    site.begin()
    site.worker.carry_out(claim)
    site.trouble.end()
    assert None not in sent_with
    assert len(site.parts.service.posts) == len(sent_with)
    site.assert_published_once(claim.job.id)


@pytest.mark.parametrize("site", ["restarting", "commit unheard", "full"], indirect=True)
def test_what_was_not_sent_for_want_of_sql_costs_no_attempt(site: Site) -> None:
    claim = site.claimed()
    site.begin()
    site.worker.carry_out(claim)
    job = site.job(claim.job.id)
    assert site.parts.service.posts == []
    assert (job.state, job.attempts) == (State.SCHEDULED, 0)
    assert site.parts.ledger.jobs.open_attempt(job.id) is None


@pytest.mark.parametrize("fate", [Fate.ACCEPTED, Fate.SUCCEEDED])
@pytest.mark.parametrize("site", TROUBLES, indirect=True)
def test_an_answer_that_comes_meanwhile_is_stored_when_sql_is_back(site: Site, fate: Fate) -> None:
    claim = site.claimed()
    site.parts.service.padding = LONG
    site.parts.service.plan.fate = fate
    site.parts.service.plan.meanwhile = site.begin
    site.worker.carry_out(claim)
    (post,) = site.parts.service.posts
    (attempt,) = site.parts.ledger.jobs.attempts(claim.job.id)
    assert attempt.publish_id == post.publish_id
    assert attempt.outcome == str(fate.name).lower()
    job = site.job(claim.job.id)
    assert job.provider_publish_id == post.publish_id
    moves = [event.to_state for event in site.parts.ledger.jobs.events(job.id)]
    assert moves.count(job.state) == 1
    site.assert_published_once(job.id)


@pytest.mark.parametrize("site", ["restarting", "locked"], indirect=True)
def test_a_tick_says_that_sql_is_away_and_the_next_one_goes_on(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.integration.trouble.troubles.PATIENCE", 1_000_000)
    job_id = site.submit()
    before = site.job(job_id)
    site.begin()
    with pytest.raises(PartUnreachable):
        site.scheduler.dispatch()
    with pytest.raises(PartUnreachable):
        site.submit("two")
    site.trouble.end()
    assert site.job(job_id) == before
    assert [record.job.ref for record in site.parts.ledger.audits.page(0, 10)] == ["one"]
    site.assert_published_once(job_id)


@pytest.mark.parametrize("site", POSTGRES, indirect=True)
def test_a_submission_whose_commit_was_not_heard_is_there_once(site: Site) -> None:
    site.begin()
    for _ in range(5):
        try:
            site.submit("one")
        except (PartUnreachable, IndexError):
            site.trouble.end()
    records = site.parts.ledger.audits.page(0, 10)
    assert [record.job.ref for record in records] == ["one"]
