"""Pauses: what a person has stopped, who it was and why; nothing of it goes until it is resumed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from typing_extensions import override


class Pausable(StrEnum):
    """What can be paused, the narrowest first."""

    ACCOUNT = "account"
    CAMPAIGN = "campaign"
    CONNECTION = "connection"
    PROVIDER = "provider"


@dataclass(frozen=True, slots=True)
class Target:
    """One thing that can be paused."""

    kind: Pausable
    #: Of an account its connection's name.
    name: str
    account_id: str = ""

    @override
    def __str__(self) -> str:
        place = f"/{self.account_id}" if self.kind is Pausable.ACCOUNT else ""
        return f"{self.kind} {self.name}{place}"


@dataclass(frozen=True, slots=True)
class Pause:
    """A target that a person has stopped."""

    target: Target
    by: str
    why: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """All that a pause of which a job would stand still for."""

    campaign: str
    provider: str
    connection: str
    account_id: str

    def is_held_by(self, target: Target) -> bool:
        match target.kind:
            case Pausable.ACCOUNT:
                return (self.connection, self.account_id) == (target.name, target.account_id)
            case Pausable.CAMPAIGN:
                return self.campaign == target.name
            case Pausable.CONNECTION:
                return self.connection == target.name
            case Pausable.PROVIDER:
                return self.provider == target.name


def holding(pauses: Iterable[Pause], at: Whereabouts) -> Pause | None:
    """Return the narrowest pause that holds a job which is there."""
    kinds = list(Pausable)
    found = [each for each in pauses if at.is_held_by(each.target)]
    return min(found, key=lambda each: kinds.index(each.target.kind), default=None)
