"""A scenario: faults, limits and the platforms' delay, as JSON in a file."""

import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from shared.sandbox.exchange import Json
from shared.sandbox.windows import Limit

_KNOWN = {"faults", "limits", "media_delay_s"}


@dataclass(frozen=True, slots=True)
class Scenario:
    """What a sandbox begins with; `limits` None means the providers' own."""

    faults: tuple[Json, ...] = ()
    limits: tuple[Limit, ...] | None = None
    media_delay: timedelta = timedelta(seconds=2)


def read_scenario(path: Path) -> Scenario:
    return scenario_from_json(json.loads(path.read_text()))


def scenario_from_json(body: Json) -> Scenario:
    if unknown := sorted(set(body) - _KNOWN):
        raise ValueError(f"unknown {unknown}; known: {sorted(_KNOWN)}")
    limits = body.get("limits")
    return Scenario(
        faults=tuple(body.get("faults", [])),
        limits=None if limits is None else tuple(limit_from_json(row) for row in limits),
        media_delay=timedelta(seconds=body.get("media_delay_s", 2)),
    )


def limit_from_json(row: Json) -> Limit:
    """Read `{"provider", "requests", "per_s", "call", "scope", "window"}`."""
    fields = dict(row)
    return Limit(per=timedelta(seconds=fields.pop("per_s")), **fields)
