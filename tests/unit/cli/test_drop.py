"""`drop`: one post, or several, to many accounts."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from shared.clock import SystemClock
from shared.domain.account import Account
from tests.unit.cli.conftest import URL, Said, Shell

AT = "2100-01-01T09:00:00Z"
FLAGS = ("--caption", "Hi from {name} ({username})", "--media", URL, "--at", AT)


@pytest.fixture
def shops(dropline: Shell) -> Shell:
    """Four accounts at Wonda, of which one cannot post, and two at another connection of it."""
    config = dropline.home / "dropline.toml"
    config.write_text(
        '[connections.agency]\nprovider = "wonda"\n'
        '[connections.wonda.accounts."7"]\ntags = ["food", "fr"]\n'
        '[connections.wonda.accounts."@Cake"]\ntags = ["food"]\n'
        '[connections.agency.accounts."@bread"]\ntags = ["fr"]\n'
    )
    ledger = dropline.ledger
    here = [
        account("7", "bread", display_name="The Bakery"),
        account("8", "cake"),
        account("9", "clips", platform="tiktok"),
        account("10", "gone", can_post=False, reason="disconnected"),
    ]
    there = [account("70", "bread"), account("71", "rye")]
    now = SystemClock().now()
    ledger.accounts.sync("wonda", "wonda", here, now=now, by="test")
    ledger.accounts.sync("agency", "wonda", there, now=now, by="test")
    ledger.close()
    return dropline


def account(account_id: str, username: str, platform: str = "instagram", **more: Any) -> Account:
    return Account(account_id=account_id, platform=platform, username=username, **more)


def drop(shell: Shell, *words: object, flags: Sequence[object] = FLAGS) -> Said:
    return shell("drop", "--name", "spring", "--yes", "--json", *flags, *words)  # type: ignore[arg-type]


def accounts(said: Said) -> list[str]:
    assert said.code == 0, said
    return [post["ref"].removeprefix("drop/") for post in said.json["posts"]]


def jobs(shell: Shell) -> list[dict[str, Any]]:
    found = shell("jobs", "list", "--campaign", "spring", "--json").lines
    return [shell("jobs", "show", each["id"], "--json").json for each in found[::-1]]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--accounts", "8,agency/@rye"), ["wonda/8", "agency/71"]),
        (("--accounts", "71", "--accounts", "@CAKE,71"), ["agency/71", "wonda/8"]),
        (("--tag", "food"), ["wonda/7", "wonda/8"]),
        (("--tag", "fr"), ["agency/70", "wonda/7"]),
        (("--tag", "fr", "--connection", "wonda"), ["wonda/7"]),
        (("--tag", "fr", "--accounts", "@cake,@rye,wonda/7"), ["wonda/7"]),
        (("--accounts", "@bread", "--connection", "agency"), ["agency/70"]),
        (
            ("--healthy", "--platform", "instagram"),
            ["agency/70", "agency/71", "wonda/7", "wonda/8"],
        ),
    ],
)
def test_accounts_are_chosen_by_list_tag_and_filter(
    shops: Shell, words: tuple[str, ...], expected: list[str]
) -> None:
    assert accounts(drop(shops, *words, "--dry-run")) == expected


def test_accounts_may_stand_in_a_file(shops: Shell) -> None:
    (shops.home / "who.txt").write_text("# ours\n@cake\n\n70  # theirs\n")

    assert accounts(drop(shops, "--accounts", "who.txt", "--dry-run")) == ["wonda/8", "agency/70"]


def test_whom_nobody_knows_and_who_may_be_several_is_told_at_once(shops: Shell) -> None:
    said = drop(shops, "--accounts", "@bread,@nobody", "--tag", "gb")

    assert said.code == 2
    assert "'@nobody' is not an account" in said.err
    assert "--tag 'gb': no account has it; tags are food, fr" in said.err
    said = drop(shops, "--accounts", "@bread")
    assert "ambiguous; it may be agency/70 (instagram), wonda/7 (instagram)" in said.err
    assert drop(shops).code == 2, "a drop to everybody has to be meant"
    assert drop(shops, "--platform", "x").code == 2
    assert jobs(shops) == []


@pytest.mark.parametrize("given", ["", " , ", "nobody.txt"])
def test_a_list_of_nobody_does_not_choose_everybody(shops: Shell, given: str) -> None:
    (shops.home / "nobody.txt").write_text("# all of them were taken out\n")

    said = drop(shops, "--accounts", given, "--connection", "wonda")

    assert said.code == 2
    assert f"--accounts {given!r} names no account" in said.err
    assert jobs(shops) == []


def test_connections_and_providers_that_are_not_there_are_named(shops: Shell) -> None:
    assert "nowhere" in drop(shops, "--connection", "nowhere").err
    said = drop(shops, "--provider", "nowhere")
    assert (said.code, "nowhere" in said.err) == (2, True)


def test_nobody_has_the_post_twice_through_two_connections(shops: Shell) -> None:
    ledger = shops.ledger
    again = [account("8", "cake"), account("70", "bread")]
    ledger.accounts.sync("agency", "wonda", again, now=SystemClock().now(), by="test")
    ledger.close()

    said = drop(shops, "--provider", "wonda", "--platform", "instagram", "--healthy")

    assert said.code == 2
    assert "account 8 at wonda would have the post twice, through agency and wonda" in said.err
    assert jobs(shops) == []
    said = drop(shops, "--accounts", "wonda/8,@rye,agency/@bread,wonda/@bread", "--dry-run")
    assert said.code == 2, "@rye is gone"
    said = drop(shops, "--accounts", "wonda/8,agency/@bread,wonda/@bread", "--dry-run")
    assert said.code == 0
    assert "instagram @bread may be one account, which would have 2 posts" in said.err


def test_each_account_has_its_job_with_its_own_words_and_time(shops: Shell) -> None:
    (shops.home / "vars.csv").write_text("account,city,unused\nwonda/7,Bari,x\n@cake,Oslo,\n99,,\n")
    caption = ("--caption", "{{Hi}} {name} of {city}", "--media", URL, "--at", AT)
    rhythm = ("--spacing", "30s", "--jitter", "10s", "--seed", "s")
    words = ("--tag", "food", "--vars", "vars.csv", *rhythm)
    said = drop(shops, *words, flags=caption)

    assert said.code == 0, said.err
    found = jobs(shops)
    assert [(each["ref"], each["post"]["caption"]) for each in found] == [
        ("drop/wonda/7", "{Hi} The Bakery of Bari"),
        ("drop/wonda/8", "{Hi} cake of Oslo"),
    ]
    assert [each["run_at"] for each in found] == [each["run_at"] for each in said.json["posts"]]
    assert said.json["first_at"] == "2100-01-01T09:00:00.000Z"
    assert "2100-01-01T09:00:30" <= said.json["last_at"] <= "2100-01-01T09:00:40.000Z"
    assert (said.json["jobs"], said.json["connections"]) == (2, {"wonda": 2})


def test_the_same_drop_again_adds_nothing_whenever_that_is(shops: Shell) -> None:
    words = ("--tag", "food", "--spacing", "1m", "--jitter", "1m")
    soon = FLAGS[:4]
    first = drop(shops, *words, flags=soon)
    again = drop(shops, *words, flags=soon)
    more = drop(shops, "--accounts", "7,8,71", *words[2:], flags=soon)

    assert (len(first.json["ids"]), first.json["added"]) == (2, 2)
    assert (again.json["added"], again.json["unchanged"], again.json["changed"]) == (0, 2, [])
    assert again.json["posts"] == first.json["posts"]
    assert (more.json["added"], more.json["unchanged"]) == (1, 2)


def test_waves_are_planned_and_shown(shops: Shell) -> None:
    words = ("--healthy", "--platform", "instagram", "--wave-size", 2, "--wave-every", "30m")
    said = drop(shops, *words, "--spacing", "10s", "--dry-run")

    assert [(wave["jobs"], wave["first_at"][11:19]) for wave in said.json["waves"]] == [
        (2, "09:00:00"),
        (2, "09:30:00"),
    ]
    shown = shops("drop", "--name", "spring", "--dry-run", *FLAGS, *words)
    assert shown.code == 0
    assert "spring: 4 posts for 4 accounts" in shown.out
    assert "first at 2100-01-01 09:00:00Z" in shown.out
    assert drop(shops, *words[:-2]).code == 2


def test_every_problem_is_told_once_and_nothing_is_written(shops: Shell) -> None:
    flags = ("--caption", "{first_name} " + "x" * 3000, "--title", "a } b", "--media", "gone.jpg")
    said = drop(shops, "--tag", "food", "--at", AT, flags=flags)

    assert said.code == 2
    assert said.err.count("{first_name} is not a variable; known are username, name, account") == 1
    assert "title: has a single }; write }} for a brace" in said.err
    assert "there is no file" in said.err
    assert said.err.count("2200") == 1
    assert "and 1 accounts more" in said.err
    assert jobs(shops) == []


def test_a_variable_needs_a_value_for_everybody_who_is_meant(shops: Shell) -> None:
    (shops.home / "vars.csv").write_bytes("account;city\r\n7;Bari\r\n".encode("utf-8-sig"))
    flags = ("--caption", "in {city}", "--media", URL, "--at", AT)
    said = drop(shops, "--tag", "food", "--vars", "vars.csv", flags=flags)

    assert said.code == 2
    assert "{city} has no value for wonda/8" in said.err
    assert drop(shops, "--accounts", "7", "--vars", "vars.csv", flags=flags).code == 0


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ("", "no column `account`"),
        ("city,city\n", "has 'city' 2 times"),
        ("account,a{b\n", "a variable needs a name without braces"),
        ("account,city\n7\n", "row 1 has 1 cells, the header has 2"),
        ("account,city\n7,a\nwonda/7,b\n", "two rows for wonda/7"),
    ],
)
def test_a_table_of_variables_that_cannot_be_read_says_why(
    shops: Shell, table: str, problem: str
) -> None:
    (shops.home / "vars.csv").write_text(table)
    said = drop(shops, "--accounts", "7", "--vars", "vars.csv")

    assert said.code == 2
    assert problem in said.err


def test_a_file_has_several_posts_for_all_of_them(shops: Shell) -> None:
    posts: list[dict[str, object]] = [
        {"ref": "a", "caption": "one for {username}", "media": [URL]},
        {"ref": "b", "caption": "two", "media": [URL], "connection": "wonda"},
        {"ref": "c", "caption": "three", "media": [URL], "run_at": "2100-02-01T00:00:00Z"},
    ]
    file = shops.file("posts.jsonl", *posts)
    said = drop(shops, file, "--tag", "fr", "--spacing", "1h", "--at", AT, flags=())

    assert said.code == 0, said.err
    assert [(post["ref"], post["run_at"][:16]) for post in said.json["posts"]] == [
        ("a/agency/70", "2100-01-01T09:00"),
        ("a/wonda/7", "2100-01-01T10:00"),
        ("b/wonda/7", "2100-01-01T11:00"),
        ("c/agency/70", "2100-02-01T00:00"),
        ("c/wonda/7", "2100-02-01T01:00"),
    ]
    assert [each["post"]["caption"] for each in jobs(shops)[:2]] == ["one for bread"] * 2


def test_a_file_of_posts_names_no_account(shops: Shell) -> None:
    file = shops.file(
        "posts.jsonl",
        {"ref": "a", "account": "7", "media": [URL]},
        {"ref": "b", "media": [URL], "provider": "genviral"},
        {"ref": "c", "media": [URL], "when": "now"},
    )
    said = drop(shops, file, "--tag", "fr", flags=())

    assert said.code == 2
    assert "row 1 (ref a), account: has no place in a drop" in said.err
    assert "row 2 (ref b): no account that was chosen fits" in said.err
    assert "row 3 (ref c), when: is not a field" in said.err
    assert drop(shops, file, "--tag", "fr", "--caption", "x", flags=()).code == 2


def test_nothing_is_written_unasked(shops: Shell) -> None:
    said = shops("drop", "--name", "spring", "--tag", "food", *FLAGS)

    assert said.code == 2
    assert "nothing was written; say --yes" in said.err
    assert "2 posts for 2 accounts" in said.out
    assert jobs(shops) == []


@pytest.mark.parametrize(
    "words",
    [
        ("--spacing", "soon"),
        ("--jitter", "-1s"),
        ("--wave-size", "5", "--wave-every", "x"),
        ("--at", "9 o'clock"),
        ("--timezone", "Mars/Base"),
        ("--vars", "missing.csv"),
    ],
)
def test_words_that_cannot_be_read_are_named(shops: Shell, words: tuple[str, ...]) -> None:
    said = drop(shops, "--tag", "food", *words, flags=("--media", URL))

    assert said.code == 2
    assert words[-2] in said.err or words[-1] in said.err
    assert Path("missing.csv").exists() is False
