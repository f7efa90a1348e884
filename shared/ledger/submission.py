"""A submission: new jobs, their campaign and their lanes, written in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from shared.domain.campaign import CampaignRules
from shared.domain.job import NewJob
from shared.domain.states import State
from shared.ledger.copying import add_all, next_ids
from shared.ledger.events import Moved, Stamp, write_events
from shared.ledger.lanes import Place, open_lanes
from shared.ledger.opening import open_campaign
from shared.ledger.rules import late_key
from shared.ledger.slots import assign_slots, take_slots
from shared.ledger.statements import chunks, one_of
from shared.ledger.streams import Waiting, wake
from shared.ledger.tables import job

#: The ref of a new job, or the id of the job that it is a retry of.
Identity = str | int


@dataclass(slots=True)
class Submitted:
    """What a submission added and what was there already."""

    added: list[int] = field(default_factory=list)
    unchanged: int = 0
    #: Refs whose stored row says something else; it is left as it is.
    changed: list[str] = field(default_factory=list)
    existing: list[int] = field(default_factory=list)
    #: The lanes of the added jobs.
    lanes: set[int] = field(default_factory=set)

    def compare(self, asked: NewJob, stored: "_Stored") -> None:
        """Count a row that is there already."""
        if stored.says_the_same(asked):
            self.unchanged += 1
        else:
            self.changed.append(asked.ref)


@dataclass(frozen=True, slots=True)
class _Stored:
    content_hash: str
    run_at: datetime | None
    not_after: datetime | None

    def says_the_same(self, asked: NewJob) -> bool:
        return (
            self.content_hash == asked.post.content_hash
            and self.not_after == asked.not_after
            and asked.run_at in {None, self.run_at}
        )


def submit(
    tx: Connection,
    name: str,
    jobs: Sequence[NewJob],
    stamp: Stamp,
    asked_rules: CampaignRules | None = None,
) -> Submitted:
    campaign_id, rules = open_campaign(tx, name, asked_rules, stamp.now)
    firsts: dict[Identity, NewJob] = {}
    for each in jobs:
        firsts.setdefault(_identity(each), each)
    stored = _find(tx, campaign_id, list(firsts))
    new = {identity: each for identity, each in firsts.items() if identity not in stored}
    lanes = open_lanes(tx, {_place(each) for each in new.values()})
    new = assign_slots(tx, new, lanes, stamp.now)
    added = _insert(tx, campaign_id, new, lanes, rules, stamp.now)
    take_slots(tx, {each: new[identity] for identity, each in added.items()}, lanes)
    write_events(
        tx, (Moved(each, None, State.SCHEDULED, "submitted") for each in added.values()), stamp
    )
    wake(tx, (_waiting(new[each], lanes, campaign_id, stamp.now) for each in added))
    return _sum_up(jobs, firsts, added, stored, lanes)


def _identity(asked: NewJob) -> Identity:
    return asked.ref if asked.retry_of is None else asked.retry_of


def _place(asked: NewJob) -> Place:
    return asked.connection, asked.post.account_id


def _waiting(asked: NewJob, lanes: Mapping[Place, int], campaign_id: int, now: datetime) -> Waiting:
    return Waiting(lanes[_place(asked)], campaign_id, asked.connection, asked.run_at or now)


def _find(
    tx: Connection, campaign_id: int, identities: Sequence[Identity]
) -> dict[Identity, Row[Any]]:
    found: dict[Identity, Row[Any]] = {}
    columns = (
        job.c.id,
        job.c.ref,
        job.c.retry_of,
        job.c.content_hash,
        job.c.run_at,
        job.c.not_after,
    )
    for refs in chunks([each for each in identities if isinstance(each, str)]):
        same = (
            (job.c.campaign_id == campaign_id)
            & job.c.retry_of.is_(None)
            & one_of(tx, job.c.ref, refs)
        )
        found |= {row.ref: row for row in tx.execute(select(*columns).where(same))}
    for ids in chunks([each for each in identities if isinstance(each, int)]):
        retries = one_of(tx, job.c.retry_of, ids)
        found |= {row.retry_of: row for row in tx.execute(select(*columns).where(retries))}
    return found


def _insert(
    tx: Connection,
    campaign_id: int,
    new: Mapping[Identity, NewJob],
    lanes: Mapping[Place, int],
    rules: CampaignRules,
    now: datetime,
) -> dict[Identity, int]:
    """Insert the jobs and return their ids; the campaign is ours, so nobody else inserts them."""
    if not new:
        return {}
    rows = [
        {
            "campaign_id": campaign_id,
            "lane_id": lanes[_place(each)],
            "turn": (each.run_at or now) if rules.ordered else None,
            "late_key": late_key(each.connection, campaign_id, rules.late),
            **_columns(each, now),
        }
        for each in new.values()
    ]
    if tx.dialect.name == "postgresql":
        ids = next_ids(tx, job, len(rows))
        add_all(tx, job, [{"id": each, **row} for each, row in zip(ids, rows, strict=True)])
        return dict(zip(new, ids, strict=True))
    returned = tx.execute(insert(job).returning(job.c.id, job.c.ref, job.c.retry_of), rows)
    by_identity = {row.ref if row.retry_of is None else row.retry_of: row.id for row in returned}
    return {identity: by_identity[identity] for identity in new}


def _columns(asked: NewJob, now: datetime) -> dict[str, Any]:
    run_at = asked.run_at or now
    return {
        "retry_of": asked.retry_of,
        "ref": asked.ref,
        "provider": asked.provider,
        "connection": asked.connection,
        "account_id": asked.post.account_id,
        "post": asked.post.to_json(),
        "content_hash": asked.post.content_hash,
        "state": State.SCHEDULED,
        "reason": "waits for its time",
        "run_at": run_at,
        "due_at": run_at,
        "created_at": now,
        "not_after": asked.not_after,
        "prepared": {},
    }


def _sum_up(
    jobs: Sequence[NewJob],
    firsts: Mapping[Identity, NewJob],
    added: Mapping[Identity, int],
    stored: Mapping[Identity, Row[Any]],
    lanes: Mapping[Place, int],
) -> Submitted:
    submitted = Submitted(added=list(added.values()))
    submitted.lanes = {lanes[_place(firsts[identity])] for identity in added}
    submitted.existing = [row.id for row in stored.values()]
    for each in jobs:
        identity, first = _identity(each), firsts[_identity(each)]
        if identity in stored:
            row = stored[identity]
            submitted.compare(each, _Stored(row.content_hash, row.run_at, row.not_after))
        elif each is not first:
            first_row = _Stored(first.post.content_hash, first.run_at, first.not_after)
            submitted.compare(each, first_row)
    return submitted
