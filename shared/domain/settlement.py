"""How a job's row changes after something became known; the ledger writes it under its guard."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from shared.domain.outcome import Fault, Receipt
from shared.domain.states import State


class Hold(StrEnum):
    """What a held job waits for."""

    #: The account can post again.
    ACCOUNT = "account"
    #: A person says whether the post is out.
    LOST_ANSWER = "lost_answer"
    #: The provider never settled it; it is still asked, rarely.
    SETTLE = "settle"
    #: Claims kept dying before anything was sent.
    RESCUE = "rescue"
    #: The late policy wants a person to look.
    LATE = "late"
    #: Paused by a person.
    PAUSE = "pause"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """The new values of a job; None leaves a value as it is."""

    #: None = the state stays and no event is written.
    to: State | None
    why: str = ""
    #: Closes the job's open attempt with this word (see Attempt.outcome).
    outcome: str | None = None
    fault: Fault | None = None
    receipt: Receipt | None = None
    #: An answer that is not the job's to have: it is kept on the attempt only.
    stray: Receipt | None = None
    #: Forget the publish id: that publish failed for good and another will take its place.
    forget_publish: bool = False
    due_at: datetime | None = None
    next_poll_at: datetime | None = None
    next_look_at: datetime | None = None
    #: When the lost request could last have run; looks believe in absence only after it.
    lost_at: datetime | None = None
    attempts: int | None = None
    deferrals: int | None = None
    rescues: int | None = None
    polls: int | None = None
    looks: int | None = None
    hold: Hold | None = None
    replay: bool = False
    prepared: Mapping[str, Any] | None = None
