"""Retrying by filters: the plan first, a question, and never without a yes."""

import pytest

from shared.domain.fingerprint import fingerprint
from shared.domain.outcome import ErrorClass, Fault
from shared.domain.settlement import Hold
from shared.domain.states import State
from tests.unit.cli.conftest import Shell, row

LATER = "2100-01-01T00:00:00Z"
TRANSIENT = Fault(error_class=ErrorClass.TRANSIENT, code="503", message="try again in 30 s")
VALIDATION = Fault(error_class=ErrorClass.VALIDATION, message="the caption is too long")


@pytest.fixture
def ids(dropline: Shell) -> list[int]:
    """Five jobs: two failed of the line, one of its content, one is held in doubt, one waits."""
    dropline.variables["DROPLINE_WONDA_API_KEY"] = "k"
    rows = [row(f"r{at}", run_at=LATER, account="78"[at % 2]) for at in range(5)]
    file = dropline.file("posts.jsonl", *rows)
    added: list[int] = dropline("campaign", "load", file, "--name", "c", "--json").json["ids"]
    for job_id, fault in zip(added, (TRANSIENT, TRANSIENT, VALIDATION), strict=False):
        dropline.move(job_id, State.FAILED, fault=fault)
    dropline.move(added[3], State.HELD, hold=Hold.LOST_ANSWER)
    return added


def count(dropline: Shell) -> int:
    return len(dropline("jobs", "list", "--json").lines)


def test_without_a_terminal_and_a_yes_it_shows_and_writes_nothing(
    dropline: Shell, ids: list[int]
) -> None:
    said = dropline("campaign", "retry", "c")

    assert (said.code, said.out) == (2, "")
    assert "to retry: 2 of 4" in said.err
    assert "  2 of c at wonda, " in said.err
    assert "would not help" in said.err
    assert "1 x its content was refused and has not changed" in said.err
    assert "refused: 1\n  1 x it may be live: it is held" in said.err
    assert "say --yes" in said.err
    assert dropline("campaign", "retry", "c", "--json").code == 2
    assert count(dropline) == len(ids)


def test_with_a_yes_it_retries_each_once(dropline: Shell, ids: list[int]) -> None:
    said = dropline("campaign", "retry", "c", "--yes", "--json")
    again = dropline("campaign", "retry", "c", "--yes")

    assert said.code == again.code == 0
    assert said.json["retry"] == ids[:2]
    assert [each["id"] for each in said.json["hopeless"]] == [ids[2]]
    assert [each["id"] for each in said.json["refused"]] == [ids[3]]
    retries = [dropline("jobs", "show", each, "--json").json for each in said.json["added"]]
    assert [each["retry_of"] for each in retries] == ids[:2]
    assert again.out == ""
    assert "to retry: 0 of 4" in again.err
    assert "2 x it was retried already" in again.err


def test_filters_choose_and_anyway_insists(dropline: Shell, ids: list[int]) -> None:
    def planned(*words: str | int) -> list[int]:
        found: list[int] = dropline("jobs", "retry", "--json", *words).json["retry"]
        return found

    cause = fingerprint("transient", "503", "try again in 7 s")
    assert planned("--error", "transient") == ids[:2]
    assert planned("--fingerprint", cause) == ids[:2]
    assert planned("--fingerprint", "00000000") == []
    assert planned("--state", "failed", "--account", "7") == [ids[0]]
    assert planned("--account", "@Bread") == [ids[0]]
    assert planned("--account", "@nobody") == []
    assert planned("--provider", "wahdx") == planned("--connection", "agency") == []
    assert planned("--since", "2020-01-01T00:00:00Z") == ids[:2]
    assert planned("--until", "2020-01-01T00:00:00Z") == []
    assert planned(ids[1], "--state", "failed") == [ids[1]]
    assert planned("--anyway") == ids[:3]
    assert count(dropline) == len(ids)


def test_a_pause_leaves_the_end_open_and_names_itself(dropline: Shell, ids: list[int]) -> None:
    dropline("connections", "pause", "wonda")

    said = dropline("campaign", "retry", "c").err

    assert "2 of c at wonda, nobody can say until when (a pause that wonda/7 is under)" in said


def test_where_nothing_is_to_be_retried_nothing_is_asked(dropline: Shell, ids: list[int]) -> None:
    assert dropline("campaign", "retry", "c", "--error", "billing").code == 0
    assert count(dropline) == len(ids)


def test_a_key_that_is_missing_lets_nothing_go(dropline: Shell, ids: list[int]) -> None:
    dropline.variables["DROPLINE_WONDA_API_KEY"] = None
    said = dropline("campaign", "retry", "c", "--yes")

    assert "3 x connection wonda has no API key: set DROPLINE_WONDA_API_KEY" in said.err
    assert count(dropline) == len(ids)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["campaign", "retry", "nowhere"], "there is no campaign 'nowhere'"),
        (["jobs", "retry"], "name jobs by their ids"),
        (["jobs", "retry", "--since", "soon"], "soon"),
        (["jobs", "retry", "--error", "bad luck"], "bad luck"),
    ],
)
def test_what_makes_no_sense_is_exit_2(dropline: Shell, words: list[str], why: str) -> None:
    said = dropline(*words, "--yes")
    assert said.code == 2
    assert why in said.err
