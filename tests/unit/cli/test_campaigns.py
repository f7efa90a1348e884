"""Campaigns: check, load, status, wait, report."""

import signal
import subprocess
import sys

from shared.domain.outcome import ErrorClass, Fault
from shared.domain.settlement import Hold
from shared.domain.states import State
from shared.settings import child_environment
from tests.unit.cli.conftest import Shell, row

LATER = "2100-01-01T00:00:00Z"


def loaded(dropline: Shell, count: int) -> list[int]:
    rows = [row(f"r{at}", run_at=LATER) for at in range(1, count + 1)]
    ids: list[int] = dropline(
        "campaign", "load", dropline.file("posts.jsonl", *rows), "--name", "spring", "--json"
    ).json["ids"]
    return ids


def test_check_lists_every_problem_of_every_row_and_writes_nothing(dropline: Shell) -> None:
    file = dropline.file(
        "posts.jsonl",
        row("r1", caption="x" * 5000, run_at="soon"),
        row("r2", account="@nobody", colour="red"),
        row("r3"),
        row("r3", media=[7]),
    )
    file.write_text(file.read_text() + "{\n")
    said = dropline("campaign", "check", file, "--offline")

    assert said.code == 2
    assert said.out == ""
    head, *problems = said.err.splitlines()
    assert "7 problems; nothing was written" in head
    assert [problem.split(":")[0].strip() for problem in problems] == [
        "posts.jsonl row 1 (ref r1), run_at",
        "posts.jsonl row 1 (ref r1), caption",
        "posts.jsonl row 2 (ref r2), colour",
        "posts.jsonl row 2 (ref r2), account",
        "posts.jsonl row 4 (ref r3), media[0]",
        "posts.jsonl row 4 (ref r3), ref",
        "posts.jsonl row 5",
    ]
    assert dropline("campaign", "load", file, "--name", "spring").code == 2
    assert dropline("jobs", "list", "--json").lines == []
    assert dropline("campaign", "list", "--json").lines == []


def test_what_cannot_be_read_hides_no_other_problem_and_is_told_once(dropline: Shell) -> None:
    caption = "x" * 5000
    file = dropline.file(
        "posts.jsonl",
        row("r1", caption=caption, options={"privacy": "anybody", "sparkle": 1}),
        row("r2", caption=[1], title="Not offered"),
    )
    said = dropline("campaign", "check", file, "--offline")

    assert said.code == 2
    assert [problem.split(":")[0].strip() for problem in said.err.splitlines()[1:]] == [
        "posts.jsonl row 1 (ref r1), options.privacy",
        "posts.jsonl row 1 (ref r1), options.sparkle",
        "posts.jsonl row 1 (ref r1), caption",
        "posts.jsonl row 2 (ref r2), caption",
        "posts.jsonl row 2 (ref r2), title",
    ]


def test_check_of_a_file_without_problems_is_exit_0(dropline: Shell) -> None:
    file = dropline.file("posts.jsonl", row("r1"))
    said = dropline("campaign", "check", file, "--offline", "--json")

    assert said.code == 0
    assert said.json["jobs"] == 1
    assert [each for each in said.json["problems"] if not each["warning"]] == []
    assert dropline("jobs", "list", "--json").lines == []


def test_problems_of_the_file_are_told_even_when_nobody_can_be_asked(bare: Shell) -> None:
    said = bare("campaign", "check", bare.file("posts.jsonl", row("r1", run_at="soon")))

    assert said.code == 2
    assert "not checked against the providers" in said.err
    assert "run_at" in said.err
    assert bare("campaign", "check", bare.file("good.jsonl", row("r1"))).code == 5


def test_a_file_that_is_not_there_is_exit_2_in_one_line(bare: Shell) -> None:
    said = bare("campaign", "check", "gone.csv")

    assert said.code == 2
    assert said.err == "dropline: gone.csv cannot be read: No such file or directory\n"


def test_loading_again_adds_nothing_and_a_changed_row_says_so(dropline: Shell) -> None:
    rows = [row("r1", run_at=LATER), row("r2", run_at=LATER)]
    first = dropline(
        "campaign", "load", dropline.file("a.jsonl", *rows), "--name", "spring", "--json"
    )
    rows[1]["caption"] = "other"
    again = dropline("campaign", "load", dropline.file("a.jsonl", *rows), "--name", "spring")

    assert first.code == again.code == 0
    assert (first.json["added"], first.json["unchanged"], first.json["changed"]) == (2, 0, [])
    assert again.out == "spring: 0 added, 1 unchanged, 1 changed\n"
    assert "r2" in again.err
    assert len(dropline("jobs", "list", "--json").lines) == 2


def test_a_load_without_redis_keeps_the_jobs_and_says_so(dropline: Shell) -> None:
    said = dropline("campaign", "load", dropline.file("a.jsonl", row("r1")), "--name", "spring")

    assert said.code == 0
    assert "Redis cannot be reached now" in said.err


def test_status_counts_every_state(dropline: Shell) -> None:
    first, _ = loaded(dropline, 2)
    dropline.move(first, State.HELD, hold=Hold.PAUSE, why="paused by a person")
    said = dropline("campaign", "status", "spring", "--json")

    assert said.code == 0
    assert (said.json["total"], said.json["moving"]) == (2, 1)
    assert set(said.json["counts"]) == {str(state) for state in State}
    assert (said.json["counts"]["scheduled"], said.json["counts"]["held"]) == (1, 1)
    assert said.json["held"] == [{"reason": "paused by a person", "count": 1}]
    assert said.json["lateness_s"]["jobs"] == 0
    assert "held: 1 x paused by a person" in dropline("campaign", "status", "spring").out


def test_status_foretells_a_backlog_as_far_as_it_can(dropline: Shell) -> None:
    ids = loaded(dropline, 2)
    later = dropline("campaign", "status", "spring")
    waiting = dropline("campaign", "status", "spring", "--json").json["forecast"]
    dropline("campaign", "load", dropline.file("now.jsonl", row("now")), "--name", "spring")

    said = dropline("campaign", "status", "spring", "--json").json["forecast"]
    told = dropline("campaign", "status", "spring").out
    for each in (*ids, ids[-1] + 1):
        dropline.move(each, State.CANCELLED)

    assert waiting == {"waiting": 2, "overdue": 0, "drained_at": None, "binding": None}
    assert "overdue" not in later.out
    assert said == {"waiting": 3, "overdue": 1, "drained_at": None, "binding": None}
    assert "overdue: 1, and nobody can say until when" in told
    assert dropline("campaign", "status", "spring", "--json").json["forecast"] is None


def test_a_wait_that_times_out_is_exit_6_and_says_what_still_moves(dropline: Shell) -> None:
    loaded(dropline, 2)
    said = dropline("campaign", "wait", "spring", "--timeout", "0")

    assert said.code == 6
    assert "2 still moving" in said.err
    said = dropline("campaign", "wait", "spring", "--timeout", "0", "--json")
    assert (said.code, said.json["moving"]) == (6, 2)


def test_a_wait_that_is_interrupted_is_exit_130_without_a_traceback(dropline: Shell) -> None:
    loaded(dropline, 1)
    code = "from shared.cli import main; main()"
    home = {"DROPLINE_HOME": str(dropline.home / "state")}
    with subprocess.Popen(
        [sys.executable, "-c", code, "campaign", "wait", "spring"],
        env=child_environment(**home),
        stderr=subprocess.PIPE,
        text=True,
    ) as waiting:
        assert waiting.stderr
        assert "1 scheduled" in waiting.stderr.readline()
        waiting.send_signal(signal.SIGINT)
        assert waiting.wait(20) == 130
        assert waiting.stderr.read() == ""


def test_a_wait_ends_with_0_when_everything_succeeded_or_was_cancelled(dropline: Shell) -> None:
    first, second = loaded(dropline, 2)
    dropline.move(first, State.CANCELLED)
    dropline.move(second, State.QUEUED, State.PUBLISHING, State.SUCCEEDED)
    said = dropline("campaign", "wait", "spring", "--json")

    assert said.code == 0
    assert said.json["counts"]["succeeded"] == 1


def test_a_wait_ends_with_1_when_a_job_failed_or_is_held(dropline: Shell) -> None:
    first, second = loaded(dropline, 2)
    dropline.move(first, State.CANCELLED)
    dropline.move(second, State.HELD, hold=Hold.ACCOUNT, why="the account is disconnected")
    said = dropline("campaign", "wait", "spring")

    assert said.code == 1
    assert "held: 1 x the account is disconnected" in said.err


def test_a_wait_ends_with_4_when_a_lost_answer_waits_for_a_person(dropline: Shell) -> None:
    first, second = loaded(dropline, 2)
    dropline.move(first, State.FAILED)
    dropline.move(second, State.HELD, hold=Hold.LOST_ANSWER)
    said = dropline("campaign", "wait", "spring")

    assert said.code == 4
    assert "jobs resolve" in said.err


def test_a_report_groups_accounts_and_failures(dropline: Shell) -> None:
    first, second, _ = loaded(dropline, 3)
    fault = Fault(error_class=ErrorClass.REJECTED, code="E7", message="no")
    dropline.move(first, State.FAILED, fault=fault)
    dropline.move(second, State.QUEUED, State.PUBLISHING, State.SUCCEEDED)
    said = dropline("campaign", "report", "spring", "--json")

    assert said.code == 0
    (account,) = said.json["accounts"]
    assert (account["provider"], account["connection"], account["account"]) == (
        "wonda",
        "wonda",
        "7",
    )
    assert (account["counts"]["failed"], account["counts"]["succeeded"]) == (1, 1)
    assert said.json["failures"] == [{"class": "rejected", "code": "E7", "count": 1}]
    plain = dropline("campaign", "report", "spring").out
    assert "rejected" in plain
    assert "─" not in plain


def test_campaigns_are_listed_with_their_counts(dropline: Shell) -> None:
    loaded(dropline, 2)
    (said,) = dropline("campaign", "list", "--json").lines

    assert (said["campaign"], said["total"], said["counts"]["scheduled"]) == ("spring", 2, 2)
    assert said["created_at"].endswith("Z")
    assert "2 jobs (2 scheduled)" in dropline("campaign", "list").out
