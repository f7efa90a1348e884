"""What a settlement makes of a job's columns; pure, whatever guard it is written under."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, literal

from shared.domain.outcome import Receipt
from shared.domain.settlement import Settlement
from shared.domain.states import FINAL, State
from shared.ledger.columns import Instant
from shared.ledger.rows import fault_columns
from shared.ledger.tables import ASKED, job

#: Columns that a settlement names itself; None leaves them as they are.
_NAMED = (
    "due_at",
    "next_poll_at",
    "next_look_at",
    "lost_at",
    "attempts",
    "deferrals",
    "rescues",
    "polls",
    "looks",
    "prepared",
)

#: The first request may still be out: the next one must be the same bytes.
_KEEPS_REPLAY = frozenset(
    {State.SCHEDULED, State.QUEUED, State.PUBLISHING, State.UNCERTAIN, State.HELD}
)
_KEEPS_LOST_AT = frozenset({State.QUEUED, State.PUBLISHING, State.UNCERTAIN, State.HELD})


def changed_columns(current: State, settlement: Settlement, now: datetime) -> dict[str, Any]:
    """Return the columns to write; those that do not apply to the new state are cleared."""
    named = {name: getattr(settlement, name) for name in _NAMED}
    columns: dict[str, Any] = {name: value for name, value in named.items() if value is not None}
    if settlement.fault is not None:
        columns |= fault_columns(settlement.fault)
    if settlement.receipt is not None:
        columns |= _received(settlement.receipt)
    if settlement.forget_publish:
        columns |= _forgotten()
    if settlement.to is None:
        return columns | _stayed(current, settlement)
    return columns | _arrived(settlement.to, settlement, now)


def _received(receipt: Receipt) -> dict[str, Any]:
    columns = {
        "provider_publish_id": receipt.publish_id,
        "provider_status": receipt.provider_status,
        "delivered_to_inbox": receipt.delivered_to_inbox,
    }
    return columns if receipt.permalink is None else columns | {"permalink": receipt.permalink}


def _forgotten() -> dict[str, Any]:
    return {
        "provider_publish_id": None,
        "provider_status": None,
        "permalink": None,
        "delivered_to_inbox": False,
        "accepted_at": None,
    }


def _stayed(current: State, settlement: Settlement) -> dict[str, Any]:
    columns: dict[str, Any] = {"reason": settlement.why} if settlement.why else {}
    if current is State.HELD and settlement.hold is not None:
        columns["hold"] = settlement.hold
    return columns


def _arrived(to: State, settlement: Settlement, now: datetime) -> dict[str, Any]:
    columns: dict[str, Any] = {"state": to, "reason": settlement.why}
    columns["hold"] = settlement.hold if to is State.HELD else None
    columns |= _cleared(to)
    if settlement.replay or to not in _KEEPS_REPLAY:
        columns["replay"] = settlement.replay
    if to is State.QUEUED:
        columns |= {"queued_at": now, "rung_at": now, "rings": 0}
    elif to is State.IN_PROGRESS:
        first = (
            now
            if settlement.forget_publish
            else func.coalesce(job.c.accepted_at, literal(now, Instant))
        )
        columns |= {"accepted_at": first, "polls": settlement.polls or 0}
    elif to is State.UNCERTAIN:
        columns["looks"] = settlement.looks or 0
    elif to in FINAL:
        columns["settled_at"] = now
    if to in {State.IN_PROGRESS, State.SUCCEEDED} and settlement.fault is None:
        columns |= fault_columns(None)
    return columns


def _cleared(to: State) -> dict[str, None]:
    columns = []
    if to is not State.PUBLISHING:
        columns += ["lease_owner", "lease_until"]
    if to not in ASKED:
        columns += ["next_poll_at"]
    if to is not State.IN_PROGRESS:
        columns += ["next_cancel_at"]
    if to is not State.UNCERTAIN:
        columns += ["next_look_at"]
    if to not in _KEEPS_LOST_AT:
        columns += ["lost_at"]
    return dict.fromkeys(columns)
