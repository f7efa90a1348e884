"""`campaign plan` beside everything else: pauses, unhealthy accounts, series, caps by name."""

from datetime import timedelta
from pathlib import Path

import pytest

from shared.cli.output import instant
from shared.clock import SystemClock
from shared.domain.account import Account
from shared.domain.limit import Limit, Unit, Window
from shared.domain.states import State
from tests.unit.cli.conftest import URL, Shell, row

PLAN = ("campaign", "plan")
POST = ("--provider", "wonda", "--platform", "instagram", "--account", "@Bread")
AT_EIGHT = "2100-03-01T08:00:00Z"

CAPPED = """
[connections.wonda.accounts."@Bread"]
limits = [{posts = 2, per = "1h", window = "rolling"}]
"""


@pytest.fixture
def posts(dropline: Shell) -> Path:
    """Give two posts of @bread, which is 7, and one of cake, which is 8."""
    return dropline.file("posts.jsonl", row("a", account="@Bread"), row("b"), row("c", account="8"))


def config(dropline: Shell, text: str) -> None:
    path = dropline.home / "config.toml"
    path.write_text(text)
    dropline.variables["DROPLINE_CONFIG"] = str(path)


PAUSES = [
    (
        ("accounts", "pause", "@Bread", "--connection", "wonda"),
        "account wonda/7 is paused by ",
        "dropline accounts resume 7 --connection wonda",
        2,
    ),
    (
        ("connections", "pause", "wonda"),
        "connection wonda is paused by ",
        "dropline connections resume wonda",
        3,
    ),
    (
        ("providers", "pause", "wonda"),
        "provider wonda is paused by ",
        "dropline providers resume wonda",
        3,
    ),
]


@pytest.mark.parametrize(("pause", "why", "command", "count"), PAUSES)
def test_what_is_paused_does_not_go_and_is_told_with_its_command(
    dropline: Shell, posts: Path, pause: tuple[str, ...], why: str, command: str, count: int
) -> None:
    assert dropline(*pause, "--why", "too loud").code == 0
    said = dropline(*PLAN, posts)
    assert said.code == 3
    assert f"does not fit: {count} posts are not out" in said.out
    assert f"not out: {count} x {why}" in said.out
    assert f": too loud; `{command}` lets it go on" in said.out
    assert "it would fit with resuming: all that stands still goes on" in said.out

    told = dropline(*PLAN, posts, "--no-advice", "--json").json
    assert len(told["never_out"]) == count
    assert {each["account"] for each in told["stops"]} == ({"7"} if count == 2 else {"7", "8"})
    assert all(command in each["lift"] for each in told["stops"])

    assert dropline(*command.split()[1:]).code == 0
    assert dropline(*PLAN, posts).code == 0


def test_two_pauses_of_one_account_are_both_to_be_lifted(dropline: Shell, posts: Path) -> None:
    dropline("connections", "pause", "wonda")
    dropline("accounts", "pause", "7", "--connection", "wonda")
    stops = dropline(*PLAN, posts, "--no-advice", "--json").json["stops"]
    lifts = {each["account"]: each["lift"] for each in stops}
    assert "connections resume wonda" in lifts["7"]
    assert "accounts resume 7" in lifts["7"]
    assert "accounts resume" not in lifts["8"]


def test_an_account_that_cannot_post_is_told_and_not_taken_for_a_fault_of_the_file(
    dropline: Shell, posts: Path
) -> None:
    accounts = [
        Account(account_id="7", platform="instagram", username="bread"),
        Account(
            account_id="8", platform="instagram", username="cake", can_post=False, reason="expired"
        ),
    ]
    ledger = dropline.ledger
    ledger.accounts.sync("wonda", "wonda", accounts, now=SystemClock().now(), by="test")
    ledger.close()
    said = dropline(*PLAN, posts)
    assert said.code == 3
    assert "not out: 1 x account wonda/8 (@cake) cannot post: expired; mend it at wonda" in said.out
    assert "`dropline accounts sync --connection wonda`" in said.out


@pytest.mark.parametrize(
    ("pause", "left"),
    [
        (None, 4),
        (("campaign", "pause", "old"), 0),
        (("accounts", "pause", "7", "--connection", "wonda"), 1),
    ],
)
def test_what_waits_and_is_paused_spends_nothing(
    dropline: Shell, pause: tuple[str, ...] | None, left: int
) -> None:
    waiting = [row(str(at), caption=f"old {at}", run_at=AT_EIGHT) for at in range(3)]
    waiting.append(row("8", account="8", run_at=AT_EIGHT))
    assert (
        dropline("campaign", "load", dropline.file("o.jsonl", *waiting), "--name", "old").code == 0
    )
    if pause:
        assert dropline(*pause).code == 0
    new = dropline.file("new.jsonl", row("n", account="8", run_at=AT_EIGHT))
    told = dropline(*PLAN, new, "--start", AT_EIGHT, "--json").json
    assert told["beside"]["waiting"] == left
    assert dropline(*PLAN, new, "--alone", "--json").json["beside"]["waiting"] == 0


def test_a_file_that_is_loaded_already_is_counted_once(dropline: Shell) -> None:
    rows = [row(str(at), run_at=AT_EIGHT) for at in range(3)]
    file = dropline.file("new.jsonl", *rows)
    assert dropline("campaign", "load", file, "--name", "spring").code == 0
    more = dropline.file("more.jsonl", row("0", caption="another", run_at=AT_EIGHT))
    assert dropline("campaign", "load", more, "--name", "other").code == 0
    told = dropline(*PLAN, file, "--start", AT_EIGHT, "--json").json
    assert told["beside"]["waiting"] == 1


def test_what_is_out_of_a_file_already_is_not_planned_again(dropline: Shell) -> None:
    rows = [row(str(at), run_at=AT_EIGHT) for at in range(4)]
    file = dropline.file("new.jsonl", *rows)
    assert dropline("campaign", "load", file, "--name", "spring").code == 0
    for job_id, state in enumerate((State.SUCCEEDED, State.IN_PROGRESS, State.FAILED), start=1):
        dropline.move(job_id, State.QUEUED, State.PUBLISHING, state)

    said = dropline(*PLAN, file, "--start", AT_EIGHT, "--json")
    assert (said.json["posts"], said.json["sent_already"]) == (2, 2)
    assert "2 of the file's posts are out or on their way as jobs of spring" in said.err
    assert dropline(*PLAN, file, "--alone", "--json").json["posts"] == 4
    later = [each | {"run_at": "2100-03-08T08:00:00Z"} for each in rows]
    next_week = dropline.file("next.jsonl", *later)
    assert dropline(*PLAN, next_week, "--json").json["posts"] == 4


def test_a_file_that_is_out_altogether_fits(dropline: Shell) -> None:
    file = dropline.file("new.jsonl", row("0"))
    assert dropline("campaign", "load", file, "--name", "spring").code == 0
    dropline.move(1, State.QUEUED, State.PUBLISHING, State.SUCCEEDED)

    said = dropline(*PLAN, file)
    assert said.code == 0
    assert "0 posts" in said.out


def test_rows_that_queue_keep_the_slots_they_were_given(dropline: Shell) -> None:
    slots = ("slots", "set", "wonda/7", "09:00", "--tz", "UTC")
    assert dropline(*slots).code == 0
    file = dropline.file("queue.jsonl", *(row(str(at), queue=True) for at in range(3)))
    before = dropline(*PLAN, file, "--json").json
    assert dropline("campaign", "load", file, "--name", "spring").code == 0
    after = dropline(*PLAN, file, "--json").json

    assert after["beside"]["waiting"] == 0
    assert after["finish_at"][:16] == before["finish_at"][:16]


def test_what_series_bring_meanwhile_takes_its_share(dropline: Shell) -> None:
    config(dropline, CAPPED)
    hourly = ("--cron", "0 * * * *", "--tz", "UTC", "--start", "2100-03-01T00:00")
    add = ("series", "add", "rye", *hourly, *POST, "--caption", "Rye", "--media", URL)
    assert dropline(*add).code == 0
    rows = [row(str(at), caption=f"new {at}", run_at=AT_EIGHT) for at in range(6)]
    file = dropline.file("six.jsonl", *rows)
    words = (*PLAN, file, "--start", "2100-03-01T07:30:00Z", "--json")

    alone = dropline(*words, "--alone").json
    assert alone["finish_at"] < "2100-03-01T10:05"
    assert alone["beside"] == {"waiting": 0, "recurring": 0, "recurring_until": None}

    beside = dropline(*words).json
    assert beside["finish_at"] > "2100-03-01T12:00"
    assert 4 <= beside["beside"]["recurring"] <= 8
    assert "series bring until then" in dropline(*words[:-1]).out

    assert dropline("series", "pause", "rye").code == 0
    assert dropline(*words).json["finish_at"] == alone["finish_at"]


def test_a_cap_by_name_holds_rows_by_name_and_by_id(dropline: Shell, posts: Path) -> None:
    config(dropline, CAPPED)
    more = [row(f"m{at}", account="@bread", caption=f"more {at}") for at in range(3)]
    file = dropline.file("more.jsonl", *more, row("b"), row("c", account="8"))
    told = dropline(*PLAN, file, "--json").json
    assert told["binding"] == "2 posts per 1h of each account of wonda"
    [capped] = [each for each in told["windows"] if each["limit"] == 2]
    assert (capped["account"], capped["peak"], capped["total"]) == ("7", 2, 4)


def test_what_a_provider_has_said_of_its_limits_counts(dropline: Shell, posts: Path) -> None:
    now = SystemClock().now()
    ledger = dropline.ledger
    ledger.limits.save_block("wonda", None, now + timedelta(hours=3), "429", now)
    ledger.close()
    told = dropline(*PLAN, posts, "--json").json
    first = min(each["first_sent_at"] for each in told["lanes"])
    assert first >= instant(now + timedelta(hours=3))
    assert told["binding"] == "429"

    learnt = Limit(
        requests=1, per=timedelta(hours=9), window=Window.SLIDING, unit=Unit.POSTS, source="learnt"
    )
    ledger = dropline.ledger
    ledger.limits.save_window("wonda", None, learnt, 0, now + timedelta(hours=9), now)
    ledger.close()
    told = dropline(*PLAN, posts, "--json").json
    assert told["finish_at"] > instant(now + timedelta(hours=21))
    assert told["binding"] == "1 posts per 9h of wonda"
