"""Slots of an account's queue: each is one job's, whoever submits at the same time."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from shared.domain.settlement import Settlement
from shared.domain.states import State
from shared.domain.timetable import read_timetable
from shared.errors import InputError
from shared.ledger import Ledger
from shared.ledger.series_tables import slot
from tests.contract.ledger.building import NOW, at_once, new_job, submit
from tests.contract.ledger.conftest import OpenLedger

PARIS = ZoneInfo("Europe/Paris")
TABLE = read_timetable(PARIS, ["09:00,17:30"])
OTHER = read_timetable(PARIS, ["12:00"])
PLACE = ("wonda", "a1")


def queue(ledger: Ledger, *refs: str, campaign: str = "spring", account: str = "a1") -> list[int]:
    jobs = [new_job(ref, account=account, timetable=TABLE) for ref in refs]
    return submit(ledger, *jobs, campaign=campaign)


def local(ledger: Ledger, *ids: int) -> list[str]:
    times = (ledger.jobs.get(each).run_at.astimezone(PARIS) for each in ids)
    return [f"{each:%d %H:%M}" for each in times]


def test_jobs_take_the_next_free_slots_in_their_order(ledger: Ledger) -> None:
    first = queue(ledger, "a", "b", "c")
    second = queue(ledger, "d", campaign="other")

    assert local(ledger, *first, *second) == ["01 17:30", "02 09:00", "02 17:30", "03 09:00"]
    job = ledger.jobs.get(first[0])
    assert job.due_at == job.run_at
    assert ledger.slots.taken(PLACE, NOW) == [
        ledger.jobs.get(each).run_at for each in (*first, *second)
    ]
    assert ledger.slots.taken(("wonda", "nobody"), NOW) == []


def test_accounts_have_queues_of_their_own_and_other_jobs_take_no_slot(ledger: Ledger) -> None:
    [one] = queue(ledger, "a")
    [other] = queue(ledger, "b", account="a2")
    submit(ledger, new_job("c", run_at=ledger.jobs.get(one).run_at + timedelta(hours=15.5)))
    [next_one] = queue(ledger, "d")

    assert local(ledger, one, other, next_one) == ["01 17:30", "01 17:30", "02 09:00"]


def test_the_same_rows_again_take_no_further_slot(ledger: Ledger) -> None:
    queue(ledger, "a", "b")
    again = ledger.campaigns.submit("spring", [new_job("a", timetable=TABLE)], now=NOW, by="test")

    assert (again.added, again.unchanged) == ([], 1)
    assert len(ledger.slots.taken(PLACE, NOW)) == 2


def test_a_cancelled_job_frees_its_slot(ledger: Ledger) -> None:
    one, other = queue(ledger, "a", "b")
    cancelled = Settlement(to=State.CANCELLED, why="not this one")
    assert ledger.moves.apply(ledger.jobs.get(one), cancelled, now=NOW, by="test")

    assert ledger.slots.taken(PLACE, NOW) == [ledger.jobs.get(other).run_at]
    third, fourth = queue(ledger, "c", "d")
    assert local(ledger, third, fourth) == ["01 17:30", "02 17:30"]


def test_who_has_a_slot_is_known_until_the_slot_is_given_up(ledger: Ledger) -> None:
    one, other = queue(ledger, "a", "b")
    queue(ledger, "c", account="a2")
    submit(ledger, new_job("once", run_at=ledger.jobs.get(one).run_at))
    found = ledger.neighbours.in_slots(PLACE, NOW)
    assert [(each.id, each.run_at) for each in found] == [
        (each, ledger.jobs.get(each).run_at) for each in (one, other)
    ]

    cancelled = Settlement(to=State.CANCELLED, why="not this one")
    assert ledger.moves.apply(ledger.jobs.get(one), cancelled, now=NOW, by="test")
    [left] = ledger.neighbours.in_slots(PLACE, NOW)
    assert left.id == other
    assert ledger.neighbours.in_slots(PLACE, left.run_at) == []


def test_producers_at_once_never_take_one_slot_twice(open_ledger: OpenLedger) -> None:
    ledgers = [open_ledger() for _ in range(6)]

    def work(number: int, ledger: Ledger) -> list[int]:
        refs = [f"{number}-{each}" for each in range(4)]
        accounts = ["a1", "a2"] if number % 2 else ["a2", "a1"]
        jobs = [
            new_job(f"{ref}-{account}", account=account, timetable=TABLE)
            for ref in refs
            for account in accounts
        ]
        return submit(ledger, *jobs, campaign=f"c{number}")

    at_once(*(lambda n=n, each=each: work(n, each) for n, each in enumerate(ledgers)))

    for account in ("a1", "a2"):
        taken = ledgers[0].slots.taken(("wonda", account), NOW)
        ahead = TABLE.slots(NOW)
        assert taken == [next(ahead) for _ in range(24)]


def test_a_slot_is_unique_in_the_database(ledger: Ledger) -> None:
    one, other = queue(ledger, "a", "b")

    def take(tx: Connection) -> None:
        tx.execute(slot.update().where(slot.c.job_id == other).values(at=at))

    at = ledger.jobs.get(one).run_at
    with pytest.raises(IntegrityError):
        ledger._database.write(take)


def test_without_a_free_slot_nothing_is_written(ledger: Ledger) -> None:
    yearly = read_timetable(PARIS, ["mon 09:00"])
    jobs = [new_job(f"r{number}", timetable=yearly) for number in range(120)]

    with pytest.raises(InputError, match="no free slot within two years"):
        submit(ledger, *jobs)
    assert ledger.campaigns.list() == []
    assert ledger.slots.taken(PLACE, NOW) == []


def test_timetables_are_set_changed_and_cleared(ledger: Ledger) -> None:
    ledger.slots.set(*PLACE, TABLE, NOW, "test")
    assert ledger.slots.timetables() == {PLACE: TABLE}
    ledger.slots.set(*PLACE, OTHER, NOW, "test")
    assert ledger.slots.timetables() == {PLACE: OTHER}

    assert ledger.slots.clear(*PLACE)
    assert not ledger.slots.clear(*PLACE)
    assert ledger.slots.timetables() == {}


def test_a_slot_that_has_begun_is_not_taken_any_more(ledger: Ledger) -> None:
    begun: datetime = next(TABLE.slots(NOW))
    [late] = ledger.campaigns.submit(
        "spring", [new_job("a", timetable=TABLE)], now=begun, by="test"
    ).added

    assert local(ledger, late) == ["02 09:00"]
