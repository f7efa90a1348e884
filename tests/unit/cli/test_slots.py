"""`slots`: set by command or in dropline.toml, listed, and taken by jobs that queue."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.unit.cli.conftest import URL, Shell, row

PARIS = ZoneInfo("Europe/Paris")
SET = ("slots", "set", "wonda/@Bread", "mon-fri 09:00,17:30", "sat 11:00", "--tz", "Europe/Paris")
FLAGS = ("publish", "--provider", "wonda", "--platform", "instagram", "--account", "@bread")


def config(dropline: Shell, text: str) -> None:
    path = dropline.home / "slots.toml"
    path.write_text(text)
    dropline.variables["DROPLINE_CONFIG"] = str(path)


def test_posts_that_queue_take_one_free_slot_after_the_other(dropline: Shell) -> None:
    said = dropline(*SET, "--json").json
    assert (said["connection"], said["account"]) == ("wonda", "7")
    assert said["slots"] == ["mon-fri 09:00,17:30", "sat 11:00"]
    free = dropline("slots", "list", "--json", "--next", 3).json["free"]

    posted = [
        dropline(*FLAGS, "--caption", f"{at}", "--media", URL, "--queue", "--json").json
        for at in range(2)
    ]
    file = dropline.file("posts.jsonl", row("a", queue=True))
    assert dropline("campaign", "load", file, "--name", "spring").code == 0
    [loaded] = dropline("jobs", "list", "--campaign", "spring", "--json").lines

    assert [each["run_at"] for each in (*posted, loaded)] == free
    listed = dropline("slots", "list", "--json").json
    assert listed["taken"] == free
    assert datetime.fromisoformat(free[0]).astimezone(PARIS).strftime("%H:%M") in {
        "09:00",
        "17:30",
        "11:00",
    }
    assert "mon-fri 09:00,17:30; sat 11:00" in dropline("slots", "list").out


def test_a_cancelled_post_gives_its_slot_back(dropline: Shell) -> None:
    dropline(*SET)
    first = dropline(*FLAGS, "--media", URL, "--queue", "--json").json
    assert dropline("jobs", "cancel", first["id"]).code == 0
    again = dropline(*FLAGS, "--media", URL, "--caption", "b", "--queue", "--json").json

    assert again["run_at"] == first["run_at"]


def test_slots_of_the_file_count_until_others_are_set_by_command(dropline: Shell) -> None:
    slots = 'slots = {zone = "UTC", times = ["06:00"]}'
    config(dropline, f'[accounts."wonda/7"]\n{slots}\n')
    assert dropline("slots", "list", "--json").json["source"] == "dropline.toml"
    posted = dropline(*FLAGS, "--media", URL, "--queue", "--json").json
    assert posted["run_at"].endswith("T06:00:00.000Z")

    dropline(*SET)
    assert dropline("slots", "list", "--json").json["source"] == "command"
    assert dropline("slots", "clear", "wonda/7", "--json").json["cleared"] is True
    assert "nothing was set" in dropline("slots", "clear", "wonda/7").out
    assert dropline("slots", "list", "--json").json["source"] == "dropline.toml"
    assert dropline("slots", "list", "--connection", "wahdx", "--json").lines == []


@pytest.mark.parametrize(
    ("slots", "why"),
    [
        ('{zone = "Mars", times = ["06:00"]}', "'Mars' is not a time zone"),
        ('{zone = "UTC", times = ["noon"]}', "'noon' is not a slot"),
        ('{zone = "UTC", times = []}', "has no slots"),
        ('{zone = "UTC", times = ["06:00"], days = 3}', "known here are zone, times"),
    ],
)
def test_slots_of_the_file_that_are_none_are_named(dropline: Shell, slots: str, why: str) -> None:
    config(dropline, f'[accounts."wonda/7"]\nslots = {slots}\n')
    said = dropline("slots", "list")

    assert said.code == 2
    assert why in said.err


def test_an_account_without_slots_and_a_time_beside_a_queue_are_refused(dropline: Shell) -> None:
    without = dropline(*FLAGS, "--media", URL, "--queue")
    both = dropline(*FLAGS, "--media", URL, "--queue", "--at", "2100-01-01T00:00:00Z")
    odd = dropline("campaign", "check", dropline.file("odd.jsonl", row("a", queue="perhaps")))

    assert without.code == both.code == odd.code == 2
    assert (
        "queue: account 7 has no slots; `dropline slots set wonda/7` gives it some" in without.err
    )
    assert "queue: takes the account's next free slot; leave out run_at" in both.err
    assert "queue: must be true or false" in odd.err
    assert dropline("jobs", "list", "--json").lines == []


def test_the_column_of_a_table_says_who_queues(dropline: Shell) -> None:
    dropline(*SET)
    path = dropline.home / "posts.csv"
    path.write_text(
        "ref,provider,platform,account,caption,media,queue\n"
        f"a,wonda,instagram,7,one,{URL},yes\nb,wonda,instagram,7,two,{URL},\n"
    )
    said = dropline("campaign", "load", path, "--name", "sheet")

    assert said.code == 0, said.err
    assert len(dropline("slots", "list", "--json").json["taken"]) == 1


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("wonda/7", "noon", "--tz", "UTC"), "SLOTS: 'noon' is not a slot"),
        (("wonda/7", "09:00", "--tz", "Mars"), "--tz: 'Mars' is not an IANA"),
        (("wonda/99", "09:00", "--tz", "UTC"), "'99' is not an account of connection wonda"),
        (("wonda", "09:00", "--tz", "UTC"), "must be CONNECTION/ACCOUNT"),
        (("nobody/7", "09:00", "--tz", "UTC"), "there is no connection 'nobody'"),
    ],
)
def test_what_cannot_be_set_is_told(dropline: Shell, words: tuple[str, ...], why: str) -> None:
    said = dropline("slots", "set", *words)

    assert said.code == 2
    assert why in said.err
    assert dropline("slots", "list", "--json").lines == []


def test_a_check_and_a_plan_give_queued_rows_the_slots_that_loading_gives(
    dropline: Shell,
) -> None:
    dropline("slots", "set", "wonda/@bread", "10:00", "--tz", "UTC")
    dropline(*FLAGS, "--media", URL, "--queue")
    free = dropline("slots", "list", "--json", "--next", 2).json["free"]
    # What goes at that time without having asked for a slot takes none.
    dropline(*FLAGS, "--media", URL, "--caption", "once", "--at", free[0])
    rows = [row(ref, queue=True, caption="Same", media=[URL]) for ref in ("a", "b")]
    file = dropline.file("posts.jsonl", *rows)

    said = dropline("campaign", "check", file, "--offline")
    assert said.code == 0
    assert "row 2 (ref b), caption: says the same to the same account" in said.err
    assert "1d apart" in said.err
    planned = dropline("campaign", "plan", file, "--json").json
    assert planned["finish_at"][:16] == free[1][:16]

    assert dropline("campaign", "load", file, "--name", "spring").code == 0
    loaded = dropline("jobs", "list", "--campaign", "spring", "--json").lines
    assert sorted(each["run_at"] for each in loaded) == free
    assert "1d apart" in dropline("campaign", "check", file, "--offline").err


def test_a_full_queue_is_told_by_check_plan_and_load(dropline: Shell) -> None:
    dropline("slots", "set", "wonda/@bread", "mon 10:00", "--tz", "UTC")
    file = dropline.file("posts.jsonl", *(row(f"r{at}", queue=True) for at in range(110)))

    for said in (
        dropline("campaign", "check", file, "--offline"),
        dropline("campaign", "plan", file),
        dropline("campaign", "load", file, "--name", "spring"),
    ):
        assert said.code == 2
        assert "account 7 of wonda has no free slot within two years" in said.err
    assert dropline("campaign", "list", "--json").lines == []
