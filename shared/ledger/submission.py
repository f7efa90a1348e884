"""A submission: new jobs, their campaign and their lanes, written in one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from shared.domain.campaign import CampaignRules
from shared.domain.editing import Change
from shared.domain.job import NewJob
from shared.domain.states import State
from shared.ledger.copying import add_all, next_ids
from shared.ledger.edits import compare, edit_all, lanes_of
from shared.ledger.events import Stamp, write_first_events
from shared.ledger.lanes import Place, open_lanes
from shared.ledger.opening import open_campaign
from shared.ledger.rules import late_key
from shared.ledger.slots import assign_slots, take_slots
from shared.ledger.statements import chunks, one_of
from shared.ledger.streams import Waiting, wake
from shared.ledger.tables import job

#: The ref of a new job, or the id of the job that it is a retry of.
Identity = str | int

#: New jobs that are looked for and added together; no more of them are held at once.
_TOGETHER = 2_000

#: What earlier attempts prepared for a job that had none.
_NOTHING: Mapping[str, Any] = {}


@dataclass(slots=True)
class Submitted:
    """What a submission added and what was there already."""

    added: list[int] = field(default_factory=list)
    unchanged: int = 0
    #: Refs whose stored row says something else; unless asked for, it is left as it is.
    changed: list[str] = field(default_factory=list)
    #: What differs of these by field, and whether it was changed.
    changes: list[Change] = field(default_factory=list)
    existing: list[int] = field(default_factory=list)
    #: The lanes of the added and changed jobs.
    lanes: set[int] = field(default_factory=set)

    def compare(self, asked: NewJob, stored: "_Stored") -> bool:
        """Count a row that is there already, and return whether it says the same."""
        if stored.says_the_same(asked):
            self.unchanged += 1
            return True
        self.changed.append(asked.ref)
        return False


@dataclass(frozen=True, slots=True)
class _Stored:
    content_hash: str
    connection: str
    run_at: datetime | None
    not_after: datetime | None

    @classmethod
    def of(cls, row: Row[Any]) -> "_Stored":
        return cls(row.content_hash, row.connection, row.run_at, row.not_after)

    @classmethod
    def asked(cls, new: NewJob) -> "_Stored":
        return cls(new.post.content_hash, new.connection, new.run_at, new.not_after)

    def says_the_same(self, asked: NewJob) -> bool:
        return (
            self.content_hash == asked.post.content_hash
            and self.connection == asked.connection
            and self.not_after == asked.not_after
            and asked.run_at in {None, self.run_at}
        )


def submit(
    tx: Connection,
    name: str,
    jobs: Iterable[NewJob],
    stamp: Stamp,
    asked_rules: CampaignRules | None = None,
    *,
    update: bool = False,
) -> Submitted:
    """Add what is new, some at a time; with `update`, change what is there and was not sent."""
    campaign_id, rules = open_campaign(tx, name, asked_rules, stamp.now)
    adding = _Adding(tx, campaign_id, rules, stamp, update=update)
    remaining = iter(jobs)
    while some := list(islice(remaining, _TOGETHER)):
        adding.add(some)
    adding.wake()
    return adding.submitted


class _Adding:
    """One submission on its way; the campaign is ours, so nobody else adds to it."""

    def __init__(
        self,
        tx: Connection,
        campaign_id: int,
        rules: CampaignRules,
        stamp: Stamp,
        *,
        update: bool,
    ) -> None:
        self._tx = tx
        self._campaign_id = campaign_id
        self._rules = rules
        self._stamp = stamp
        self._update = update
        self._new: set[int] = set()
        self._waiting: dict[int, Waiting] = {}
        self._lanes: dict[Place, int] = {}
        self.submitted = Submitted()

    def add(self, jobs: Sequence[NewJob]) -> None:
        firsts: dict[Identity, NewJob] = {}
        for each in jobs:
            firsts.setdefault(_identity(each), each)
        stored = _find(self._tx, self._campaign_id, list(firsts))
        new = {identity: each for identity, each in firsts.items() if identity not in stored}
        lanes = self._open_lanes({_place(each) for each in new.values()})
        new = assign_slots(self._tx, new, lanes, self._stamp.now)
        added = _insert(self._tx, self._campaign_id, new, lanes, self._rules, self._stamp.now)
        take_slots(self._tx, {each: new[ident] for ident, each in added.items()}, lanes)
        write_first_events(self._tx, list(added.values()), self._stamp)
        self._count(new, added, lanes)
        self._compare(jobs, firsts, stored)

    def _open_lanes(self, places: set[Place]) -> Mapping[Place, int]:
        self._lanes |= open_lanes(self._tx, places - self._lanes.keys())
        return self._lanes

    def wake(self) -> None:
        """Wake the streams at the end: what is woken is kept from dispatch until the commit."""
        wake(self._tx, self._waiting.values())

    def _count(
        self,
        new: Mapping[Identity, NewJob],
        added: Mapping[Identity, int],
        lanes: Mapping[Place, int],
    ) -> None:
        self.submitted.added += added.values()
        self._new |= set(added.values())
        for asked in new.values():
            lane_id = lanes[_place(asked)]
            due_at = asked.run_at or self._stamp.now
            first = self._waiting.get(lane_id)
            if first is None or due_at < first.due_at:
                self._waiting[lane_id] = Waiting(
                    lane_id, self._campaign_id, asked.connection, due_at
                )
        self.submitted.lanes |= self._waiting.keys()

    def _compare(
        self,
        jobs: Sequence[NewJob],
        firsts: Mapping[Identity, NewJob],
        stored: Mapping[Identity, Row[Any]],
    ) -> None:
        """Count what was there, and what the same submission says twice."""
        differing: dict[int, NewJob] = {}
        for each in jobs:
            identity, first = _identity(each), firsts[_identity(each)]
            if identity in stored:
                row = stored[identity]
                same = self.submitted.compare(each, _Stored.of(row))
                if not same and row.id not in self._new:
                    differing.setdefault(row.id, each)
            elif each is not first:
                self.submitted.compare(each, _Stored.asked(first))
        ids = (row.id for row in stored.values())
        self.submitted.existing += [each for each in ids if each not in self._new]
        if differing:
            self._change(differing)

    def _change(self, differing: Mapping[int, NewJob]) -> None:
        if not self._update:
            self.submitted.changes += compare(self._tx, differing)
            return
        changes = edit_all(self._tx, differing, self._stamp)
        self.submitted.changes += changes
        done = [each.job_id for each in changes if each.done]
        self.submitted.lanes |= lanes_of(self._tx, done)


def _identity(asked: NewJob) -> Identity:
    return asked.ref if asked.retry_of is None else asked.retry_of


def _place(asked: NewJob) -> Place:
    return asked.connection, asked.post.account_id


def _find(
    tx: Connection, campaign_id: int, identities: Sequence[Identity]
) -> dict[Identity, Row[Any]]:
    found: dict[Identity, Row[Any]] = {}
    columns = (
        job.c.id,
        job.c.ref,
        job.c.retry_of,
        job.c.content_hash,
        job.c.connection,
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
        for row, each in zip(rows, ids, strict=True):
            row["id"] = each
        add_all(tx, job, rows)
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
        "prepared": _NOTHING,
    }
