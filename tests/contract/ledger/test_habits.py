"""Habits are learnt round by round, by any number of schedulers."""

from datetime import timedelta

from shared.domain.post import Kind
from shared.ledger import Ledger
from tests.contract.ledger.building import NOW, SECOND, at_once
from tests.contract.ledger.conftest import OpenLedger

VIDEO = ("tiktok", Kind.VIDEO)
IMAGE = ("instagram", Kind.IMAGE)


def test_nothing_is_known_of_what_was_seen_a_few_times(ledger: Ledger) -> None:
    assert ledger.habits.of("wahdx") == {}
    ledger.habits.learn("wahdx", {VIDEO: [30 * SECOND] * 7}, now=NOW)
    assert ledger.habits.of("wahdx") == {}
    ledger.habits.learn("wahdx", {VIDEO: [30 * SECOND]}, now=NOW)
    assert set(ledger.habits.of("wahdx")) == {VIDEO}


def test_each_sort_at_each_connection_has_its_own(ledger: Ledger) -> None:
    ledger.habits.learn("wahdx", {VIDEO: [30 * SECOND] * 9, IMAGE: [3 * SECOND] * 9}, now=NOW)
    ledger.habits.learn("agency", {VIDEO: [300 * SECOND] * 9}, now=NOW)

    wahdx, agency = ledger.habits.of("wahdx"), ledger.habits.of("agency")

    assert abs(wahdx[VIDEO].median - 30 * SECOND) < 3 * SECOND
    assert abs(wahdx[IMAGE].median - 3 * SECOND) < SECOND / 3
    assert abs(agency[VIDEO].median - 300 * SECOND) < 30 * SECOND


def test_rounds_of_two_schedulers_add_up(open_ledger: OpenLedger) -> None:
    ledgers = [open_ledger(), open_ledger()]
    rounds = {VIDEO: [10 * SECOND] * 4, IMAGE: [timedelta(minutes=1)] * 4}

    def learn(ledger: Ledger) -> None:
        for _ in range(10):
            ledger.habits.learn("wahdx", rounds, now=NOW)

    at_once(lambda: learn(ledgers[0]), lambda: learn(ledgers[1]))

    with ledgers[0]._database._engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT weights FROM habit").scalars().all()
    assert len(rows) == 2
    assert all("80" in str(weights) for weights in rows)
