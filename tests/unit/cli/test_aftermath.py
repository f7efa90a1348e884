"""What a load and a drop say beside their counts: nobody is to be surprised by it later."""

from pathlib import Path

import pytest

from shared.domain.outcome import ErrorClass, Fault
from shared.domain.states import State
from tests.unit.cli.conftest import URL, Said, Shell, row

LATER = "2100-01-01T00:00:00Z"
DROP = (
    *("drop", "--accounts", "7,8", "--caption", "Rye", "--media", URL, "--yes"),
    *("--spacing", "10s", "--seed", "7", "--at", LATER),
)


@pytest.fixture
def file(dropline: Shell) -> Path:
    return dropline.file("a.jsonl", *(row(ref, run_at=LATER) for ref in ("r1", "r2", "r3")))


def load(dropline: Shell, file: Path, name: str, *more: str) -> Said:
    return dropline("campaign", "load", file, "--name", name, *more)


def test_an_ordinary_load_says_nothing_more(dropline: Shell, file: Path) -> None:
    for _ in range(2):
        told = load(dropline, file, "spring", "--json").json
        assert (told["given_up"], told["repeated"], told["pauses"]) == ({}, {}, [])


def test_loading_what_was_cancelled_or_failed_says_that_it_stays_so(
    dropline: Shell, file: Path
) -> None:
    load(dropline, file, "spring")
    fault = Fault(error_class=ErrorClass.REJECTED, message="no")
    dropline.move(1, State.QUEUED, State.PUBLISHING, State.FAILED, fault=fault)
    assert dropline("campaign", "cancel", "spring").code == 0

    said = load(dropline, file, "spring")
    assert "0 added, 3 unchanged" in said.out
    assert "1 of those that were there are failed, and stay so" in said.err
    assert "`dropline campaign retry spring --state cancelled` asks anew" in said.err
    assert load(dropline, file, "spring", "--json").json["given_up"] == {
        "failed": 1,
        "cancelled": 2,
    }

    assert dropline("jobs", "retry", 1, 2, 3).code == 0
    assert load(dropline, file, "spring", "--json").json["given_up"] == {}


def test_the_same_file_under_another_name_is_told_to_go_out_twice(
    dropline: Shell, file: Path
) -> None:
    load(dropline, file, "spring")
    assert dropline("jobs", "cancel", 3).code == 0

    said = load(dropline, file, "sprnig")
    assert said.code == 0
    assert "warning: 2 of the added posts are in campaign spring as well" in said.err
    assert "`dropline campaign cancel sprnig` takes back what was not sent" in said.err
    other = dropline.file("b.jsonl", row("r1", run_at="2100-01-02T00:00:00Z"), row("r4"))
    assert load(dropline, other, "weekly", "--json").json["repeated"] == {}


def test_the_same_posts_by_other_refs_are_told_to_go_out_twice(dropline: Shell, file: Path) -> None:
    load(dropline, file, "spring")
    again = dropline.file("b.jsonl", row("x", caption="post r1", run_at=LATER))
    said = load(dropline, again, "spring")

    assert "warning: 1 of the added posts are in campaign spring as well" in said.err
    assert "`dropline jobs cancel` takes them back" in said.err


def test_what_is_paused_is_told_with_its_command(dropline: Shell, file: Path) -> None:
    assert dropline("connections", "pause", "wonda", "--why", "wrong prices").code == 0
    loaded, dropped = load(dropline, file, "spring"), dropline(*DROP, "--name", "rye")

    for said in (loaded, dropped):
        assert "connection wonda is paused by " in said.err
        assert ": wrong prices; `dropline connections resume wonda` lets it go on" in said.err


def test_a_drop_with_another_rhythm_names_what_a_drop_can_do(dropline: Shell) -> None:
    assert dropline(*DROP, "--name", "rye").code == 0
    said = dropline(*DROP, "--name", "rye", "--spacing", "20s")

    assert "0 added, 1 unchanged, 1 changed" in said.out
    assert "to change jobs that were not sent yet, `dropline jobs edit` each" in said.err
    assert "--update" not in said.err
