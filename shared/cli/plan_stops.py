"""What stands still now, as a plan takes it: paused by somebody, or an account that cannot post."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from shared.bootstrap import Parts
from shared.cli.pausing import pause_line, resume_command
from shared.domain.account import Account
from shared.domain.job import Job, NewJob
from shared.domain.pause import Pause, Whereabouts
from shared.domain.series import NewSeries
from shared.plan.model import Place, Stop


@dataclass(frozen=True, slots=True)
class Standstill:
    """All pauses, and the accounts that cannot post as far as is known here."""

    pauses: Sequence[Pause]
    unfit: Mapping[Place, Account]

    @classmethod
    def read(cls, parts: Parts) -> "Standstill":
        unfit = {
            (each.connection, each.account.account_id): each.account
            for each in parts.ledger.accounts.list()
            if not each.account.can_post
        }
        return cls(parts.ledger.pauses.every(), unfit)

    def holds(self, job: Job) -> bool:
        """Whether a job that waits goes no further; what a replay repeats goes on."""
        return not job.replay and self._of(job, job.campaign) is not None

    def holds_series(self, series: NewSeries) -> bool:
        return self._of(series, series.campaign) is not None

    def stops(self, jobs: Sequence[NewJob]) -> dict[Place, Stop]:
        """Return the accounts of these new jobs that stand still, with all that holds each."""
        first = {(each.connection, each.post.account_id): each for each in jobs}
        found = {place: self._of(job, "") for place, job in first.items()}
        return {place: stop for place, stop in found.items() if stop is not None}

    def _of(self, asked: Job | NewJob | NewSeries, campaign: str) -> Stop | None:
        at = Whereabouts(
            campaign=campaign,
            provider=asked.provider,
            connection=asked.connection,
            account_id=asked.post.account_id,
        )
        causes = [*self._paused(at), *self._unfit(at)]
        if not causes:
            return None
        return Stop(
            why=", and ".join(each.why for each in causes),
            lift=", and ".join(each.lift for each in causes),
        )

    def _paused(self, at: Whereabouts) -> Iterator[Stop]:
        for pause in self.pauses:
            if at.is_held_by(pause.target):
                lift = f"`{resume_command(pause.target)}` lets it go on"
                yield Stop(why=pause_line(pause), lift=lift)

    def _unfit(self, at: Whereabouts) -> Iterator[Stop]:
        account = self.unfit.get((at.connection, at.account_id))
        if account is not None:
            name = f" (@{account.username.removeprefix('@')})" if account.username else ""
            yield Stop(
                why=f"account {at.connection}/{at.account_id}{name} cannot post:"
                f" {account.reason or 'not healthy'}",
                lift=f"mend it at {at.provider}, then"
                f" `dropline accounts sync --connection {at.connection}`",
            )
