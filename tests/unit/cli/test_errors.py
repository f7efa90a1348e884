"""Errors: one clear line for each, the right exit code, never a traceback."""

import subprocess
import sys

import pytest

from shared.cli.app import COMMANDS
from shared.cli.exits import ExitCode, worst
from shared.cli.reconcile import code_of_look
from shared.domain.states import State
from shared.reconcile import Looked
from tests.unit.cli.conftest import Shell

HEAVY = {"celery", "sqlalchemy", "httpx", "redis", "pydantic", "rich", "structlog"}


def test_help_does_not_import_what_the_commands_need() -> None:
    code = f"import sys, shared.cli; print(*({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == ""


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_there_and_says_what_it_does(bare: Shell, name: str) -> None:
    said = bare(name, "--help")

    assert said.code == 0


def test_an_empty_database_is_one_line_and_exit_5(bare: Shell) -> None:
    said = bare("jobs", "list")

    assert said.code == 5
    assert said.err.count("\n") == 1
    assert "run `dropline db upgrade`" in said.err
    assert bare("db", "check").code == 5


def test_a_state_folder_that_cannot_be_made_is_one_line_and_exit_5(bare: Shell) -> None:
    bare.variables["DROPLINE_HOME"] = "/dev/null/state"
    said = bare("db", "upgrade")

    assert said.code == 5
    assert said.err.count("\n") == 1
    assert "/dev/null/state" in said.err
    assert "DROPLINE_HOME" in said.err


def test_a_cap_of_a_connection_that_is_not_there_is_exit_2(dropline: Shell) -> None:
    config = dropline.file("caps.toml")
    config.write_text('[accounts."wnoda/7"]\nlimits = [{requests = 5, per = "1h"}]\n')
    dropline.variables["DROPLINE_CONFIG"] = str(config)
    said = dropline("accounts", "sync")

    assert said.code == 2
    assert "no connection 'wnoda'; known are genviral" in said.err


def test_an_unreachable_database_is_one_line_and_exit_5_without_the_password(bare: Shell) -> None:
    address = "postgresql+psycopg://me:topsecret@127.0.0.1:9/nowhere"
    bare.variables["DROPLINE_DATABASE_URL"] = address
    said = bare("campaign", "list")

    assert said.code == 5
    assert "127.0.0.1" in said.err
    assert "topsecret" not in said.err
    assert "Traceback" not in said.err


def test_a_redis_that_is_away_is_one_line_and_exit_5(dropline: Shell) -> None:
    said = dropline("limits", "list")

    assert said.code == 5
    assert "dropline up" in said.err

    dropline.variables["DROPLINE_REDIS_URL"] = "redis://127.0.0.1:9/0"
    assert dropline("limits", "list").code == 5
    assert dropline("reconcile").code == 5


def test_what_is_away_for_every_connection_is_told_once(dropline: Shell) -> None:
    dropline.variables["DROPLINE_WONDA_API_KEY"] = "sk_one"
    dropline.variables["DROPLINE_WAHDX_API_KEY"] = "sk_two"
    dropline.variables["DROPLINE_REDIS_URL"] = "redis://127.0.0.1:9/0"
    said = dropline("accounts", "sync", "--json")

    assert said.code == 5
    assert said.err.count("\n") == 1
    assert [line["connection"] for line in said.lines] == ["wahdx", "wonda"]
    assert all("Redis" in line["error"] for line in said.lines)


def test_a_missing_key_is_exit_5_and_names_the_variable(dropline: Shell) -> None:
    said = dropline("accounts", "sync", "--connection", "wahdx")

    assert said.code == 5
    assert "DROPLINE_WAHDX_API_KEY" in said.err


def test_bad_configuration_lists_its_problems_and_is_exit_2(bare: Shell) -> None:
    (bare.home / "dropline.toml").write_text("[policies]\nmax_attempts = 0\ncolour = 1\n")
    said = bare("jobs", "list")

    assert said.code == 2
    assert "  policies.max_attempts" in said.err
    assert "  policies.colour" in said.err


@pytest.mark.parametrize(
    "words",
    [
        ["frobnicate"],
        ["jobs", "list", "--state", "lost"],
        ["jobs", "show", "seven"],
        ["jobs", "list", "--limit", "0"],
        ["campaign", "load", "posts.csv"],
        ["campaign", "load", "posts.csv", "--name", " "],
        ["publish", "--campaign", "x" * 201],
        ["publish", "--timeout", "1"],
        ["campaign", "wait", "spring", "--timeout", "-1"],
        ["jobs", "resolve", "1"],
        ["jobs", "resolve", "1", "--published", "x", "--not-published"],
        ["jobs", "retry"],
    ],
)
def test_bad_usage_is_exit_2(dropline: Shell, words: list[str]) -> None:
    said = dropline(*words)

    assert said.code == 2
    assert said.out == ""
    assert said.err


@pytest.mark.parametrize(
    "words",
    [
        ["jobs", "show", "99"],
        ["jobs", "explain", "99"],
        ["jobs", "cancel", "99"],
        ["jobs", "retry", "99"],
        ["jobs", "resolve", "99", "--not-published"],
        ["campaign", "status", "nowhere"],
        ["campaign", "wait", "nowhere"],
        ["campaign", "report", "nowhere"],
        ["providers", "nobody"],
        ["accounts", "sync", "--connection", "nowhere"],
    ],
)
def test_an_unknown_name_is_exit_2_in_one_line(dropline: Shell, words: list[str]) -> None:
    said = dropline(*words)

    assert said.code == 2
    assert said.err.count("\n") == 1
    assert said.err.startswith("dropline: there is no")


@pytest.mark.parametrize(
    ("state", "answered", "code"),
    [
        (State.HELD, False, ExitCode.LOST_ANSWERS),
        (State.UNCERTAIN, False, ExitCode.UNREACHABLE),
        (State.UNCERTAIN, True, ExitCode.DONE),
        (State.SUCCEEDED, True, ExitCode.DONE),
    ],
)
def test_a_look_at_a_provider_that_is_away_is_not_done(
    state: State, answered: bool, code: ExitCode
) -> None:
    assert code_of_look(Looked(1, state, "as it is", answered)) is code


def test_where_several_exit_codes_apply_5_then_6_then_4_then_1_is_told() -> None:
    codes = [
        ExitCode.JOBS_FAILED,
        ExitCode.LOST_ANSWERS,
        ExitCode.TIMED_OUT,
        ExitCode.UNREACHABLE,
    ]

    assert [worst(ExitCode.DONE, *codes[: at + 1]) for at in range(4)] == codes
    assert worst() is ExitCode.DONE
