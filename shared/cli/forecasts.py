"""The forecast of a backlog's drain, as a person reads it and as scripts do."""

from datetime import datetime

from shared.cli.output import instant, shown
from shared.cli.shapes import Shape
from shared.producer.draining import Drain


def backlog_line(drain: Drain, now: datetime) -> str:
    return f"overdue: {drain.overdue}, {_end(drain, now)}"


def _end(drain: Drain, now: datetime) -> str:
    because = f" ({drain.binding})" if drain.binding else ""
    if drain.drained_at is None:
        return f"and nobody can say until when{because}"
    if drain.drained_at <= now:
        return "and no limit holds them"
    return f"drained by {shown(drain.drained_at)}{because}"


def forecast_shape(drain: Drain | None) -> Shape | None:
    if drain is None:
        return None
    return {
        "waiting": drain.waiting,
        "overdue": drain.overdue,
        "drained_at": instant(drain.drained_at),
        "binding": drain.binding,
    }
