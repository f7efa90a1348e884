"""Jobs: the history with its pages, one job in full, and a person's word."""

import re

import pytest

from shared.domain.outcome import ErrorClass, Fault
from shared.domain.settlement import Hold
from shared.domain.states import State
from tests.unit.cli.conftest import Shell, row

KEYS = {
    *("id", "ref", "campaign", "provider", "connection", "platform", "account", "kind", "state"),
    *("provider_status", "attempts", "run_at", "due_at", "first_sent_at", "settled_at"),
    *("provider_publish_id", "permalink", "delivered_to_inbox", "error", "retry_of"),
}
LATER = "2100-01-01T00:00:00Z"


@pytest.fixture
def ids(dropline: Shell) -> list[int]:
    rows = [row(f"r{at}", run_at=LATER, account="78"[at % 2]) for at in range(1, 6)]
    file = dropline.file("posts.jsonl", *rows)
    added: list[int] = dropline("campaign", "load", file, "--name", "c", "--json").json["ids"]
    return added


def test_the_list_has_every_promised_key_and_instants_end_in_milliseconds_and_z(
    dropline: Shell, ids: list[int]
) -> None:
    fault = Fault(error_class=ErrorClass.BILLING, code="402", message="pay")
    dropline.move(ids[0], State.FAILED, fault=fault)
    lines = dropline("jobs", "list", "--json").lines

    assert [line["id"] for line in lines] == sorted(ids, reverse=True)
    for line in lines:
        assert set(line) >= KEYS
    assert lines[-1]["error"] == {"class": "billing", "code": "402", "message": "pay"}
    assert lines[0]["error"] is None
    assert lines[0]["run_at"] == "2100-01-01T00:00:00.000Z"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", lines[-1]["settled_at"])


def test_pages_of_a_limit_come_to_the_whole_list(dropline: Shell, ids: list[int]) -> None:
    seen: list[int] = []
    cursor: list[str] = []
    for _ in range(3):
        *page, last = dropline("jobs", "list", "--limit", "2", "--json", *cursor).lines
        seen += [line["id"] for line in page]
        if "next_cursor" not in last:
            seen.append(last["id"])
            break
        assert isinstance(last["next_cursor"], str)
        cursor = ["--cursor", last["next_cursor"]]

    assert seen == sorted(ids, reverse=True)


def test_a_limit_that_cuts_nothing_gives_no_cursor(dropline: Shell, ids: list[int]) -> None:
    lines = dropline("jobs", "list", "--limit", "5", "--json").lines

    assert [line["id"] for line in lines] == sorted(ids, reverse=True)


def test_filters_narrow_the_list(dropline: Shell, ids: list[int]) -> None:
    dropline.move(ids[0], State.CANCELLED)
    dropline.move(ids[1], State.FAILED)

    def found(*words: str) -> set[int]:
        return {line["id"] for line in dropline("jobs", "list", "--json", *words).lines}

    assert found("--state", "cancelled", "--state", "failed") == set(ids[:2])
    assert found("--account", "7") == {ids[1], ids[3]}
    assert found("--provider", "wahdx") == set()
    assert found("--campaign", "c", "--account", "8", "--state", "scheduled") == {ids[2], ids[4]}
    assert found("--campaign", "nowhere") == set()


def test_the_table_is_plain_and_whole_away_from_a_terminal(dropline: Shell, ids: list[int]) -> None:
    said = dropline("jobs", "list", "--limit", "2")

    header, *lines = said.out.splitlines()
    assert header.split() == [
        *("id", "ref", "campaign", "provider", "platform"),
        *("account", "kind", "state", "due_at"),
    ]
    assert len(lines) == 2
    assert "--cursor" in said.err


def test_show_has_the_post_the_attempts_and_the_events(dropline: Shell, ids: list[int]) -> None:
    dropline.move(ids[0], State.QUEUED)
    shown = dropline("jobs", "show", ids[0], "--json").json

    assert set(shown) >= KEYS
    assert shown["post"]["caption"] == "post r1"
    assert shown["attempt_log"] == []
    assert [(event["from"], event["to"]) for event in shown["events"]] == [
        (None, "scheduled"),
        ("scheduled", "queued"),
    ]
    assert "as the test says" in dropline("jobs", "show", ids[0]).out


def test_explain_says_until_when(dropline: Shell, ids: list[int]) -> None:
    assert dropline("jobs", "explain", ids[0]).out == (
        "It waits for its time. Until 2100-01-01 00:00:00Z.\n"
    )
    assert dropline("jobs", "explain", ids[0], "--json").json["until"] == (
        "2100-01-01T00:00:00.000Z"
    )


def test_a_cancelled_job_is_cancelled_once(dropline: Shell, ids: list[int]) -> None:
    assert dropline("jobs", "cancel", ids[0]).code == 0
    again = dropline("jobs", "cancel", ids[0], "--json")

    assert again.code == 2
    assert again.json["done"] is False
    assert dropline("jobs", "show", ids[0], "--json").json["state"] == "cancelled"


def test_a_failed_job_is_retried_once(dropline: Shell, ids: list[int]) -> None:
    dropline.move(ids[0], State.FAILED)
    first = dropline("jobs", "retry", ids[0])
    again = dropline("jobs", "retry", ids[0], ids[1])

    assert first.code == 0
    new = int(first.out)
    assert dropline("jobs", "show", new, "--json").json["retry_of"] == ids[0]
    assert dropline("jobs", "show", ids[0], "--json").json["retried_by"] == new
    assert (again.code, again.out) == (2, "")
    assert f"retried already as job {new}" in again.err
    assert f"job {ids[1]} is not retried: it is scheduled" in again.err


def test_a_retry_that_names_an_unknown_job_retries_none(dropline: Shell, ids: list[int]) -> None:
    dropline.move(ids[0], State.FAILED)

    assert dropline("jobs", "retry", ids[0], 99).code == 2
    assert len(dropline("jobs", "list", "--json").lines) == len(ids)


def test_a_person_resolves_a_lost_answer(dropline: Shell, ids: list[int]) -> None:
    for job_id in ids[:2]:
        dropline.move(job_id, State.HELD, hold=Hold.LOST_ANSWER)
    url = "https://instagram.com/p/1"

    published = dropline("jobs", "resolve", ids[0], "--published", url, "--json")
    absent = dropline("jobs", "resolve", ids[1], "--not-published")

    assert (published.json["state"], published.json["permalink"]) == ("succeeded", url)
    assert absent.out == f"job {ids[1]} is retrying now\n"
    refused = dropline("jobs", "resolve", ids[2], "--not-published")
    assert refused.code == 2
    assert "does not wait for a person" in refused.err
