"""Files of other tools on the command line, loading again, and jobs edited before they go."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from shared.domain.settlement import Hold
from shared.domain.states import State
from tests.unit.cli.conftest import URL, Shell, row

LATER = "2100-01-01T00:00:00Z"
BUFFER = (
    "Text;Image URL;Tags;Posting Time\r\n"
    f'"=Rye, at last";{URL};autumn;2100-01-01 09:00\r\n'
    f"Oats;{URL};;2100-01-02 09:00\r\n"
)
FOR_WONDA = ("--provider", "wonda", "--account", "instagram=7", "--timezone", "Europe/Berlin")


def foreign(dropline: Shell, text: str = BUFFER) -> Path:
    file = dropline.home / "buffer.csv"
    file.write_bytes(text.encode("utf-8-sig"))
    return file


def load(dropline: Shell, *rows: dict[str, object], more: tuple[str, ...] = ()) -> object:
    file = dropline.file("a.jsonl", *rows)
    return dropline("campaign", "load", file, "--name", "spring", "--json", *more).json


def test_a_table_of_another_tool_is_checked_and_loaded_once(dropline: Shell) -> None:
    file = foreign(dropline)
    checked = dropline("campaign", "check", file, *FOR_WONDA)
    first = dropline("campaign", "load", file, "--name", "spring", *FOR_WONDA, "--json")
    again = dropline(
        "campaign", "load", file, "--name", "spring", *FOR_WONDA, "--dialect", "buffer", "--json"
    )

    assert checked.code == 0, checked.err
    assert "header, Tags: has no counterpart here; it is left out of 1 row (1)" in checked.err
    assert (first.json["added"], again.json["added"], again.json["unchanged"]) == (2, 0, 2)
    jobs = dropline("jobs", "list", "--json").lines
    assert {each["run_at"] for each in jobs} == {
        "2100-01-01T08:00:00.000Z",
        "2100-01-02T08:00:00.000Z",
    }


def test_an_edited_table_changes_its_jobs_and_posts_nothing_beside_them(dropline: Shell) -> None:
    dropline("campaign", "load", foreign(dropline), "--name", "spring", *FOR_WONDA)
    file = foreign(
        dropline, BUFFER.replace("Oats;", "Oats!;").replace("2100-01-01 09", "2100-01-01 10")
    )

    def loaded(*more: str) -> Any:
        return dropline(
            "campaign", "load", file, "--name", "spring", *FOR_WONDA, *more, "--json"
        ).json

    seen, updated, again = loaded(), loaded("--update"), loaded()

    assert (seen["added"], seen["unchanged"], seen["updated"]) == (0, 0, 0)
    assert [list(each["fields"]) for each in seen["changes"]] == [["run_at"], ["caption"]]
    assert (updated["added"], updated["updated"]) == (0, 2)
    assert (again["added"], again["unchanged"], again["changed"]) == (0, 2, [])
    jobs = dropline("jobs", "list", "--json").lines
    assert [each["run_at"] for each in jobs if each["id"] == 1] == ["2100-01-01T09:00:00.000Z"]


def test_an_account_may_be_called_by_its_name_or_its_id(dropline: Shell) -> None:
    file = foreign(dropline)
    dropline("campaign", "load", file, "--name", "spring", *FOR_WONDA)
    named = [each.replace("=7", "=@bread") for each in FOR_WONDA]
    again = dropline("campaign", "load", file, "--name", "spring", *named, "--json").json

    assert (again["added"], again["unchanged"], again["changed"]) == (0, 2, [])


def test_what_a_table_leaves_out_is_asked_for(dropline: Shell) -> None:
    said = dropline("campaign", "check", foreign(dropline))

    assert said.code == 2
    assert "say --account PLATFORM=ACCOUNT" in said.err


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--dialect", "hootsuite"), "--dialect must be one of canonical, publer"),
        (("--timezone", "Berlin"), "--timezone 'Berlin' is not an IANA time zone"),
        (("--account", "instagram="), "--account 'instagram=' must be PLATFORM=ACCOUNT"),
        (("--dialect", "publer"), "is not of dialect publer: its header lacks date"),
    ],
)
def test_options_that_make_no_sense_are_refused(
    dropline: Shell, options: tuple[str, str], says: str
) -> None:
    said = dropline("campaign", "check", foreign(dropline), *options)

    assert said.code == 2
    assert says in said.err


def test_a_converted_table_has_no_formulas_and_loads_to_the_same_jobs(dropline: Shell) -> None:
    file, out = foreign(dropline), dropline.home / "ours.csv"
    dropline("campaign", "load", file, "--name", "spring", *FOR_WONDA)
    written = dropline("campaign", "convert", file, *FOR_WONDA, "--out", out)
    printed = dropline("campaign", "convert", file, *FOR_WONDA)
    again = dropline("campaign", "load", out, "--name", "spring", "--json")

    assert written.code == printed.code == 0
    cells = [each["caption"] for each in csv.DictReader(io.StringIO(printed.out))]
    assert cells == ["'=Rye, at last", "Oats"]
    assert (again.json["added"], again.json["unchanged"], again.json["changed"]) == (0, 2, [])
    assert dropline("campaign", "convert", file, *FOR_WONDA, "--out", out).code == 2


def test_a_table_with_problems_is_not_converted(dropline: Shell) -> None:
    said = dropline("campaign", "convert", foreign(dropline))

    assert (said.code, said.out) == (2, "")
    assert "2 problems" in said.err


def test_loading_again_says_what_changed_by_field(dropline: Shell) -> None:
    load(dropline, row("r1", run_at=LATER))
    changed = row("r1", run_at=LATER, caption="other")
    said = dropline("campaign", "load", dropline.file("a.jsonl", changed), "--name", "spring")

    assert "r1 (job 1) caption: post r1 -> other" in said.err
    assert "--update" in said.err
    assert load(dropline, changed)["changes"] == [  # type: ignore[index]
        {
            "ref": "r1",
            "id": 1,
            "fields": {"caption": {"was": "post r1", "now": "other"}},
            "done": False,
            "why": "",
        }
    ]


def test_update_changes_what_was_not_sent_and_says_why_the_rest_stays(dropline: Shell) -> None:
    load(dropline, *(row(ref, run_at=LATER) for ref in ("r1", "r2", "r3")))
    dropline.move(2, State.QUEUED)
    dropline.move(3, State.HELD, hold=Hold.LOST_ANSWER)
    rows = [row(ref, run_at=LATER, caption="other") for ref in ("r1", "r2", "r3")]
    said = load(dropline, *rows, more=("--update",))

    assert isinstance(said, dict)
    assert (said["updated"], said["changed"]) == (1, ["r1", "r2", "r3"])
    assert [(each["done"], each["why"]) for each in said["changes"]] == [
        (True, ""),
        (False, "it is on its way: it is queued"),
        (False, "it may be live"),
    ]
    shown = dropline("jobs", "show", 1, "--json").json
    assert shown["events"][-1]["why"] == "edited: caption"
    assert shown["events"][-1]["by"] == "command line"


def test_nothing_is_changed_while_any_row_is_wrong(dropline: Shell) -> None:
    load(dropline, row("r1", run_at=LATER))
    rows = [row("r1", run_at=LATER, caption="other"), row("r2", run_at="10-00")]
    file = dropline.file("a.jsonl", *rows)

    assert dropline("campaign", "load", file, "--name", "spring", "--update").code == 2
    assert len(dropline("jobs", "show", 1, "--json").json["events"]) == 1


def test_a_job_is_edited_before_it_goes(dropline: Shell) -> None:
    load(dropline, row("r1", run_at=LATER))
    said = dropline(
        *("jobs", "edit", 1, "--caption", "other", "--run-at", "2100-02-01 09:00"),
        *("--timezone", "Europe/Berlin", "--media", URL, "--media", "id:9", "--json"),
    )

    assert said.code == 0, said.err
    assert set(said.json["fields"]) == {"caption", "run_at", "media", "kind"}
    shown = dropline("jobs", "show", 1, "--json").json
    assert (shown["run_at"], shown["kind"]) == ("2100-02-01T08:00:00.000Z", "carousel")
    assert dropline("jobs", "edit", 1, "--caption", "other").out == "job 1 says so already\n"


def test_a_job_on_its_way_is_not_edited(dropline: Shell) -> None:
    load(dropline, row("r1", run_at=LATER))
    dropline.move(1, State.QUEUED)
    said = dropline("jobs", "edit", 1, "--caption", "other")

    assert (said.code, said.out) == (2, "")
    assert "job 1 is not changed: it is on its way: it is queued" in said.err


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ((), "say what to change"),
        (("--run-at", "10-00"), "--run-at '10-00' is not a time"),
        (("--option", "sparkle=1"), "--option sparkle is not an option"),
        (("--option", "privacy"), "must be NAME=VALUE"),
        (("--media", "gone.jpg"), "there is no file"),
        (("--caption", "x" * 5000), "job 1 (ref r1), caption"),
        (("--timezone", "Berlin", "--caption", "x"), "--timezone 'Berlin'"),
    ],
)
def test_an_edit_that_makes_no_sense_changes_nothing(
    dropline: Shell, options: tuple[str, ...], says: str
) -> None:
    load(dropline, row("r1", run_at=LATER))
    said = dropline("jobs", "edit", 1, *options)

    assert said.code == 2
    assert says in said.err
    assert len(dropline("jobs", "show", 1, "--json").json["events"]) == 1
