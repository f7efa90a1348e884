"""Edits: what was surely not sent becomes what is asked for, everything else stays."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.audit import audit_job
from shared.domain.campaign import CampaignRules
from shared.domain.editing import Change, content
from shared.domain.job import Job, NewJob
from shared.domain.post import Kind, Media
from shared.domain.release import Lane
from shared.domain.settlement import Hold, Settlement
from shared.domain.states import State
from shared.ledger import Ledger
from tests.contract.ledger.building import (
    ACCEPTED,
    DEFERRED,
    HELD_LOST,
    NOW,
    RETRYING,
    SUCCEEDED,
    UNCERTAIN,
    all_due,
    claimed,
    folded,
    new_job,
    queued,
    release,
    settled,
    statements,
    submit,
)

HOUR = timedelta(hours=1)
LATER = NOW + HOUR


def asked(job: Job, **changes: Any) -> NewJob:
    """The job as it is, with other values of its post or its times."""
    times = {name: changes.pop(name) for name in ("run_at", "not_after") if name in changes}
    as_it_is = content(job)
    return replace(as_it_is, post=replace(as_it_is.post, **changes), **times)


def edit(ledger: Ledger, job_id: int, **changes: Any) -> Change:
    job = ledger.jobs.get(job_id)
    return ledger.edits.apply(job, asked(job, **changes), now=NOW, by="mia")


def held(ledger: Ledger, hold: Hold, ref: str = "one") -> Job:
    [job_id] = submit(ledger, new_job(ref))
    job = ledger.jobs.get(job_id)
    settlement = Settlement(to=State.HELD, why="as the test says", hold=hold)
    assert ledger.moves.apply(job, settlement, now=NOW, by="test")
    return ledger.jobs.get(job_id)


def test_an_edit_changes_the_content_and_says_who_did_it(ledger: Ledger) -> None:
    [job_id] = submit(ledger, new_job("one", run_at=LATER))
    media = (Media(url="https://m.test/a.jpg"),)
    change = edit(ledger, job_id, caption="Rye", media=media, kind=Kind.IMAGE, options={"z": 1})
    job = ledger.jobs.get(job_id)

    assert change.done
    assert change.words == "kind, caption, media, options.z"
    assert (change.fields["caption"].was, change.fields["caption"].now) == ("caption of one", "Rye")
    assert (job.post.caption, job.post.media, job.post.kind) == ("Rye", media, Kind.IMAGE)
    assert job.state is folded(ledger, job_id) is State.SCHEDULED
    event = ledger.jobs.events(job_id)[-1]
    assert (event.by, event.why) == ("mia", "edited: kind, caption, media, options.z")
    attempts, events = ledger.jobs.attempts(job_id), ledger.jobs.events(job_id)
    assert list(audit_job(job, attempts, events)) == []


def test_an_edit_that_changes_nothing_leaves_no_trace(ledger: Ledger) -> None:
    [job_id] = submit(ledger, new_job("one"))

    assert edit(ledger, job_id).done
    assert len(ledger.jobs.events(job_id)) == 1


def test_the_look_of_an_edited_post_counts_for_its_lane(ledger: Ledger) -> None:
    first, second = submit(ledger, new_job("one", caption="same"), new_job("two"))
    assert edit(ledger, second, caption="same").done

    assert [each.job_id for each in release(ledger)] == [first]


def test_a_post_put_off_is_not_released_and_one_put_forward_is(ledger: Ledger) -> None:
    first, second = submit(ledger, new_job("one"), new_job("two", run_at=LATER))
    edit(ledger, first, run_at=LATER)
    edit(ledger, second, run_at=NOW)

    assert [each.job_id for each in release(ledger)] == [second]
    assert [each.job_id for each in release(ledger, now=LATER)] == [first]


@pytest.mark.parametrize("settlement", [DEFERRED, RETRYING])
def test_what_puts_a_post_off_still_does(ledger: Ledger, settlement: Settlement) -> None:
    job = settled(ledger, settlement)
    assert settlement.due_at
    assert edit(ledger, job.id, run_at=NOW - HOUR).done
    assert ledger.jobs.get(job.id).due_at == settlement.due_at
    assert edit(ledger, job.id, run_at=LATER).done
    assert ledger.jobs.get(job.id).due_at == LATER


@pytest.mark.parametrize("hold", [Hold.ACCOUNT, Hold.RESCUE, Hold.LATE, Hold.PAUSE])
def test_what_is_held_unsent_may_be_edited(ledger: Ledger, hold: Hold) -> None:
    job = held(ledger, hold)

    assert edit(ledger, job.id, caption="Rye").done
    assert ledger.jobs.get(job.id).post.caption == "Rye"
    assert folded(ledger, job.id) is State.HELD


@pytest.mark.parametrize(
    ("settlement", "why"),
    [
        (HELD_LOST, "it may be live"),
        (UNCERTAIN, "it is on its way: it is uncertain"),
        (ACCEPTED, "it is on its way: it is in_progress"),
        (SUCCEEDED, "it has ended: it is succeeded"),
    ],
)
def test_what_may_be_out_stays_as_it_is(ledger: Ledger, settlement: Settlement, why: str) -> None:
    job = settled(ledger, settlement)
    change = edit(ledger, job.id, caption="Rye")

    assert (change.done, change.why) == (False, why)
    assert ledger.jobs.get(job.id).post == job.post


def test_what_workers_have_stays_as_it_is(ledger: Ledger) -> None:
    for job in (queued(ledger, "one"), claimed(ledger, "two", account="a2")):
        change = edit(ledger, job.id, caption="Rye")
        assert (change.done, "on its way" in change.why) == (False, True)


def test_a_replay_repeats_the_same_bytes(ledger: Ledger) -> None:
    job = settled(ledger, UNCERTAIN)
    again = Settlement(to=State.QUEUED, why="once more", replay=True)
    assert ledger.moves.apply(job, again, now=NOW, by="test")
    back = Settlement(to=State.SCHEDULED, why="handed back")
    assert ledger.moves.apply(ledger.jobs.get(job.id), back, now=NOW, by="test")

    assert edit(ledger, job.id, caption="Rye").why == "it may be live"


def test_another_account_is_another_job(ledger: Ledger) -> None:
    [job_id] = submit(ledger, new_job("one"))
    change = edit(ledger, job_id, account_id="a2")

    assert not change.done
    assert change.why.startswith("its account cannot be changed")


def test_an_edit_of_what_changed_meanwhile_is_refused(ledger: Ledger) -> None:
    [job_id] = submit(ledger, new_job("one"))
    seen = ledger.jobs.get(job_id)
    assert edit(ledger, job_id, caption="Rye").done
    change = ledger.edits.apply(seen, asked(seen, caption="Oats"), now=NOW, by="eve")

    assert (change.done, "moved just now" in change.why) == (False, True)
    assert ledger.jobs.get(job_id).post.caption == "Rye"


def test_an_edit_waits_for_a_release_and_finds_the_job_gone(ledger: Ledger) -> None:
    [job_id] = submit(ledger, new_job("one"))
    done: list[Change] = []
    editing = threading.Thread(target=lambda: done.append(edit(ledger, job_id, run_at=LATER)))

    def choose(lanes: Sequence[Lane]) -> Sequence[int]:
        editing.start()
        editing.join(0.2)
        assert not done, "the edit passed a release by"
        return all_due(lanes)

    assert [each.job_id for each in release(ledger, choose)] == [job_id]
    editing.join(10)
    assert not done[0].done
    assert ledger.jobs.get(job_id).run_at == NOW


def test_where_order_is_kept_an_edit_gives_its_turn_to_the_next(ledger: Ledger) -> None:
    jobs = [new_job("one"), new_job("two", run_at=NOW + timedelta(seconds=1))]
    first, second = ledger.campaigns.submit(
        "spring", jobs, rules=CampaignRules(ordered=True), now=NOW, by="test"
    ).added
    held_first = Settlement(to=State.HELD, why="paused", hold=Hold.PAUSE)
    assert ledger.moves.apply(ledger.jobs.get(first), held_first, now=NOW, by="test")
    soon = NOW + timedelta(seconds=2)
    assert release(ledger, now=soon) == []
    assert edit(ledger, first, run_at=LATER).done

    assert [each.job_id for each in release(ledger, now=soon)] == [second]


def test_a_submission_with_update_adds_changes_and_says_what_stays(ledger: Ledger) -> None:
    first, second, _ = submit(ledger, *(new_job(ref, run_at=LATER) for ref in ("a", "b", "c")))
    release(ledger, lambda _: [second], now=LATER)
    rows = [
        new_job("a", caption="Rye", run_at=NOW),
        new_job("b", caption="Oats", run_at=LATER),
        new_job("c", run_at=LATER),
        new_job("d", run_at=LATER),
    ]
    done = ledger.campaigns.submit("spring", rows, update=True, now=NOW, by="mia")

    assert (len(done.added), done.unchanged, done.changed) == (1, 1, ["a", "b"])
    assert [(each.job_id, each.words, each.done) for each in done.changes] == [
        (first, "caption, run_at", True),
        (second, "caption", False),
    ]
    assert "on its way" in done.changes[1].why
    assert ledger.jobs.get(first).post.caption == "Rye"
    assert ledger.jobs.get(second).post.caption == "caption of b"
    again = ledger.campaigns.submit("spring", rows, update=True, now=NOW, by="mia")
    assert (again.added, again.unchanged, again.changed) == ([], 3, ["b"])


def test_without_update_what_differs_is_named_by_field_and_stays(ledger: Ledger) -> None:
    [job_id] = submit(ledger, new_job("a", run_at=LATER))
    done = ledger.campaigns.submit(
        "spring", [new_job("a", caption="Rye", run_at=NOW)], now=NOW, by="mia"
    )

    [change] = done.changes
    assert (change.job_id, change.words, change.done) == (job_id, "caption, run_at", False)
    assert done.lanes == set()
    assert ledger.jobs.get(job_id).run_at == LATER


def test_a_large_submission_is_one_transaction_in_parts(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.ledger.submission._TOGETHER", 4)
    rows = [new_job(f"r{at}", account=f"a{at % 3}", run_at=LATER) for at in range(10)]
    with statements(ledger) as said:
        done = ledger.campaigns.submit("spring", iter([*rows, rows[0]]), now=NOW, by="test")

    assert (len(done.added), done.unchanged, done.existing) == (10, 1, [])
    assert len(done.lanes) == 3
    inserts = [sql for sql, _ in said if sql.startswith("INSERT INTO job")]
    assert len(inserts) in {0, 3}, "a COPY, or one INSERT for each part"
    assert len(release(ledger, now=LATER)) == 10


def test_a_submission_that_fails_half_way_leaves_nothing(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.ledger.submission._TOGETHER", 2)

    def broken() -> Any:
        yield from (new_job(f"r{at}") for at in range(5))
        raise RuntimeError("the disk is gone")

    with pytest.raises(RuntimeError, match="the disk is gone"):
        ledger.campaigns.submit("spring", broken(), now=NOW, by="test")
    assert ledger.campaigns.list() == []
    assert release(ledger) == []
