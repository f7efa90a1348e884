"""The plan of a drop: checked whole, shown before anything is written."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from shared.cli.output import instant, show_table, shown
from shared.domain.job import NewJob
from shared.producer import Planned
from shared.rows import RowProblem

#: Waves that are shown to a person; scripts see all.
_WAVES_SHOWN = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class DropPlan:
    """What a drop would write."""

    campaign: str
    seed: str
    planned: Sequence[Planned]
    jobs: Sequence[NewJob]
    warnings: Sequence[RowProblem]

    def shape(self) -> dict[str, Any]:
        """Return the plan for scripts."""
        times = [each.row.run_at for each in self.planned if each.row.run_at]
        return {
            "campaign": self.campaign,
            "seed": self.seed,
            "jobs": len(self.jobs),
            "accounts": len({(each.row.connection, each.row.account) for each in self.planned}),
            "first_at": instant(min(times)),
            "last_at": instant(max(times)),
            "connections": dict(Counter(each.row.connection for each in self.planned)),
            "waves": self._waves(),
            "posts": [
                {"ref": each.row.ref, "run_at": instant(each.row.run_at)} for each in self.planned
            ],
        }

    def _waves(self) -> list[dict[str, Any]]:
        waves: dict[int, list[Planned]] = {}
        for each in self.planned:
            waves.setdefault(each.wave, []).append(each)
        return [
            {
                "wave": wave,
                "jobs": len(posts),
                "first_at": instant(posts[0].row.run_at),
                "last_at": instant(posts[-1].row.run_at),
            }
            for wave, posts in waves.items()
        ]


def show_plan(plan: DropPlan) -> None:
    """Tell a person what would go when, and through which connections."""
    times = [each.row.run_at for each in plan.planned if each.row.run_at]
    shape = plan.shape()
    print(f"{plan.campaign}: {len(plan.jobs)} posts for {shape['accounts']} accounts")
    print(f"first at {shown(min(times))}, last at {shown(max(times))}, seed {plan.seed!r}")
    show_table(("connection", "posts"), list(shape["connections"].items()))
    waves = shape["waves"]
    if len(waves) > 1:
        columns = ("wave", "jobs", "first_at", "last_at")
        show_table(columns, [[wave[name] for name in columns] for wave in waves[:_WAVES_SHOWN]])
    if len(waves) > _WAVES_SHOWN:
        print(f"... and {len(waves) - _WAVES_SHOWN} waves more")


def gathered(problems: Iterable[RowProblem]) -> list[RowProblem]:
    """Return each problem once, where many accounts have the same one."""
    same: dict[tuple[str, str, str, bool], list[RowProblem]] = {}
    for each in problems:
        # The place and the ref of a post for one account go on where those of the post end.
        post = each.place.partition(" for ")[0]
        same.setdefault((post, each.field, each.message, each.warning), []).append(each)
    return [_together(alike) for alike in same.values()]


def _together(alike: Sequence[RowProblem]) -> RowProblem:
    if len(alike) == 1:
        return alike[0]
    more = f"{alike[0].place} and {len(alike) - 1} accounts more"
    return replace(alike[0], place=more)
