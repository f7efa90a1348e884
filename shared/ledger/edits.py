"""Edits: jobs that are asked for otherwise while they have surely not been sent."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from shared.domain.editing import Change, content, differences, due_after, refusal
from shared.domain.job import Job, NewJob
from shared.domain.states import WAITING, State
from shared.ledger.book import Book, reading, writing
from shared.ledger.columns import Instant
from shared.ledger.events import Moved, Stamp, write_events
from shared.ledger.rows import JOB, read_job
from shared.ledger.statements import chunks
from shared.ledger.streams import Waiting, wake
from shared.ledger.tables import job, lane


class Edits(Book):
    """Edits made by whoever saw a job: compare-and-set on what was seen."""

    @writing
    def apply(self, tx: Connection, seen: Job, asked: NewJob, *, now: datetime, by: str) -> Change:
        """Change the job's content or say why not; nothing is changed if it differs from `seen`."""
        _lock(tx, [seen.id])
        fields = differences(content(seen), asked)
        [row] = _rows(tx, [seen.id])
        if differences(content(read_job(row)), content(seen)) or row.state != seen.state:
            why = "it moved just now; look at it and try again"
            return Change(ref=seen.ref, job_id=seen.id, fields=fields, why=why)
        return edit_all(tx, {seen.id: asked}, Stamp(now, by))[0]

    @reading
    def lanes(self, tx: Connection, ids: Sequence[int]) -> set[int]:
        """Return the lanes of these jobs."""
        return lanes_of(tx, ids)


def edit_all(tx: Connection, asked: Mapping[int, NewJob], stamp: Stamp) -> list[Change]:
    """Change the jobs that may be changed, and say of each what differs and whether it was done."""
    _lock(tx, list(asked))
    rows = {row.id: row for row in _rows(tx, list(asked))}
    changes = [_decide(read_job(rows[job_id]), each) for job_id, each in asked.items()]
    done = [each for each in changes if each.done and each.fields]
    _write(tx, [_columns(rows[each.job_id], each, asked[each.job_id]) for each in done])
    write_events(tx, (_event(rows[each.job_id].state, each) for each in done), stamp)
    wake(tx, (_waiting(rows[each.job_id], asked[each.job_id], stamp) for each in done))
    return changes


def compare(tx: Connection, asked: Mapping[int, NewJob]) -> list[Change]:
    """Say what differs, and change nothing."""
    rows = {row.id: row for row in _rows(tx, list(asked))}
    return [
        Change(
            ref=each.ref,
            job_id=job_id,
            fields=differences(content(read_job(rows[job_id])), each),
        )
        for job_id, each in asked.items()
    ]


def lanes_of(tx: Connection, ids: Sequence[int]) -> set[int]:
    return {
        each
        for some in chunks(ids)
        for each in tx.execute(select(job.c.lane_id).where(job.c.id.in_(some)).distinct()).scalars()
    }


def _lock(tx: Connection, ids: list[int]) -> None:
    """Keep dispatch away from the jobs' lanes, so that it releases none as it was before."""
    for some in chunks(ids):
        lanes = select(job.c.lane_id).where(job.c.id.in_(some))
        query = select(lane.c.id).where(lane.c.id.in_(lanes)).order_by(lane.c.id)
        tx.execute(query.with_for_update(key_share=True))


def _rows(tx: Connection, ids: list[int]) -> list[Any]:
    return [
        row
        for some in chunks(ids)
        for row in tx.execute(
            select(*JOB)
            .where(job.c.id.in_(some))
            .order_by(job.c.id)
            .with_for_update(key_share=True, of=job)
        )
    ]


def _decide(stored: Job, asked: NewJob) -> Change:
    fields = differences(content(stored), asked)
    why = refusal(stored, fields)
    return Change(ref=stored.ref, job_id=stored.id, fields=fields, done=not why, why=why)


def _columns(row: Any, change: Change, asked: NewJob) -> dict[str, Any]:
    run_at = asked.run_at or row.run_at
    due_at = due_after(read_job(row), run_at) if "run_at" in change.fields else row.due_at
    return {
        "job_id": row.id,
        "new_post": asked.post.to_json(),
        "new_content_hash": asked.post.content_hash,
        "new_run_at": run_at,
        "new_due_at": due_at,
        "new_turn": None if row.turn is None else run_at,
        "new_not_after": asked.not_after,
    }


def _write(tx: Connection, rows: list[dict[str, Any]]) -> None:
    # Uploads stay with the job: they are kept by the address or path of their file.
    if not rows:
        return
    tx.execute(
        update(job)
        .where(job.c.id == bindparam("job_id"))
        .values(
            post=bindparam("new_post", type_=job.c.post.type),
            content_hash=bindparam("new_content_hash"),
            run_at=bindparam("new_run_at", type_=Instant),
            due_at=bindparam("new_due_at", type_=Instant),
            turn=bindparam("new_turn", type_=Instant),
            not_after=bindparam("new_not_after", type_=Instant),
        ),
        rows,
    )


def _event(state: str, change: Change) -> Moved:
    at = State(state)
    return Moved(change.job_id, at, at, f"edited: {change.words}")


def _waiting(row: Any, asked: NewJob, stamp: Stamp) -> Waiting:
    """Return the stream to wake: at once where the job may have given its turn to another."""
    due_at = asked.run_at or row.due_at
    at = due_at if row.turn is None and row.state in WAITING else min(due_at, stamp.now)
    return Waiting(row.lane_id, row.campaign_id, row.connection, at)
