"""What a load did: how many jobs are new, and what differs of those that were there, by field."""

import json
from collections.abc import Sequence
from typing import Any

from shared.cli.exits import tell
from shared.cli.output import shown
from shared.cli.shapes import problem_shape
from shared.domain.editing import Change, Difference
from shared.producer import Submission
from shared.rows import RowProblem

#: Characters of a value that are shown to a person.
_MOST = 60


def loaded_shape(
    campaign: str, done: Submission, warnings: Sequence[RowProblem]
) -> dict[str, object]:
    """Return what a load did, for scripts."""
    return {
        "campaign": campaign,
        "added": len(done.added),
        "unchanged": done.unchanged,
        "changed": done.changed,
        "updated": sum(each.done for each in done.changes),
        "changes": [change_shape(each) for each in done.changes],
        "ids": done.added,
        "warnings": [problem_shape(each) for each in warnings],
        "rung": done.rung,
    }


def change_shape(change: Change) -> dict[str, Any]:
    """Return what differs of one job, for scripts."""
    fields = {name: {"was": each.was, "now": each.now} for name, each in change.fields.items()}
    return {
        "ref": change.ref,
        "id": change.job_id,
        "fields": fields,
        "done": change.done,
        "why": change.why,
    }


def say_loaded(
    campaign: str, done: Submission, *, to_change: str = "load the file with --update"
) -> None:
    """Tell it to a person; `to_change` says how jobs that are there become what was asked for."""
    changed = len(done.changed)
    print(f"{campaign}: {len(done.added)} added, {done.unchanged} unchanged, {changed} changed")
    left = [each for each in done.changes if not each.done]
    if left:
        tell("rows that differ from the jobs they made, which stay as they were:")
    for each in left:
        tell(f"  {told(each)}")
    if any(not each.why for each in left):
        tell(f"to change jobs that were not sent yet, {to_change}")
    for each in done.changes:
        if each.done:
            print(f"changed {told(each)}")
    if not done.rung:
        tell("Redis cannot be reached now; due jobs go when it is back")


def told(change: Change) -> str:
    """Return in one line what differs of a job, and why it stays."""
    fields = "; ".join(f"{name}: {_told(each)}" for name, each in change.fields.items())
    why = f" ({change.why})" if change.why else ""
    return f"{change.ref} (job {change.job_id}) {fields}{why}"


def _told(difference: Difference) -> str:
    return f"{_short(difference.was)} -> {_short(difference.now)}"


def _short(value: object) -> str:
    text = shown(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
    return text if len(text) <= _MOST else f"{text[:_MOST]}..."
