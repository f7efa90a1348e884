"""Creators are asked about once each; trouble is a note, never a finding of a row."""

from datetime import timedelta

from shared.clock import SystemClock
from shared.connected import Connected
from shared.domain.creator import Creator
from shared.domain.outcome import ErrorClass, Fault
from shared.errors import KeyMissing
from shared.preflight.creators import CreatorKey, Creators
from shared.wire.answer import CallFailed
from tests.unit.preflight.rows import connected

LONG = timedelta(seconds=20)
CREATOR = Creator(privacy_levels=("SELF_ONLY",))


class Asked:
    """Answers or raises, and counts."""

    def __init__(self, *raises: Exception) -> None:
        self.calls: list[tuple[str, str]] = []
        self._raises = list(raises)

    def __call__(self, at: Connected, account_id: str) -> Creator:
        self.calls.append((at.name, account_id))
        if self._raises:
            raise self._raises.pop(0)
        return CREATOR


def test_each_account_is_asked_about_once() -> None:
    ask = Asked()
    found = Creators(ask, SystemClock()).of([(connected("wahdx"), "a1")] * 5, LONG)
    assert found == {CreatorKey("wahdx", "a1"): CREATOR}
    assert ask.calls == [("wahdx", "a1")]


def test_a_connection_that_cannot_be_asked_is_noted_once() -> None:
    ask = Asked(*(KeyMissing("connection wahdx has no API key") for _ in range(50)))
    creators = Creators(ask, SystemClock())
    wanted = [(connected("wahdx"), f"a{n}") for n in range(50)]
    assert creators.of(wanted, LONG) == {}
    assert creators.notes == [
        "what creators allow at wahdx was not checked: connection wahdx has no API key"
    ]
    assert len(ask.calls) < 5


def test_a_refusal_concerns_its_account_only() -> None:
    fault = Fault(error_class=ErrorClass.VALIDATION, message="only active accounts")
    creators = Creators(Asked(CallFailed(fault, again=False)), SystemClock())
    found = creators.of([(connected("wahdx"), f"a{n}") for n in range(2)], LONG)
    assert len(found) == 1
    (note,) = creators.notes
    assert "only active accounts" in note
