"""What providers have of our files: kept over restarts, uploaded by one of many at once."""

from collections import Counter
from datetime import timedelta

import pytest

from shared.domain.shelf import LEASE, TRUST, Standing, digest, lease_for
from shared.ledger import Ledger
from tests.contract.ledger.building import NOW, SECOND, at_once
from tests.contract.ledger.conftest import OpenLedger

FILE = "1f" * 32 + " image/jpeg"
OTHER = "2e" * 32 + " image/jpeg"


def put(ledger: Ledger, content: str = FILE, media_id: str = "m1", **more: object) -> None:
    ledger.media.put("wonda", content, Standing(media_id=media_id), now=NOW, **more)  # type: ignore[arg-type]


def take(
    ledger: Ledger, *contents: str, by: str = "one", later: timedelta = timedelta()
) -> dict[str, Standing]:
    return dict(ledger.media.take("wonda", contents or [FILE], by=by, now=NOW + later))


def test_what_was_put_is_there_for_whoever_opens_the_ledger_next(open_ledger: OpenLedger) -> None:
    put(open_ledger())

    found = open_ledger().media.look("wonda", [FILE, OTHER], now=NOW + timedelta(days=90))

    assert found == {FILE: Standing(media_id="m1", uploaded_at=NOW)}


def test_another_connection_has_it_not(ledger: Ledger) -> None:
    put(ledger)

    assert ledger.media.look("agency", [FILE], now=NOW) == {}
    assert ledger.media.take("agency", [FILE], by="one", now=NOW)[FILE].mine


def test_one_of_many_uploads_and_the_others_see_that_it_does(open_ledger: OpenLedger) -> None:
    ledgers = [open_ledger() for _ in range(4)]
    files = [f"{number:064x} image/jpeg" for number in range(10)]

    def one(number: int) -> Counter[str]:
        # In another order each: nobody waits for anybody.
        turned = files[number:] + files[:number]
        ledger = ledgers[number % len(ledgers)]
        found = ledger.media.take("wonda", turned, by=f"job {number}", now=NOW)
        assert all(each.mine != each.busy for each in found.values())
        return Counter(content for content, each in found.items() if each.mine)

    taken = at_once(*((lambda number=number: one(number)) for number in range(8)))

    assert sum(taken, Counter()) == Counter(files)


def test_what_is_taken_is_busy_for_others_until_it_is_put_left_or_too_late(ledger: Ledger) -> None:
    assert take(ledger)[FILE] == Standing(mine=True)
    assert take(ledger)[FILE].mine, "a job that asks again still has it"
    assert take(ledger, by="two")[FILE] == Standing(busy=True)
    assert ledger.media.look("wonda", [FILE], now=NOW)[FILE] == Standing(busy=True)

    assert take(ledger, by="two", later=LEASE)[FILE].mine, "the first one died"
    ledger.media.leave("wonda", by="two")
    assert take(ledger, by="three", later=LEASE)[FILE].mine

    put(ledger)
    assert take(ledger, by="four", later=LEASE)[FILE].media_id == "m1"


def test_a_large_file_is_left_longer_to_the_one_that_uploads_it(ledger: Ledger) -> None:
    lease = lease_for(300_000_000)
    assert lease == LEASE + timedelta(minutes=5)
    ledger.media.take("wonda", [FILE], by="one", now=NOW, lease=lease)

    assert take(ledger, by="two", later=lease - SECOND)[FILE].busy
    assert take(ledger, by="two", later=lease)[FILE].mine


def test_leaving_leaves_alone_what_others_took(ledger: Ledger) -> None:
    take(ledger)
    take(ledger, OTHER, by="two")

    ledger.media.leave("wonda", by="two")

    assert take(ledger, FILE, OTHER, by="three") == {
        FILE: Standing(busy=True),
        OTHER: Standing(mine=True),
    }


def test_what_expires_is_brought_anew(ledger: Ledger) -> None:
    put(ledger, expires_at=NOW + TRUST)

    assert take(ledger, later=TRUST - SECOND)[FILE].media_id == "m1"
    assert take(ledger, later=TRUST)[FILE].mine


def test_only_what_the_provider_has_forgotten_is_forgotten(ledger: Ledger) -> None:
    put(ledger)
    put(ledger, OTHER, "m2")

    ledger.media.forget("wonda", ["m1"])

    assert take(ledger, FILE, OTHER) == {
        FILE: Standing(mine=True),
        OTHER: Standing(media_id="m2", uploaded_at=NOW),
    }


def test_who_forgets_late_does_not_take_what_was_uploaded_since(ledger: Ledger) -> None:
    put(ledger, media_id="old")
    put(ledger, media_id="new")

    ledger.media.forget("wonda", ["old"])

    assert take(ledger)[FILE].media_id == "new"


def test_a_file_that_was_still_taken_in_settles(ledger: Ledger) -> None:
    ledger.media.put("wonda", FILE, Standing(media_id="m1", ready=False), now=NOW)
    assert not take(ledger)[FILE].ready

    ledger.media.settle("wonda", "m1")

    assert take(ledger)[FILE].ready


def test_an_address_is_trusted_for_a_while(ledger: Ledger) -> None:
    source, gone = digest("https://cdn.example.com/1.jpg?sig=secret"), digest("/old.jpg")
    ledger.media.note({source: FILE, gone: OTHER}, now=NOW)
    ledger.media.note({source: OTHER}, now=NOW + SECOND)

    def known(later: timedelta) -> dict[str, str]:
        return dict(ledger.media.contents([source, gone, digest("x")], now=NOW + later))

    assert known(SECOND) == {source: OTHER, gone: OTHER}
    assert known(TRUST) == {source: OTHER}
    assert known(TRUST + SECOND) == {}


def test_addresses_nobody_trusts_are_thrown_away(ledger: Ledger) -> None:
    ledger.media.note({digest("a"): FILE}, now=NOW)
    ledger.media.note({digest("b"): FILE}, now=NOW + 3 * TRUST)

    with ledger._database._engine.connect() as connection:
        left = connection.exec_driver_sql("SELECT source FROM media_source").scalars().all()
    assert left == [digest("b")]


@pytest.mark.parametrize("nothing", [[], ()])
def test_nothing_is_asked_of_nothing(ledger: Ledger, nothing: list[str]) -> None:
    assert ledger.media.contents(nothing, now=NOW) == {}
    assert ledger.media.look("wonda", nothing, now=NOW) == {}
    assert ledger.media.take("wonda", nothing, by="one", now=NOW) == {}
    ledger.media.note({}, now=NOW)
    ledger.media.forget("wonda", nothing)
