"""What a stopping worker claimed and did not begin, or did not claim, goes back at once."""

from shared.domain.settlement import Settlement
from shared.domain.states import State
from shared.ledger import Ledger
from tests.contract.ledger.building import (
    NOW,
    UNCERTAIN,
    claim,
    claimed,
    folded,
    queued,
    release,
    settled,
)


def test_claims_that_were_not_begun_go_back_together(ledger: Ledger) -> None:
    begun = [claimed(ledger, f"r{at}", account=f"a{at}") for at in range(3)]

    done = ledger.claims.give_back(begun, why="its worker stops", now=NOW, by="w1")

    assert done == {each.id for each in begun}
    for each in begun:
        back = ledger.jobs.get(each.id)
        assert (back.state, back.reason) == (State.SCHEDULED, "its worker stops")
        assert (back.lease_until, back.attempts) == (None, 0)
        assert folded(ledger, each.id) is State.SCHEDULED
    assert {each.job_id for each in release(ledger)} == done


def test_a_claim_that_is_not_the_last_one_gives_nothing_back(ledger: Ledger) -> None:
    lost = claimed(ledger, "lost")
    back = Settlement(to=State.SCHEDULED, why="rescued", due_at=NOW)
    ledger.claims.settle(lost, back, now=NOW, by="rescue")
    release(ledger)
    [again] = claim(ledger, lost.id)
    unwanted = claimed(ledger, "unwanted", account="a2")
    assert ledger.jobs.request_cancel(unwanted.id, ask=False, now=NOW, by="ann")

    assert ledger.claims.give_back([lost, unwanted], why="stop", now=NOW, by="w1") == set()
    assert ledger.jobs.get(lost.id) == again
    ledger.claims.settle(unwanted, back, now=NOW, by="w1")
    assert ledger.jobs.get(unwanted.id).state is State.CANCELLED


def test_what_is_queued_still_is_released_anew(ledger: Ledger) -> None:
    waits, taken = queued(ledger, "waits"), claimed(ledger, "taken", account="a2")
    replayed = settled(ledger, UNCERTAIN, "replayed", account="a3")
    again = Settlement(to=State.QUEUED, why="replayed", replay=True)
    assert ledger.moves.apply(replayed, again, now=NOW, by="reconcile")
    ids = [waits.id, taken.id, replayed.id]

    ledger.claims.return_queued(ids, why="its worker stops", now=NOW, by="w1")

    states = [ledger.jobs.get(each).state for each in ids]
    assert states == [State.SCHEDULED, State.PUBLISHING, State.QUEUED]
    assert ledger.jobs.get(waits.id).due_at == waits.due_at
    assert [each.job_id for each in release(ledger)] == [waits.id]
