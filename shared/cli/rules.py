"""The rules of a campaign, as options of the command line."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from typing import Annotated, TypeVar

import typer

from shared.domain.campaign import CampaignRules, Priority
from shared.domain.duration import read_duration
from shared.domain.release import LatePolicy, read_late_policy
from shared.errors import InputError

Rule = TypeVar("Rule")

PriorityOption = Annotated[
    Priority | None, typer.Option(help="The share of scarce room: 1, 4 or 16 parts.")
]
Ordered = Annotated[
    bool | None, typer.Option("--ordered/--unordered", help="One after the other on each account.")
]
Spacing = Annotated[
    str | None, typer.Option(metavar="DURATION", help="Least time between posts of an account.")
]
Jitter = Annotated[
    str | None, typer.Option(metavar="DURATION", help="Up to so much is added to the spacing.")
]
Late = Annotated[
    str | None,
    typer.Option(metavar="POLICY", help="publish, 'skip after 2h' or 'hold after 30m'."),
]


@dataclass(frozen=True, slots=True)
class AskedRules:
    """The rules that the options name, checked when they are made; None = not named."""

    priority: Priority | None
    ordered: bool | None
    spacing: timedelta | None
    jitter: timedelta | None
    late: LatePolicy | None

    @classmethod
    def read(
        cls,
        priority: Priority | None,
        ordered: bool | None,
        spacing: str | None,
        jitter: str | None,
        late: str | None,
    ) -> "AskedRules":
        """Return the rules of these options; InputError names the one that cannot be read."""
        return cls(
            priority,
            ordered,
            _read("--spacing", read_duration, spacing),
            _read("--jitter", read_duration, jitter),
            _read("--late", read_late_policy, late),
        )

    def over(self, before: CampaignRules) -> CampaignRules:
        """Return the rules from before with the named ones in their place."""
        named = {each.name: getattr(self, each.name) for each in fields(self)}
        return replace(before, **{name: rule for name, rule in named.items() if rule is not None})


def _read(option: str, reader: Callable[[str], Rule], text: str | None) -> Rule | None:
    try:
        return None if text is None else reader(text)
    except ValueError as wrong:
        raise InputError(f"{option} {wrong}") from None
