"""What somebody should know after a load or a drop: what stands still, has ended, or goes twice."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.bootstrap import Parts
from shared.cli.pausing import pause_line, pause_shape, resume_command
from shared.domain.pause import Pause
from shared.domain.states import State
from shared.ledger.jobs import JobFilter
from shared.producer import Submission

#: Nothing comes of these any more unless somebody asks for it.
_GIVEN_UP = (State.FAILED, State.CANCELLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftermath:
    """How a campaign stands once jobs were submitted to it."""

    campaign: str
    #: Jobs that were there already, ended like this, and were not retried.
    given_up: Mapping[State, int]
    #: By campaign, how many of its posts the added jobs repeat.
    repeated: Mapping[str, int]
    pauses: Sequence[Pause]

    @classmethod
    def of(cls, parts: Parts, campaign: str, done: Submission) -> "Aftermath":
        """Look what became of what was there, and where else the added posts are."""
        ledger = parts.ledger
        return cls(
            campaign=campaign,
            given_up=_given_up(parts, campaign, done.existing),
            repeated=ledger.neighbours.repeated(campaign, min(done.added)) if done.added else {},
            pauses=ledger.pauses.of_campaign(campaign),
        )

    def shape(self) -> dict[str, Any]:
        return {
            "given_up": {str(state): count for state, count in self.given_up.items()},
            "repeated": dict(self.repeated),
            "pauses": [pause_shape(each) for each in self.pauses],
        }

    def lines(self) -> Iterator[str]:
        """Yield what it is, and what to do about it."""
        for state, count in self.given_up.items():
            again = f"dropline campaign retry {self.campaign} --state {state}"
            yield f"{count} of those that were there are {state}, and stay so; `{again}` asks anew"
        for other, count in self.repeated.items():
            yield (
                f"warning: {count} of the added posts are in campaign {other} as well, for the"
                f" same account within a day, and go out twice; {self._way_back(other)}"
            )
        for pause in self.pauses:
            yield f"{pause_line(pause)}; `{resume_command(pause.target)}` lets it go on"

    def _way_back(self, other: str) -> str:
        if other == self.campaign:
            return "`dropline jobs list` shows them, `dropline jobs cancel` takes them back"
        return f"`dropline campaign cancel {self.campaign}` takes back what was not sent"


def _given_up(parts: Parts, campaign: str, existing: Sequence[int]) -> Mapping[State, int]:
    if not existing:
        return {}
    which = JobFilter(campaign=campaign, states=_GIVEN_UP)
    ours = set(existing)
    found = parts.ledger.retries.candidates(which)
    return Counter(each.state for each in found if each.id in ours and each.retried_as is None)
