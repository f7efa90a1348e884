"""Moments of a plan: the next Friday in a zone, changes of the clocks, outages and shares."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from shared.plan.moments import read_outage, read_share, read_when

PARIS = ZoneInfo("Europe/Paris")

#: A Wednesday, 13:00 in Paris.
START = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Fri 18:00", "2026-11-27T17:00"),
        ("friday 18:00", "2026-11-27T17:00"),
        ("Wed 14:00", "2026-11-25T13:00"),
        ("Wed 13:00", "2026-12-02T12:00"),
        ("Wed 9:30", "2026-12-02T08:30"),
        ("14:00", "2026-11-25T13:00"),
        ("12:59", "2026-11-26T11:59"),
        ("2026-12-01T10:00", "2026-12-01T09:00"),
        ("2026-12-01T10:00Z", "2026-12-01T10:00"),
    ],
)
def test_a_moment_is_the_next_one_of_its_name(text: str, expected: str) -> None:
    assert read_when(text, START, PARIS) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_friday_keeps_its_local_time_over_a_change_of_the_clocks() -> None:
    before = datetime(2026, 10, 24, 12, tzinfo=UTC)
    after = read_when("Fri 18:00", before, PARIS)
    assert after == datetime(2026, 10, 30, 17, tzinfo=UTC)
    assert read_when("Fri 18:00", before - timedelta(days=7), PARIS).hour == 16


@pytest.mark.parametrize(
    ("text", "start", "told"),
    [
        ("Sun 02:30", datetime(2026, 3, 28, 12, tzinfo=UTC), "does not exist"),
        ("Sun 02:30", datetime(2026, 10, 24, 12, tzinfo=UTC), "happens twice"),
    ],
)
def test_a_local_time_that_is_not_there_once_is_refused_with_the_choices(
    text: str, start: datetime, told: str
) -> None:
    with pytest.raises(ValueError, match=told) as refused:
        read_when(text, start, PARIS)
    assert " or " in str(refused.value)


@pytest.mark.parametrize("text", ["Fri 18:00", "18:00", "2026-12-01T10:00"])
def test_a_local_time_needs_a_zone(text: str) -> None:
    with pytest.raises(ValueError, match="zone"):
        read_when(text, START, None)


@pytest.mark.parametrize("text", ["Fry 18:00", "Fri", "Fri 25:00", "soon", ""])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not|has no"):
        read_when(text, START, PARIS)


def test_an_outage_names_how_long_when_and_perhaps_where() -> None:
    tuesday = datetime(2026, 12, 1, 9, tzinfo=UTC)
    one = read_outage("2h@Tue10:00", START, PARIS)
    assert (one.begins, one.lasts, one.connection) == (tuesday, timedelta(hours=2), None)
    assert read_outage("90m@Tue 10:00:wonda-agency", START, PARIS).connection == "wonda-agency"
    assert read_outage("2h@2026-12-01T09:00:00Z", START, None).begins == tuesday
    for wrong in ("2h", "@Tue10:00", "long@Tue10:00"):
        with pytest.raises(ValueError, match="must be"):
            read_outage(wrong, START, PARIS)


def test_a_share_is_of_a_hundred_or_of_one() -> None:
    assert read_share("5%") == read_share("0.05") == pytest.approx(0.05)
    for wrong in ("x", "-1%", "100%", "2"):
        with pytest.raises(ValueError, match="share"):
            read_share(wrong)
