"""All of a campaign, account, connection or provider cancelled, each job as far as it came."""

from dataclasses import replace

import pytest

from shared.domain.pause import Pausable, Target
from shared.domain.settlement import Hold, Settlement
from shared.domain.states import State
from shared.errors import UnknownName
from shared.ledger import Ledger
from shared.ledger.cancels import Cancelled
from shared.ledger.jobs import JobFilter
from tests.contract.ledger.building import (
    ACCEPTED,
    DEFERRED,
    FAILED,
    HELD_LOST,
    NOW,
    RETRYING,
    SECOND,
    SUCCEEDED,
    UNCERTAIN,
    at_once,
    claim,
    claimed,
    folded,
    new_job,
    publishing_as,
    queued,
    release,
    settled,
    submit,
)
from tests.contract.ledger.conftest import OpenLedger

SPRING = Target(Pausable.CAMPAIGN, "spring")


def cancel(ledger: Ledger, *able: str) -> Cancelled:
    return ledger.cancels.all_of(SPRING, able=able, now=NOW + SECOND, by="mia")


def state(ledger: Ledger, job_id: int) -> State:
    return ledger.jobs.get(job_id).state


def test_what_was_not_sent_is_in_time(ledger: Ledger) -> None:
    [waits] = submit(ledger, new_job("waits", account="a1"))
    retrying = settled(ledger, RETRYING, "again", account="a2").id
    unfit = queued(ledger, "unfit", account="a3")
    held = Settlement(to=State.HELD, why="disconnected", hold=Hold.ACCOUNT)
    assert ledger.moves.apply(unfit, held, now=NOW, by="test")
    handed = queued(ledger, "handed", account="a4").id
    [other] = submit(ledger, new_job("other"), campaign="autumn")
    ids = [waits, retrying, unfit.id, handed]

    assert cancel(ledger) == Cancelled(in_time=4)
    assert {state(ledger, each) for each in ids} == {State.CANCELLED}
    assert {folded(ledger, each) for each in ids} == {State.CANCELLED}
    assert [ledger.jobs.events(each)[-1].by for each in ids] == ["mia"] * 4
    assert claim(ledger, handed) == []
    assert state(ledger, other) is State.SCHEDULED
    assert cancel(ledger) == Cancelled(ended=4)


def test_what_is_at_a_provider_is_asked_for_where_that_can_cancel(ledger: Ledger) -> None:
    accepted = publishing_as(ACCEPTED, "pub-2")
    asked = settled(ledger, ACCEPTED, "one", account="a1")
    late = settled(ledger, accepted, "two", account="a2", connection="agency")

    assert cancel(ledger, "wonda") == Cancelled(asked=[asked.id], at_provider=1)
    now = NOW + SECOND
    taken = ledger.polls.cancels(now=now, limit=10, lease=SECOND)
    assert [each.id for each in taken] == [asked.id]
    assert {state(ledger, each.id) for each in (asked, late)} == {State.IN_PROGRESS}


def test_what_is_being_sent_is_cancelled_should_it_have_to_wait_again(ledger: Ledger) -> None:
    sent, accepted = claimed(ledger, "one"), claimed(ledger, "two", account="a2")

    assert cancel(ledger, "wonda") == Cancelled(being_sent=2)
    ledger.claims.settle(sent, DEFERRED, now=NOW, by="w1")
    ledger.claims.settle(accepted, ACCEPTED, now=NOW, by="w1")

    assert state(ledger, sent.id) is State.CANCELLED
    assert state(ledger, accepted.id) is State.IN_PROGRESS
    taken = ledger.polls.cancels(now=NOW + SECOND, limit=10, lease=SECOND)
    assert [each.id for each in taken] == [accepted.id]


def test_what_may_be_live_is_not_called_cancelled(ledger: Ledger) -> None:
    lost = settled(ledger, UNCERTAIN, "lost", account="a1")
    held = settled(ledger, HELD_LOST, "held", account="a2")
    replayed = settled(ledger, UNCERTAIN, "replayed", account="a3")
    again = Settlement(to=State.QUEUED, why="replayed", replay=True)
    assert ledger.moves.apply(replayed, again, now=NOW, by="reconcile")
    settled(ledger, SUCCEEDED, "out", account="a4")
    settled(ledger, FAILED, "wrong", account="a5")

    assert cancel(ledger) == Cancelled(being_sent=1, doubtful=2, ended=2)
    assert [state(ledger, each.id) for each in (lost, held, replayed)] == [
        State.UNCERTAIN,
        State.HELD,
        State.QUEUED,
    ]
    absent = replace(RETRYING, outcome=None)
    assert ledger.moves.apply(ledger.jobs.get(lost.id), absent, now=NOW, by="reconcile")
    assert state(ledger, lost.id) is State.CANCELLED


@pytest.mark.parametrize(
    ("target", "left"),
    [
        (Target(Pausable.ACCOUNT, "wonda", "a1"), {"account", "connection", "provider"}),
        (Target(Pausable.CONNECTION, "wonda"), {"connection", "provider"}),
        (Target(Pausable.PROVIDER, "wonda"), {"provider"}),
    ],
    ids=["account", "connection", "provider"],
)
def test_what_is_cancelled_reaches_over_campaigns_and_no_further(
    ledger: Ledger, target: Target, left: set[str]
) -> None:
    submit(ledger, new_job("one", account="a1"))
    submit(ledger, new_job("two", account="a1"), campaign="autumn")
    submit(ledger, new_job("account", account="a2"))
    submit(ledger, new_job("connection", account="a1", connection="agency"))
    submit(ledger, new_job("provider", account="a1", provider="genviral", connection="genviral"))
    settled(ledger, SUCCEEDED, "out", account="a1")

    done = ledger.cancels.all_of(target, able=[], now=NOW, by="mia")

    assert done == Cancelled(in_time=5 - len(left))
    jobs = ledger.jobs.page(JobFilter(states=[State.SCHEDULED]), limit=10, before=None)
    assert {each.ref for each in jobs} == left
    again = ledger.cancels.all_of(target, able=[], now=NOW, by="mia")
    assert again == Cancelled()


def test_an_unknown_campaign_is_an_error(ledger: Ledger) -> None:
    with pytest.raises(UnknownName):
        ledger.cancels.all_of(Target(Pausable.CAMPAIGN, "nowhere"), able=[], now=NOW, by="mia")


def test_of_a_cancel_and_claims_at_once_each_job_has_one(open_ledger: OpenLedger) -> None:
    ledgers = [open_ledger() for _ in range(3)]
    submit(ledgers[0], *(new_job(f"r{at}", account=f"a{at}") for at in range(12)))
    ids = [each.job_id for each in release(ledgers[0])]

    def stop() -> int:
        return cancel(ledgers[0]).in_time

    stopped, *claims = at_once(
        stop,
        lambda: len(claim(ledgers[1], *ids[::2])),
        lambda: len(claim(ledgers[2], *ids[1::2])),
    )

    assert stopped + sum(claims) == len(ids) == 12
    states = [state(ledgers[0], each) for each in ids]
    assert states.count(State.CANCELLED) == stopped
    assert states.count(State.PUBLISHING) == sum(claims)
