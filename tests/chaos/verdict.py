"""What came of a run: the ledger beside what the sandboxes stored."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from typing_extensions import override

from shared.domain.job import Job
from shared.domain.states import AT_REST, State


@dataclass(frozen=True, slots=True)
class Verdict:
    """The posts that went wrong, by their refs, and why jobs are held."""

    twice: list[str]
    lost: list[str]
    wrong: list[str]
    held: Counter[str]

    @property
    def clean(self) -> bool:
        return not (self.twice or self.lost or self.wrong)

    @override
    def __str__(self) -> str:
        whys = "; ".join(f"{count} {why}" for why, count in self.held.most_common())
        parts = (
            f"published twice: {len(self.twice)}",
            f"lost: {len(self.lost)}",
            f"wrong: {len(self.wrong)}",
            f"held: {self.held.total()} ({whys or 'none'})",
        )
        named = [*self.twice, *self.lost, *self.wrong]
        return ", ".join(parts) + (f"\n  {named}" if named else "")


def judge(
    jobs: Sequence[Job], stored: Mapping[str, list[dict[str, Any]]], differing: Sequence[str]
) -> Verdict:
    """Compare each job with what is stored under its caption."""
    twice, lost, wrong = [], [], []
    for job in jobs:
        copies = len(stored.get(job.post.caption, ()))
        if copies > 1:
            twice.append(job.ref)
        if job.state not in AT_REST or (job.state is State.SUCCEEDED and copies == 0):
            lost.append(f"{job.ref} is {job.state} and stored {copies} times: {job.reason}")
        if job.state is State.FAILED:
            wrong.append(f"{job.ref} failed and is stored {copies} times: {job.reason}")
    refs = {job.ref for job in jobs if job.state is State.SUCCEEDED}
    wrong += [each for each in differing if each.partition(": ")[0] in refs]
    held = Counter(job.reason for job in jobs if job.state is State.HELD)
    return Verdict(twice, lost, wrong, held)
