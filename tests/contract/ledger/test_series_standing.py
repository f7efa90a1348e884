"""Series whose account cannot post, or which are paused from above: one post to make up for."""

from datetime import datetime

import pytest

from shared.domain.account import Account
from shared.domain.pause import Pausable, Target
from shared.domain.settlement import Hold
from shared.domain.states import State
from shared.ledger import Ledger
from shared.ledger.accounts import SyncResult
from shared.ledger.jobs import JobFilter
from shared.ledger.occurrences import REPLACED
from tests.contract.ledger.building import NOW, SECOND, folded
from tests.contract.ledger.recurring import asked, at, run_ats, tick


def list_account(ledger: Ledger, now: datetime, *, can_post: bool) -> SyncResult:
    account = Account(
        account_id="a1", platform="instagram", username="rye", can_post=can_post, reason="expired"
    )
    return ledger.accounts.sync("wonda", "wonda", [account], now=now, by="test")


def test_an_occurrence_of_an_account_that_cannot_post_is_held_at_once(ledger: Ledger) -> None:
    ledger.series.add(asked(), now=NOW)
    list_account(ledger, NOW, can_post=False)
    [made] = tick(ledger, NOW)
    assert made

    job = ledger.jobs.get(made)
    assert (job.state, job.hold, job.reason) == (State.HELD, Hold.ACCOUNT, "expired")
    assert folded(ledger, made) is State.HELD


def test_an_account_that_recovers_has_one_post_to_make_up_for(ledger: Ledger) -> None:
    ledger.series.add(asked(), now=NOW)
    list_account(ledger, NOW, can_post=False)
    for hour in range(12, 20):
        tick(ledger, at(hour) + SECOND)
        list_account(ledger, at(hour) + SECOND, can_post=False)

    assert list_account(ledger, at(19) + 2 * SECOND, can_post=True).resumed == 2
    assert run_ats(ledger, State.SCHEDULED) == [at(19), at(20)]
    replaced = ledger.jobs.page(JobFilter(states=(State.CANCELLED,)), 100)
    assert {each.reason for each in replaced} == {REPLACED}
    assert run_ats(ledger, State.CANCELLED) == [at(hour) for hour in range(13, 19)]


PAUSED = [
    Target(Pausable.CAMPAIGN, "bread"),
    Target(Pausable.ACCOUNT, "wonda", "a1"),
    Target(Pausable.CONNECTION, "wonda"),
    Target(Pausable.PROVIDER, "wonda"),
]


@pytest.mark.parametrize("target", PAUSED, ids=[each.kind for each in PAUSED])
def test_what_is_resumed_has_one_post_to_make_up_for(ledger: Ledger, target: Target) -> None:
    ledger.series.add(asked(), now=NOW)
    ledger.pauses.pause(target, why="", now=NOW, by="test", connections=["wonda"])
    for hour in range(12, 20):
        tick(ledger, at(hour) + SECOND)

    assert run_ats(ledger, State.SCHEDULED) == [at(19), at(20)]


def test_what_only_waits_for_its_turn_is_not_replaced(ledger: Ledger) -> None:
    ledger.series.add(asked(), now=NOW)
    for hour in range(12, 16):
        tick(ledger, at(hour) + SECOND)

    assert run_ats(ledger, State.SCHEDULED) == [at(13), at(14), at(15), at(16)]


@pytest.mark.parametrize("ends", ["pause", "remove"])
def test_a_job_held_for_its_account_goes_with_its_series(ledger: Ledger, ends: str) -> None:
    ledger.series.add(asked(), now=NOW)
    [made] = tick(ledger, NOW)
    assert made
    assert list_account(ledger, NOW, can_post=False).held == 1
    getattr(ledger.series, ends)("rye", now=NOW, by="test")

    assert ledger.jobs.get(made).state is State.CANCELLED
    assert list_account(ledger, NOW, can_post=True).resumed == 0
