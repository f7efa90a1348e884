"""Times: offsets, zones, and the two days of the year on which clocks change."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.rows.moments import read_moment, read_zone

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "zone", "moment"),
    [
        ("2026-03-01T09:00:00Z", None, datetime(2026, 3, 1, 9, tzinfo=UTC)),
        ("2026-03-01T09:00:00+05:30", None, datetime(2026, 3, 1, 3, 30, tzinfo=UTC)),
        ("2026-03-01 09:00", BERLIN, datetime(2026, 3, 1, 8, tzinfo=UTC)),
        ("2026-07-01T09:00", BERLIN, datetime(2026, 7, 1, 7, tzinfo=UTC)),
        ("2026-07-01T09:00Z", BERLIN, datetime(2026, 7, 1, 9, tzinfo=UTC)),
    ],
)
def test_a_time_is_read_into_utc(text: str, zone: ZoneInfo | None, moment: datetime) -> None:
    assert read_moment(text, zone) == moment


def test_a_local_time_that_does_not_exist_offers_the_hours_around_it() -> None:
    with pytest.raises(ValueError, match="does not exist in Europe/Berlin") as wrong:
        read_moment("2026-03-29T02:30:00", BERLIN)

    assert "2026-03-29T01:30:00+01:00 or 2026-03-29T03:30:00+02:00" in str(wrong.value)


def test_a_local_time_that_exists_twice_offers_both() -> None:
    with pytest.raises(ValueError, match="happens twice in Europe/Berlin") as wrong:
        read_moment("2026-10-25T02:30:00", BERLIN)

    assert "2026-10-25T02:30:00+01:00 or 2026-10-25T02:30:00+02:00" in str(wrong.value)


@pytest.mark.parametrize("hour", [1, 3])
def test_the_hours_around_a_change_are_plain(hour: int) -> None:
    moment = read_moment(f"2026-10-25T0{hour}:30", BERLIN)

    assert moment.astimezone(BERLIN).hour == hour


def test_the_choices_offered_are_accepted() -> None:
    for choice in ("2026-03-29T03:30:00+02:00", "2026-10-25T02:30:00+01:00"):
        assert read_moment(choice, BERLIN) == datetime.fromisoformat(choice)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("2026-03-01T09:00:00", "neither an offset nor a timezone"),
        ("2026-03-01T10-00", "is not a time"),
        ("2026-03-01 10-00", "is not a time"),
        ("2026-03-01", "no time of day"),
        ("tomorrow", "is not a time such as"),
        ("0001-01-01T00:00:00+14:00", "is in the year 1"),
        (1_767_225_600, "must be a text such as"),
    ],
)
def test_what_is_no_moment_is_refused(text: object, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read_moment(text, None)


@pytest.mark.parametrize("name", ["Mars/Olympus", "../etc/passwd", "Europe", "", "a\x00", "/etc"])
def test_what_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"U\+0000|is not an IANA time zone"):
        read_zone(name)


@given(
    st.datetimes(datetime(2000, 1, 2), datetime(2199, 12, 30)),  # noqa: DTZ001
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"]),
)
def test_a_local_time_is_either_unique_or_refused_with_two_choices(
    local: datetime, name: str
) -> None:
    zone = ZoneInfo(name)
    try:
        moment = read_moment(local.isoformat(), zone)
    except ValueError as wrong:
        first, second = str(wrong).partition("write ")[2].split(" or ")
        assert read_moment(first, None) != read_moment(second, None)
    else:
        assert moment.astimezone(zone).replace(tzinfo=None, fold=0) == local.replace(fold=0)
