from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.limit import Block, Call, LearntWindow, Limit, Reach, Unit, Window
from shared.domain.post import Kind, Media
from shared.ledger import Ledger
from shared.ledger.heartbeats import Heartbeat
from tests.contract.ledger.building import (
    NOW,
    SECOND,
    SUCCEEDED,
    at_once,
    publishing_as,
    sent,
    settled,
)
from tests.contract.ledger.conftest import OpenLedger

MINUTE = timedelta(minutes=1)
LIMIT = Limit(
    requests=60,
    per=timedelta(seconds=1, milliseconds=500),
    window=Window.ROLLING,
    reach=Reach.ACCOUNT,
    calls=frozenset({Call.PUBLISH, Call.UPLOAD}),
    zone="Europe/Paris",
    source="learnt",
)


@pytest.mark.parametrize("account", [None, "a1"])
def test_a_block_is_known_until_it_ends(ledger: Ledger, account: str | None) -> None:
    ledger.limits.save_block("wonda", account, NOW + MINUTE, "429", NOW)

    assert ledger.limits.blocks(NOW) == [Block("wonda", account, NOW + MINUTE, "429")]
    assert ledger.limits.blocks(NOW + MINUTE) == []


def test_the_later_of_two_blocks_counts(ledger: Ledger) -> None:
    ledger.limits.save_block("wonda", None, NOW + MINUTE, "first", NOW)
    ledger.limits.save_block("wonda", None, NOW + SECOND, "shorter", NOW)
    assert ledger.limits.blocks(NOW) == [Block("wonda", None, NOW + MINUTE, "first")]

    ledger.limits.save_block("wonda", None, NOW + 2 * MINUTE, "longer", NOW)
    assert ledger.limits.blocks(NOW) == [Block("wonda", None, NOW + 2 * MINUTE, "longer")]


@pytest.mark.parametrize("account", [None, "a1"])
def test_a_learnt_window_comes_back_whole_until_it_resets(
    ledger: Ledger, account: str | None
) -> None:
    ledger.limits.save_window("wonda", account, LIMIT, 7, NOW + MINUTE, NOW)

    assert ledger.limits.learnt(NOW) == [
        LearntWindow("wonda", account, LIMIT, 7, NOW + MINUTE, NOW)
    ]
    assert ledger.limits.learnt(NOW + MINUTE) == []


def test_a_later_word_on_the_same_window_replaces_the_earlier_one(ledger: Ledger) -> None:
    ledger.limits.save_window("wonda", None, LIMIT, 7, NOW + MINUTE, NOW)
    fewer = replace(LIMIT, requests=30)

    ledger.limits.save_window("wonda", None, fewer, 8, NOW + 2 * MINUTE, NOW + SECOND)

    [learnt] = ledger.limits.learnt(NOW)
    assert (learnt.limit, learnt.used, learnt.saved_at) == (fewer, 8, NOW + SECOND)


def test_windows_of_another_shape_or_other_calls_are_other_windows(ledger: Ledger) -> None:
    every = replace(LIMIT, calls=frozenset())
    others = (
        *(every, replace(LIMIT, per=MINUTE), replace(LIMIT, window=Window.FIXED)),
        replace(LIMIT, unit=Unit.POSTS),
    )
    for limit in (LIMIT, *others):
        ledger.limits.save_window("wonda", None, limit, 1, NOW + MINUTE, NOW)

    assert len(ledger.limits.learnt(NOW)) == 5
    assert every in [learnt.limit for learnt in ledger.limits.learnt(NOW)]


def test_an_earlier_word_that_is_late_does_not_replace_a_later_one(ledger: Ledger) -> None:
    ledger.limits.save_window("wonda", None, LIMIT, 7, NOW + 2 * MINUTE, NOW + MINUTE)

    ledger.limits.save_window("wonda", None, LIMIT, 1, NOW + 3 * MINUTE, NOW)

    [known] = ledger.limits.learnt(NOW + MINUTE)
    assert (known.used, known.saved_at) == (7, NOW + MINUTE)


def test_sends_are_counted_by_connection_and_account(ledger: Ledger) -> None:
    settled(ledger, publishing_as(SUCCEEDED, "p1"), "one")
    settled(ledger, publishing_as(SUCCEEDED, "p2"), "two", account="a2")
    settled(ledger, publishing_as(SUCCEEDED, "p3"), "three", connection="agency")

    assert ledger.limits.sent_since("wonda", None, NOW) == [NOW, NOW]
    assert ledger.limits.sent_since("wonda", "a2", NOW - SECOND) == [NOW]
    assert ledger.limits.sent_since("wonda", None, NOW + SECOND) == []


def test_a_send_that_was_under_way_at_the_time_is_counted(ledger: Ledger) -> None:
    job, _ = sent(ledger)
    assert ledger.limits.sent_since("wonda", None, NOW + MINUTE) == [NOW]
    assert ledger.limits.sent_since("wonda", None, NOW + 60 * MINUTE) == []

    ledger.claims.settle(job, SUCCEEDED, now=NOW + 3 * SECOND, by="w1")

    assert ledger.limits.sent_since("wonda", None, NOW + 2 * SECOND) == [NOW]
    assert ledger.limits.sent_since("wonda", None, NOW + 4 * SECOND) == []


def test_a_send_is_counted_as_often_as_its_post_makes_containers(ledger: Ledger) -> None:
    settled(ledger, publishing_as(SUCCEEDED, "p1"), "one")
    slides = tuple(Media(url=f"https://cdn.example.com/{each}.jpg") for each in range(3))
    carousel = {"account": "a2", "kind": Kind.CAROUSEL, "media": slides}
    settled(ledger, publishing_as(SUCCEEDED, "p2"), "two", **carousel)

    assert ledger.limits.containers_since("wonda", None, NOW) == [NOW] * 5
    assert ledger.limits.containers_since("wonda", "a2", NOW) == [NOW] * 4
    assert ledger.limits.containers_since("wonda", None, NOW + SECOND) == []
    posts = ledger.limits.posts_since("wonda", "a2", NOW)
    assert [(at, post.kind, post.containers) for at, post in posts] == [(NOW, Kind.CAROUSEL, 4)]


def test_a_heartbeat_is_one_row_for_each_process(ledger: Ledger) -> None:
    ledger.heartbeats.beat("w1", "worker", NOW - MINUTE, {"free": 3})
    ledger.heartbeats.beat("w1", "worker", NOW, {"free": 4, "nested": {"a": [1]}})
    ledger.heartbeats.beat("s1", "scheduler", NOW - 5 * SECOND, {})

    assert ledger.heartbeats.alive(NOW, MINUTE) == [
        Heartbeat("s1", "scheduler", NOW - 5 * SECOND, {}),
        Heartbeat("w1", "worker", NOW, {"free": 4, "nested": {"a": [1]}}),
    ]
    assert [each.name for each in ledger.heartbeats.alive(NOW, SECOND)] == ["w1"]


def test_processes_that_fell_silent_are_forgotten(ledger: Ledger) -> None:
    ledger.heartbeats.beat("old", "worker", NOW - MINUTE, {})
    ledger.heartbeats.beat("new", "worker", NOW, {})

    assert ledger.heartbeats.forget(NOW) == 1
    assert [each.name for each in ledger.heartbeats.alive(NOW, timedelta(days=1))] == ["new"]


def test_an_epoch_is_new_once(ledger: Ledger) -> None:
    assert ledger.epochs.seen("run-1", NOW)
    assert not ledger.epochs.seen("run-1", NOW)
    assert ledger.epochs.seen("run-2", NOW)
    assert ledger.epochs.seen("run-1", NOW)


def test_of_two_that_see_an_epoch_at_once_one_is_told_that_it_is_new(
    open_ledger: OpenLedger,
) -> None:
    one, other = open_ledger(), open_ledger()
    one.epochs.seen("run-1", NOW)

    told = at_once(lambda: one.epochs.seen("run-2", NOW), lambda: other.epochs.seen("run-2", NOW))

    assert sorted(told) == [False, True]
