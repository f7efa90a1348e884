"""`series`: added, shown with what clock changes do, paused, resumed, removed."""

from datetime import UTC, datetime, timedelta

import pytest

from scheduler.recurring import Recurring
from shared.clock import SystemClock
from tests.unit.cli.conftest import URL, Shell, row

ACCOUNT = ("--provider", "wonda", "--platform", "instagram", "--account", "@Bread")
POST = (*ACCOUNT, "--caption", "Rye", "--media", URL)
NIGHTLY = ("--cron", "30 2 * * *", "--tz", "Europe/Paris")
ADD = ("series", "add", "rye", *NIGHTLY, *POST)


def tick(dropline: Shell) -> int:
    ledger = dropline.ledger
    made = Recurring(ledger, {}, SystemClock(), "s1").tick()
    ledger.close()
    return made


def in_half_an_hour() -> str:
    return f"{datetime.now(UTC) + timedelta(minutes=30):%M} * * * *"


def test_it_is_added_and_shown(dropline: Shell) -> None:
    said = dropline(
        *ADD,
        *("--start", "2100-03-01", "--end", "2100-12-31", "--except", "2100-03-02"),
        *("--late", "skip after 2h", "--campaign", "bread", "--json"),
    )

    assert said.code == 0, said.err
    assert said.json["start"] == "2100-02-28T23:00:00.000Z"
    assert said.json["end"] == "2100-12-31T22:59:59.000Z"
    assert (said.json["campaign"], said.json["late"]) == ("bread", "skip after 2h")
    assert (said.json["account"], said.json["kind"]) == ("7", "image")
    assert said.json["post"]["caption"] == "Rye"
    shown = dropline("series", "show", "rye", "--next", 29, "--json").json
    assert [each["at"] for each in shown["next"][:2]] == [
        "2100-03-01T01:30:00.000Z",
        "2100-03-03T01:30:00.000Z",
    ]
    changed = [each for each in shown["next"] if each["clock_change"]]
    assert [each["local"] for each in changed] == ["2100-03-28T03:00:00+02:00"]
    assert changed[0]["clock_change"] == "the clock skips 02:30: runs at the first instant after"
    assert dropline("series", "list", "--json").json == said.json


def test_people_are_shown_local_time_and_utc(dropline: Shell) -> None:
    dropline(*ADD, "--start", "2100-10-31T00:00")
    said = dropline("series", "show", "rye", "--next", 1)

    assert "rye: 30 2 * * * in Europe/Paris; runs" in said.out
    assert (
        "Sun 2100-10-31 02:30 CEST  2100-10-31 00:30:00Z  the clock shows 02:30 twice" in said.out
    )
    assert "rye" in dropline("series", "list").out


def test_its_occurrences_become_jobs_of_its_campaign(dropline: Shell) -> None:
    dropline("series", "add", "rye", "--cron", in_half_an_hour(), "--tz", "UTC", *POST)
    assert tick(dropline) == 1

    [job] = dropline("jobs", "list", "--campaign", "rye", "--json").lines
    assert datetime.fromisoformat(job["run_at"]) < datetime.now(UTC) + timedelta(minutes=31)
    assert job["ref"] == f"rye@{job['run_at'][:19]}Z"
    last = dropline("series", "show", "rye", "--json").json["last"]
    assert [(each["job"], each["state"]) for each in last] == [(job["id"], "scheduled")]


def test_a_pause_a_resume_and_a_removal(dropline: Shell) -> None:
    dropline("series", "add", "rye", "--cron", in_half_an_hour(), "--tz", "UTC", *POST)
    tick(dropline)
    paused = dropline("series", "pause", "rye", "--json").json
    assert (paused["paused"], paused["next_at"]) == (True, None)
    assert dropline("series", "show", "rye", "--json").json["next"] == []
    assert tick(dropline) == 0
    assert "was paused already" in dropline("series", "pause", "rye").out
    [job] = dropline("jobs", "list", "--json").lines
    assert (job["state"], job["reason"]) == ("cancelled", "its series is paused")

    assert "the next one is at" in dropline("series", "resume", "rye").out
    assert "was not paused" in dropline("series", "resume", "rye").out
    assert tick(dropline) == 1
    removed = dropline("series", "remove", "rye", "--json").json
    assert removed == {"series": "rye", "removed": True, "cancelled": 1}
    gone = dropline("series", "show", "rye")
    assert gone.code == 2
    assert "dropline series list" in gone.err


def test_the_post_may_come_from_a_file_of_one_row(dropline: Shell) -> None:
    file = dropline.file("post.jsonl", row("a", caption="From a file"))
    said = dropline("series", "add", "rye", *NIGHTLY, "--file", file, "--json")
    assert said.json["post"]["caption"] == "From a file"

    both = dropline("series", "add", "b", *NIGHTLY, "--file", file, "--caption", "x")
    timed = dropline.file("timed.jsonl", row("a", run_at="2100-01-01T00:00:00Z"))
    two = dropline.file("two.jsonl", row("a"), row("b"))
    assert "leave out caption" in both.err
    assert "--cron says when" in dropline("series", "add", "b", *NIGHTLY, "--file", timed).err
    assert "has 2 rows" in dropline("series", "add", "b", *NIGHTLY, "--file", two).err


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--cron", "@reboot"), "--cron: '@reboot' is a nickname"),
        (("--cron", "0 0 30 2 *"), "can never occur"),
        (("--cron", "0 9 * * * 30"), "has 6 fields"),
        (("--tz", "Mars/Olympus"), "--tz: 'Mars/Olympus' is not an IANA time zone"),
        (("--start", "soon"), "--start: "),
        (("--start", "2100-03-28T02:30"), "does not exist in Europe/Paris"),
        (("--end", "2001-01-01"), "nothing comes of it any more"),
        (("--start", "2100-02-01", "--end", "2100-01-01"), "--end is before --start"),
        (("--except", "Christmas"), "--except: must be a day"),
        (("--except", "2100-01-01T10:00"), "nothing comes then anyhow"),
        (("--late", "never"), "--late: must be publish"),
        (("--account", "@nobody"), "'@nobody' is not an account"),
    ],
)
def test_what_cannot_be_is_told_and_nothing_is_written(
    dropline: Shell, options: tuple[str, ...], why: str
) -> None:
    said = dropline(*ADD, *options)

    assert said.code == 2
    assert why in said.err
    assert dropline("series", "list", "--json").lines == []


def test_all_that_is_wrong_with_the_timing_is_told_at_once(dropline: Shell) -> None:
    wrong = ("--cron", "61 * * * *", "--tz", "Nowhere", "--end", "then", "--late", "x")
    said = dropline(*ADD, *wrong)

    for flag in ("--cron", "--tz", "--end", "--late"):
        assert f"  {flag}: " in said.err


def test_a_name_is_taken_once(dropline: Shell) -> None:
    assert dropline(*ADD).code == 0
    again = dropline(*ADD)

    assert again.code == 2
    assert "there is a series 'rye' already" in again.err
