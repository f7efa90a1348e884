"""What nobody should type, and somebody does: a few lines on stderr, and the right exit code."""

import pytest

from tests.unit.cli.conftest import Shell

BEYOND = str(2**63)


@pytest.mark.parametrize(
    "words",
    [
        *(["jobs", verb, BEYOND] for verb in ("show", "explain", "cancel", "retry")),
        ["jobs", "edit", BEYOND, "--caption", "x"],
        ["jobs", "resolve", BEYOND, "--not-published"],
        ["jobs", "list", "--cursor", BEYOND],
        ["reconcile", BEYOND],
    ],
)
def test_an_id_that_no_database_has_room_for_is_exit_2(bare: Shell, words: list[str]) -> None:
    said = bare(*words)

    assert said.code == 2
    assert "Error: Invalid value for" in said.err


@pytest.mark.parametrize("seconds", ["nan", "inf", "-1"])
@pytest.mark.parametrize(
    "words",
    [
        ["campaign", "wait", "spring"],
        ["publish", "--wait"],
        ["accounts", "link", "--connection", "wahdx"],
        ["demo"],
    ],
)
def test_a_timeout_that_would_never_come_is_exit_2(
    bare: Shell, words: list[str], seconds: str
) -> None:
    said = bare(*words, "--timeout", seconds)

    assert said.code == 2
    assert "Invalid value for '--timeout'" in said.err


def test_a_long_list_of_accounts_is_a_list_and_no_file(dropline: Shell) -> None:
    nobody = ",".join(f"1784140{number:04}" for number in range(1_000))
    said = dropline("drop", "--name", "x", "--caption", "x", "--accounts", nobody)

    assert said.code == 2
    assert "'17841400999' is not an account" in said.err


def test_a_path_too_long_for_a_file_is_told(dropline: Shell) -> None:
    said = dropline("jobs", "edit", "1", "--media", "a" * 5_000)

    assert said.code == 2
    assert "there is no file" in said.err


def test_accounts_of_a_provider_that_is_not_there_are_not_asked_for(dropline: Shell) -> None:
    said = dropline("accounts", "sync", "--provider", "nobody")

    assert said.code == 2
    assert said.err.startswith("dropline: there is no provider 'nobody'; known are genviral")


def test_a_word_that_is_not_utf_8_is_exit_2(bare: Shell) -> None:
    said = bare("campaign", "status", "a\udcff")

    assert said.code == 2
    assert "'a\\udcff' is not UTF-8" in said.err


@pytest.mark.parametrize(
    ("variable", "value", "code"),
    [
        ("DROPLINE_HOME", "/dev/null/state", 5),
        ("DROPLINE_REDIS_URL", "nonsense", 2),
        ("DROPLINE_CONFIG", "nobody.toml", 2),
    ],
)
def test_up_starts_nothing_where_nothing_could_work(
    bare: Shell, variable: str, value: str, code: int
) -> None:
    (bare.home / "nobody.toml").write_text('[connections.x]\nprovider = "nobody"\n')
    bare.variables[variable] = value
    said = bare("up")

    assert (said.code, said.out) == (code, "")
    assert said.err.count("\n") == 1
