from dataclasses import replace
from datetime import timedelta

from shared.domain.account import Account
from shared.domain.post import Kind
from shared.domain.roster import AccountChange, Change
from shared.domain.settlement import Hold, Settlement
from shared.domain.states import State
from shared.ledger import Ledger
from shared.ledger.accounts import (
    NO_LONGER_LISTED,
    RESUMED_APART,
    StoredAccount,
    SyncResult,
)
from tests.contract.ledger.building import (
    DEFERRED,
    NOW,
    SECOND,
    UNCERTAIN,
    at_once,
    claimed,
    folded,
    new_job,
    queued,
    release,
    settled,
    submit,
)
from tests.contract.ledger.conftest import OpenLedger

FULL = Account(
    account_id="a1",
    platform="tiktok",
    username="näme",
    display_name="Some One 🙂",
    can_post=True,
    reason="",
    inbox_only=True,
    account_type="byo",
    caption_max=2200,
    kinds=frozenset({Kind.VIDEO, Kind.CAROUSEL}),
)
OTHER = Account(account_id="a2", platform="instagram", username="other")
SICK = replace(FULL, can_post=False, reason="reconnect it")
LATER = NOW + timedelta(minutes=10)


def sync(ledger: Ledger, *accounts: Account, connection: str = "wonda") -> SyncResult:
    return ledger.accounts.sync(connection, "wonda", accounts, now=LATER, by="accounts")


def test_an_account_comes_back_as_it_was_listed(ledger: Ledger) -> None:
    assert sync(ledger, FULL, OTHER) == SyncResult(added=2)

    assert ledger.accounts.list() == [
        StoredAccount(connection="wonda", provider="wonda", account=OTHER, synced_at=LATER),
        StoredAccount(connection="wonda", provider="wonda", account=FULL, synced_at=LATER),
    ]


def test_accounts_are_listed_by_connection_or_provider(ledger: Ledger) -> None:
    sync(ledger, FULL)
    sync(ledger, OTHER, connection="agency")

    assert [each.account for each in ledger.accounts.list(connection="agency")] == [OTHER]
    assert len(ledger.accounts.list(provider="wonda")) == 2
    assert ledger.accounts.list(provider="wahdx") == []


def test_a_sync_is_dated_even_where_nothing_is_listed(ledger: Ledger) -> None:
    assert ledger.accounts.synced_at("wonda") is None

    assert sync(ledger) == SyncResult()

    assert ledger.accounts.synced_at("wonda") == LATER
    assert ledger.accounts.synced_at("agency") is None


def test_a_sync_tells_what_changed(ledger: Ledger) -> None:
    sync(ledger, FULL, OTHER)

    assert sync(ledger, FULL, OTHER) == SyncResult()
    assert sync(ledger, SICK, OTHER) == SyncResult(changed=1)
    assert sync(ledger, SICK) == SyncResult(gone=1)
    assert sync(ledger, SICK) == SyncResult()


def test_a_sync_names_the_accounts_behind_what_changed(ledger: Ledger) -> None:
    assert [each.change for each in sync(ledger, FULL, OTHER).changes] == [Change.ADDED] * 2
    assert sync(ledger, FULL, OTHER).changes == ()

    renamed = replace(OTHER, username="another")
    assert sync(ledger, SICK, renamed).changes == (
        AccountChange(Change.UNHEALTHY, SICK),
        AccountChange(Change.RENAMED, renamed, was="other"),
    )
    cured = replace(FULL, username="new")
    assert sync(ledger, cured).changes == (
        AccountChange(Change.HEALTHY, cured, was="reconnect it"),
        AccountChange(Change.RENAMED, cured, was="näme"),
        AccountChange(Change.GONE, replace(renamed, can_post=False, reason=NO_LONGER_LISTED)),
    )
    back = replace(renamed, account_type="business")
    assert sync(ledger, cured, back).changes == (
        AccountChange(Change.HEALTHY, back, was=NO_LONGER_LISTED),
    )
    longer = replace(back, caption_max=10)
    assert sync(ledger, cured, longer).changes == (AccountChange(Change.ALTERED, longer),)
    fewer = replace(longer, kinds=frozenset({Kind.VIDEO}))
    assert sync(ledger, cured, fewer).changes == (AccountChange(Change.ALTERED, fewer),)
    assert sync(ledger, cured, fewer) == SyncResult()


def test_an_account_that_is_no_longer_listed_cannot_post(ledger: Ledger) -> None:
    sync(ledger, FULL)

    sync(ledger)

    [stored] = ledger.accounts.list()
    assert stored.account == replace(FULL, can_post=False, reason=NO_LONGER_LISTED)


def test_jobs_of_an_account_that_cannot_post_are_held_and_resumed(ledger: Ledger) -> None:
    [waiting] = submit(ledger, new_job("waiting", run_at=NOW + timedelta(hours=3)))
    waits_queued = queued(ledger, "queued")
    deferred = settled(ledger, DEFERRED, "deferred")
    at_work = claimed(ledger, "at-work")
    uncertain = settled(ledger, UNCERTAIN, "uncertain")
    [elsewhere] = submit(ledger, new_job("elsewhere", account="a2"))
    not_sent = [waiting, waits_queued.id, deferred.id]

    assert sync(ledger, SICK, OTHER).held == 3

    for job_id in not_sent:
        job = ledger.jobs.get(job_id)
        assert (job.state, job.hold, job.reason) == (State.HELD, Hold.ACCOUNT, "reconnect it")
        assert ledger.jobs.events(job_id)[-1].why == "reconnect it"
        assert folded(ledger, job_id) is State.HELD
    assert ledger.jobs.get(at_work.id).state is State.PUBLISHING
    assert ledger.jobs.get(uncertain.id).state is State.UNCERTAIN
    assert ledger.jobs.get(elsewhere).state is State.SCHEDULED
    assert ledger.campaigns.held("spring") == [("reconnect it", 3)]

    assert sync(ledger, FULL, OTHER).resumed == 3

    for job_id in not_sent:
        job = ledger.jobs.get(job_id)
        assert (job.state, job.hold) == (State.SCHEDULED, None)
        assert folded(ledger, job_id) is State.SCHEDULED
    assert ledger.jobs.get(waiting).due_at == NOW + timedelta(hours=3)
    assert ledger.jobs.get(waits_queued.id).due_at == LATER
    assert ledger.jobs.get(deferred.id).due_at == LATER + RESUMED_APART
    assert ledger.jobs.get(deferred.id).run_at == NOW
    released = {each.job_id for each in release(ledger, now=LATER)}
    assert released == {waits_queued.id, elsewhere}


def test_a_recovered_account_s_backlog_goes_one_by_one(ledger: Ledger) -> None:
    """By lane: each account's first at once, the others in the order in which they were due."""
    minutes = {"third": 3, "first": 1, "second": 2}
    ids = {
        ref: submit(ledger, new_job(ref, run_at=NOW + timedelta(minutes=minute)))[0]
        for ref, minute in minutes.items()
    }
    [neighbour] = submit(ledger, new_job("neighbour", account="a2", run_at=NOW))
    [ahead] = submit(ledger, new_job("ahead", run_at=LATER + SECOND), campaign="autumn")
    sync(ledger, SICK, replace(OTHER, can_post=False, reason="reconnect it"))

    assert sync(ledger, FULL, OTHER).resumed == 5

    assert ledger.jobs.get(ahead).due_at == LATER + SECOND
    assert ledger.jobs.get(neighbour).due_at == LATER
    backlog = [ledger.jobs.get(ids[ref]).due_at for ref in ("first", "second", "third")]
    assert backlog == [LATER, LATER + RESUMED_APART, LATER + 2 * RESUMED_APART]
    sent = [
        [each.job_id for each in release(ledger, now=LATER + n * RESUMED_APART)] for n in (0, 1)
    ]
    assert set(sent[0]) == {neighbour, ids["first"]}
    assert set(sent[1]) == {ids["second"], ahead}


def test_a_replay_in_the_queue_is_not_held(ledger: Ledger) -> None:
    job = settled(ledger, UNCERTAIN)
    replay = Settlement(to=State.QUEUED, why="sent again", replay=True)
    ledger.moves.apply(job, replay, now=NOW, by="look")

    assert sync(ledger, SICK).held == 0


def test_a_hold_for_another_reason_is_not_the_accounts_to_end(ledger: Ledger) -> None:
    [job_id] = submit(ledger, new_job("one"))
    paused = Settlement(to=State.HELD, hold=Hold.PAUSE, why="a person said so")
    ledger.moves.apply(ledger.jobs.get(job_id), paused, now=NOW, by="ann")

    assert sync(ledger, FULL).resumed == 0
    assert ledger.jobs.get(job_id).hold is Hold.PAUSE


def test_an_account_of_the_same_id_at_another_connection_is_another_account(
    ledger: Ledger,
) -> None:
    submit(ledger, new_job("one"))

    assert sync(ledger, SICK, connection="agency").held == 0
    assert sync(ledger, SICK).held == 1
    assert sync(ledger, FULL, connection="agency").resumed == 0


def test_two_syncs_at_once_hold_each_job_once(open_ledger: OpenLedger) -> None:
    one, other = open_ledger(), open_ledger()
    ids = submit(one, *(new_job(f"r{number}") for number in range(50)))

    first, second = at_once(lambda: sync(one, SICK), lambda: sync(other, SICK))

    assert first.held + second.held == 50
    assert all(len(one.jobs.events(each)) == 2 for each in ids)


def test_a_sync_is_a_few_statements(ledger: Ledger) -> None:
    accounts = [replace(OTHER, account_id=f"a{each}", can_post=each % 2 == 0) for each in range(60)]
    submit(ledger, *(new_job(f"r{each}", account=f"a{each % 60}") for each in range(300)))

    assert sync(ledger, *accounts).held == 150
    healthy = [replace(each, can_post=True) for each in accounts]
    assert sync(ledger, *healthy).resumed == 150
    assert ledger.releases.next_due() == NOW
    assert len(release(ledger, now=LATER)) == 180
    assert len(release(ledger, now=LATER + 4 * RESUMED_APART)) == 120
