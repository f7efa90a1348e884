"""After a lost answer: absence needs two looks and time, and the unknown is never sent again."""

from datetime import timedelta

from shared.domain.capabilities import LostAnswer
from shared.domain.lost import (
    Absent,
    Adopt,
    Ambiguous,
    Disputed,
    Found,
    Hold,
    LookAgain,
    LostCall,
    Replay,
    SendAgain,
    Unanswered,
    decide,
    first_look,
)
from shared.domain.status import Status, Verdict
from tests.support.jobs import NOW


def call(policy: LostAnswer = LostAnswer.SEARCH, ago: int = 0, looks: int = 0) -> LostCall:
    ended_at = NOW - timedelta(seconds=ago)
    return LostCall(
        policy=policy,
        ended_at=ended_at,
        first_sent_at=ended_at,
        absence_after=timedelta(seconds=30),
        replay_window=timedelta(hours=1),
        looks=looks,
    )


def test_a_provider_that_cannot_be_asked_means_a_person_decides() -> None:
    assert isinstance(first_look(call(LostAnswer.HOLD)), Hold)


def test_others_are_asked_soon() -> None:
    first = first_look(call())
    assert isinstance(first, LookAgain)
    assert first.at == NOW + timedelta(seconds=2)


def test_one_match_is_adopted_however_early() -> None:
    status = Status(publish_id="p", verdict=Verdict.PENDING, raw="queued")
    assert decide(call(), Found(status), NOW) == Adopt(status)


def test_several_matches_are_held() -> None:
    assert isinstance(decide(call(ago=300, looks=5), Ambiguous(("a", "b")), NOW), Hold)


def test_a_match_that_another_job_was_told_of_is_held_or_replayed() -> None:
    told = Disputed(("a",))
    assert isinstance(decide(call(ago=300, looks=5), told, NOW), Hold)
    assert isinstance(decide(call(LostAnswer.REPLAY, ago=300), told, NOW), Replay)


def test_one_look_proves_nothing_however_late() -> None:
    assert isinstance(decide(call(ago=3_000, looks=0), Absent(), NOW), LookAgain)


def test_two_looks_prove_nothing_too_early_and_the_next_comes_when_they_would() -> None:
    verdict = decide(call(ago=10, looks=5), Absent(), NOW)
    assert isinstance(verdict, LookAgain)
    assert verdict.at == NOW + timedelta(seconds=20)


def test_two_looks_after_the_time_are_believed() -> None:
    assert isinstance(decide(call(ago=30, looks=1), Absent(), NOW), SendAgain)


def test_a_look_that_failed_is_no_look() -> None:
    assert isinstance(decide(call(ago=300, looks=1), Unanswered("500"), NOW), LookAgain)


def test_a_replay_is_sent_only_while_its_key_is_trusted() -> None:
    assert isinstance(decide(call(LostAnswer.REPLAY, ago=60), Absent(), NOW), Replay)
    assert isinstance(decide(call(LostAnswer.REPLAY, ago=3_600), Absent(), NOW), Hold)
