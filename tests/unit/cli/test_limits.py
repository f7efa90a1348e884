"""`limits read`: what an answer says, as JSON."""

import json

import pytest

from tests.unit.cli.conftest import Shell

KEYS = {"wait_s", "limit", "remaining", "reset_at", "window_s"}
ANSWER = {
    "status": 429,
    "headers": {"Retry-After": "30", "X-RateLimit-Limit": "60", "X-RateLimit-Remaining": "0"},
    "received_at": "2026-11-22T12:00:00Z",
}


def test_an_answer_becomes_the_five_keys(bare: Shell) -> None:
    said = bare("limits", "read", stdin=json.dumps(ANSWER))

    assert said.code == 0
    assert set(said.json) == KEYS
    assert (said.json["wait_s"], said.json["limit"], said.json["remaining"]) == (30, 60, 0)


def test_what_an_answer_does_not_tell_is_null(bare: Shell) -> None:
    said = bare("limits", "read", stdin='{"status": 200}')

    assert said.json == dict.fromkeys(KEYS)


def test_a_list_becomes_a_list_or_a_line_each(bare: Shell) -> None:
    answers = json.dumps([ANSWER, {"status": 200}])
    whole = bare("limits", "read", stdin=answers).json
    lines = bare("limits", "read", "--json", stdin=answers).lines

    assert whole == lines
    assert [each["wait_s"] for each in lines] == [30, None]


@pytest.mark.parametrize(
    "stdin",
    [
        *("", "{", "7", "[7]", '{"status": "x"}', '{"status": 200, "headers": 7}'),
        *('{"status": 200, "received_at": "noon"}', '[{"status": 200}, {}]'),
    ],
)
def test_what_is_no_answer_is_exit_2(bare: Shell, stdin: str) -> None:
    said = bare("limits", "read", stdin=stdin)

    assert said.code == 2
    assert said.out == ""
    assert said.err.count("\n") == 1
