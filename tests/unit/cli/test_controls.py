"""Pausing, resuming, cancelling and other rules, as a person does it."""

import getpass
from collections.abc import Callable

import pytest

from shared.domain.outcome import Receipt
from shared.domain.states import State
from tests.unit.cli.conftest import Shell, row

LATER = "2100-01-01T00:00:00Z"
TARGETS: list[tuple[list[str], str]] = [
    (["campaign", "{}", "c"], "campaign c"),
    (["accounts", "{}", "@bread", "--connection", "wonda"], "account wonda/7"),
    (["accounts", "{}", "7", "--connection", "wonda"], "account wonda/7"),
    (["connections", "{}", "wonda"], "connection wonda"),
    (["providers", "{}", "wonda"], "provider wonda"),
]


@pytest.fixture
def ids(dropline: Shell) -> list[int]:
    """Two jobs on two accounts: one is due, the other is not yet."""
    rows = [row("r0"), row("r1", run_at=LATER, account="8")]
    file = dropline.file("posts.jsonl", *rows)
    added: list[int] = dropline("campaign", "load", file, "--name", "c", "--json").json["ids"]
    return added


def words(pattern: list[str], verb: str) -> list[str]:
    return [each.format(verb) for each in pattern]


@pytest.mark.parametrize(("pattern", "target"), TARGETS, ids=str)
def test_a_pause_says_who_and_why_wherever_somebody_asks(
    dropline: Shell, ids: list[int], pattern: list[str], target: str
) -> None:
    dropline.move(ids[0], State.QUEUED)
    said = dropline(*words(pattern, "pause"), "--why", "too loud")
    again = dropline(*words(pattern, "pause"), "--json")

    assert (said.code, said.out) == (0, f"{target} is paused; 1 came back from the queue\n")
    assert again.json == {"target": target, "paused": False, "handed_back": 0}
    explained = dropline("jobs", "explain", ids[0], "--json").json
    assert explained["reason"] == "paused"
    assert f"has been paused by {getpass.getuser()} since " in explained["sentence"]
    assert "(too loud)" in explained["sentence"]
    status = dropline("campaign", "status", "c")
    assert f"{target} is paused by {getpass.getuser()} since " in status.out
    assert ": too loud" in status.out
    [told] = dropline("campaign", "status", "c", "--json").json["pauses"]
    assert (told["kind"], told["why"], told["by"]) == (
        target.partition(" ")[0],
        "too loud",
        getpass.getuser(),
    )
    [found] = [each for each in dropline("doctor", "--json").lines if each["check"] == "pause"]
    assert (found["verdict"], "resume" in found["todo"]) == ("problem", True)

    command = found["todo"].split("`")[1].split()
    assert dropline(*command[1:]).out == f"{target} goes on\n"
    assert dropline(*words(pattern, "resume")).out == f"{target} was not paused\n"
    assert dropline("campaign", "status", "c", "--json").json["pauses"] == []
    assert dropline("jobs", "explain", ids[0], "--json").json["reason"] != "paused"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (["campaign", "pause", "nowhere"], "there is no campaign 'nowhere'"),
        (["campaign", "resume", "nowhere"], "there is no campaign 'nowhere'"),
        (["campaign", "cancel", "nowhere"], "there is no campaign 'nowhere'"),
        (["campaign", "set", "nowhere"], "there is no campaign 'nowhere'"),
        (["connections", "pause", "nowhere"], "there is no connection 'nowhere'"),
        (["providers", "pause", "nowhere"], "there is no provider 'nowhere'"),
        (["connections", "resume", "nowhere"], "there is no connection 'nowhere'"),
        (["providers", "resume", "nowhere"], "there is no provider 'nowhere'"),
        (["connections", "cancel", "nowhere", "--yes"], "there is no connection 'nowhere'"),
        (["providers", "cancel", "nowhere", "--yes"], "there is no provider 'nowhere'"),
        (["accounts", "cancel", "@nobody", "--connection", "wonda", "--yes"], "is not known"),
        (["accounts", "pause", "@nobody", "--connection", "wonda"], "is not known"),
    ],
)
def test_what_is_not_there_is_exit_2(dropline: Shell, said: list[str], why: str) -> None:
    found = dropline(*said)
    assert found.code == 2
    assert why in found.err


def test_providers_are_shown_unless_another_command_is_named(bare: Shell) -> None:
    shown: Callable[..., list[str]] = lambda *more: [  # noqa: E731
        each["provider"] for each in bare("providers", *more, "--json").lines
    ]
    assert shown("wonda") == shown("show", "wonda") == ["wonda"]
    assert set(shown()) == set(shown("show")) == {"wonda", "wahdx", "posteverywhere", "genviral"}
    assert bare("providers").code == 0
    assert bare("providers", "nowhere").code == 2
    assert "pause" in bare("providers", "--help").out


def test_a_campaign_is_cancelled_as_far_as_it_had_come(dropline: Shell, ids: list[int]) -> None:
    receipt = Receipt(publish_id="p1", provider_status="queued")
    dropline.move(ids[0], State.QUEUED, State.PUBLISHING, State.IN_PROGRESS, receipt=receipt)
    said = dropline("campaign", "cancel", "c")
    again = dropline("campaign", "cancel", "c", "--json")

    assert said.code == 0
    assert "  1 cancelled in time; nothing of them was sent" in said.out
    assert "  1 at their provider, which is asked to cancel them" in said.out
    counts = again.json
    assert (counts["in_time"], counts["asked"], counts["ended"]) == (0, 1, 1)
    assert dropline("jobs", "show", ids[1], "--json").json["state"] == "cancelled"


@pytest.mark.parametrize("at", range(1, len(TARGETS)))
def test_all_of_an_account_connection_or_provider_is_cancelled_when_somebody_says_yes(
    dropline: Shell, ids: list[int], at: int
) -> None:
    pattern, target = TARGETS[at]
    unasked = dropline(*words(pattern, "cancel"))
    states = [each["state"] for each in dropline("jobs", "list", "--json").lines]
    said = dropline(*words(pattern, "cancel"), "--yes")
    again = dropline(*words(pattern, "cancel"), "--yes", "--json")

    assert (unasked.code, "say --yes" in unasked.err) == (2, True)
    assert states == ["scheduled"] * 2
    reached = 1 if target.startswith("account") else 2
    assert said.code == 0
    assert said.out == f"{target}:\n  {reached} cancelled in time; nothing of them was sent\n"
    states = [each["state"] for each in dropline("jobs", "list", "--json").lines]
    assert states.count("cancelled") == reached
    assert (again.json["target"], again.json["in_time"]) == (target, 0)
    assert dropline(*words(pattern, "cancel"), "--yes").out == f"{target} has no jobs to cancel\n"


def test_several_jobs_are_cancelled_and_each_says_whether_it_was_in_time(
    dropline: Shell, ids: list[int]
) -> None:
    dropline.move(ids[0], State.QUEUED, State.PUBLISHING, State.SUCCEEDED)
    some = dropline("jobs", "cancel", *ids)
    none = dropline("jobs", "cancel", *ids, "--json")

    assert some.code == 1
    assert some.out == f"job {ids[1]} is cancelled; nothing was sent\n"
    assert f"job {ids[0]} has ended already: it is succeeded" in some.err
    assert none.code == 2
    assert [(each["id"], each["done"]) for each in none.lines] == [(each, False) for each in ids]
    assert dropline("jobs", "cancel", ids[0], 4711).code == 2


def test_rules_of_a_campaign_are_changed_and_shown(dropline: Shell, ids: list[int]) -> None:
    said = dropline("campaign", "set", "c", "--priority", "high", "--spacing", "10m", "--json").json
    dropline("campaign", "set", "c", "--late", "skip after 2h", "--ordered")

    assert (said["priority"], said["spacing"], said["late"]) == ("high", "10m", None)
    after = dropline("campaign", "set", "c", "--json").json
    assert (after["priority"], after["spacing"]) == ("high", "10m")
    assert (after["late"], after["ordered"]) == ("skip after 2h", True)
    assert dropline("campaign", "set", "c", "--spacing", "soon").code == 2
