"""How a campaign stands: counts, what is held and for whom, and the exit code that follows."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.bootstrap import Parts
from shared.cli.exits import ExitCode, worst
from shared.cli.shapes import Shape, counts_shape
from shared.domain.settlement import Hold
from shared.domain.states import AT_REST, State
from shared.ledger.jobs import JobFilter

_PAGE = 500


@dataclass(frozen=True, slots=True)
class Standing:
    """The counts of one campaign, and why jobs of it are held."""

    campaign: str
    counts: Mapping[State, int]
    #: Reasons with their counts, the commonest first.
    held: tuple[tuple[str, int], ...] = ()
    #: Held jobs that wait for a person's word about a lost answer.
    lost: int = 0

    @property
    def moving(self) -> int:
        return sum(count for state, count in self.counts.items() if state not in AT_REST)

    @property
    def code(self) -> ExitCode:
        """Held for another reason than a lost answer counts as failed: nothing came of it yet."""
        held_otherwise = self.counts.get(State.HELD, 0) - self.lost
        failed = self.counts.get(State.FAILED, 0) + held_otherwise
        return worst(
            ExitCode.LOST_ANSWERS if self.lost else ExitCode.DONE,
            ExitCode.JOBS_FAILED if failed else ExitCode.DONE,
        )

    def line(self) -> str:
        return f"{self.campaign}: {counted(self.counts)}"

    def shape(self) -> Shape:
        return {
            "campaign": self.campaign,
            "total": sum(self.counts.values()),
            "moving": self.moving,
            "counts": counts_shape(self.counts),
            "held": [{"reason": reason, "count": count} for reason, count in self.held],
            "lost_answers": self.lost,
        }


def counted(counts: Mapping[State, int]) -> str:
    """Say how many jobs there are and in which states."""
    told = [f"{counts[state]} {state}" for state in State if counts.get(state)]
    total = sum(counts.values())
    return f"{total} job{'' if total == 1 else 's'}" + (f" ({', '.join(told)})" if told else "")


def standing(parts: Parts, campaign: str) -> Standing:
    """Return how a campaign stands now; raises UnknownName."""
    counts = parts.ledger.campaigns.counts(campaign)
    if not counts.get(State.HELD):
        return Standing(campaign, counts)
    held = tuple(parts.ledger.campaigns.held(campaign))
    return Standing(campaign, counts, held, _lost(parts, campaign))


def _lost(parts: Parts, campaign: str) -> int:
    which = JobFilter(campaign=campaign, states=(State.HELD,))
    lost, before = 0, None
    while page := parts.ledger.jobs.page(which, _PAGE, before):
        lost += sum(job.hold is Hold.LOST_ANSWER for job in page)
        before = page[-1].id
    return lost
