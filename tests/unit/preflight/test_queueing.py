"""Rows that queue for a slot: they are checked at the time that loading would give them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from shared.domain.limit import Limit, Unit, Window
from shared.domain.post import Media
from shared.domain.timetable import read_timetable
from tests.unit.preflight.rows import Around, connected, neighbour, preflight, prepared, told

HOURLY = read_timetable(ZoneInfo("UTC"), ["09:00,10:00,11:00,12:00"])
NINE = datetime(2026, 7, 1, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
SAME: dict[str, Any] = {"caption": "Rye", "media": (Media(url="https://cdn.example.com/rye.jpg"),)}


def queued(number: int, **changes: Any) -> Any:
    return prepared(number, timetable=HOURLY, **changes)


def test_a_queued_row_is_a_duplicate_of_what_goes_near_its_slot() -> None:
    fixed = prepared(1, at=NINE - HOUR / 2, **SAME)
    (found,) = preflight(fixed, queued(2), queued(3, **SAME), window=2 * HOUR).findings()
    assert (found.ref, found.field, found.warning) == ("r3", "caption", True)
    assert "row 1 (ref r1), 1h30m apart" in found.message
    assert told(fixed, queued(2), queued(3, **SAME), window=HOUR) == []


def test_slots_that_jobs_have_are_passed_over() -> None:
    in_slots = [neighbour(n, NINE + n * HOUR, prepared(n).job.post) for n in range(3)]
    rows = prepared(1, at=NINE + 5 * HOUR, **SAME), queued(2, **SAME)
    (found,) = preflight(*rows, around=Around(in_slots=in_slots)).findings()
    assert "row 2 (ref r2), 2h apart" in found.message


def test_a_row_that_was_loaded_already_has_the_slot_of_its_job() -> None:
    own = neighbour(7, NINE, queued(1).job.post, ref="r1")
    signed = {"media": (Media(url=_signed_until(NINE + HOUR / 2)),)}
    around = Around(in_slots=[own])
    (found,) = preflight(queued(1), queued(2, **signed), around=around).findings()
    assert (found.ref, found.field) == ("r2", "media[0]")
    assert "30m before run_at" in found.message  # it goes at ten, not at eleven


def test_a_queue_denser_than_the_cap_is_told_at_the_row_that_goes_over() -> None:
    cap = Limit(requests=2, per=3 * HOUR, unit=Unit.POSTS, window=Window.ROLLING)
    rows = [queued(n, to=connected("wonda", cap)) for n in range(1, 5)]
    assert told(*rows) == [("r3", "queue", True)]
    assert told(*rows[:2]) == []


def test_a_deadline_before_the_slot_is_an_error() -> None:
    assert told(queued(1), queued(2, not_after=NINE + HOUR / 2)) == [("r2", "not_after", False)]
    assert told(queued(1), queued(2, not_after=NINE + HOUR)) == []


def test_an_account_without_a_free_slot_left_is_an_error() -> None:
    yearly = read_timetable(ZoneInfo("UTC"), ["mon 09:00"])
    found = preflight(*(prepared(n, timetable=yearly) for n in range(1, 107))).findings()
    assert [(each.ref, each.field, each.warning) for each in found] == [
        ("r105", "queue", False),
        ("r106", "queue", False),
    ]
    assert "account a1 of wonda has no free slot within two years" in found[0].message


def test_an_account_without_slots_is_not_taken_to_post_now() -> None:
    row = prepared(1, **SAME)
    lost = prepared(2, at=None, **SAME)
    assert told(row, lost) == [("r1", "caption", True)]
    assert told(row, replace(lost, row=replace(lost.row, queue=True))) == []


def test_a_row_whose_time_cannot_be_read_is_not_taken_to_post_now() -> None:
    row, lost = prepared(1, **SAME), prepared(2, at=None, **SAME)
    assert told(row, replace(lost, row=replace(lost.row, flawed=True))) == []
    dated = prepared(2, **SAME)
    assert told(row, replace(dated, row=replace(dated.row, flawed=True))) == [
        ("r2", "caption", True)
    ]


def _signed_until(moment: datetime) -> str:
    return f"https://cdn.example.com/a.jpg?Expires={int(moment.timestamp())}&Signature=a"
