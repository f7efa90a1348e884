"""Shortcuts: the writes before a publish call, each one statement and one trip to PostgreSQL.

They do what `claims` and `openings` do in a transaction of several statements; the contract tests
hold both to the same. A trip costs a worker as much as the rows do.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from shared.domain.job import Attempt, Job
from shared.errors import LeaseLost
from shared.ledger.database import Database
from shared.ledger.events import Stamp
from shared.ledger.openings import Opening, lost
from shared.ledger.rows import read_attempt, read_job

#: Rows are locked in the order of their ids, so that two claims wait instead of deadlocking.
_CLAIM = """
WITH queued AS (
  SELECT id FROM job WHERE id = ANY(%(ids)s::bigint[]) AND state = 'queued'
    AND (replay OR NOT EXISTS (SELECT FROM lane WHERE lane.id = job.lane_id AND lane.paused)
      AND NOT EXISTS (SELECT FROM pause WHERE pause.campaign_id = job.campaign_id
        OR pause.kind = 'connection' AND pause.name = job.connection
        OR pause.kind = 'provider' AND pause.name = job.provider))
  ORDER BY id FOR UPDATE
), taken AS (
  UPDATE job SET state = 'publishing', reason = %(why)s, fence = job.fence + 1,
    lease_owner = %(owner)s, lease_until = %(until)s
  FROM queued WHERE job.id = queued.id AND job.state = 'queued' RETURNING job.*
), told AS (
  INSERT INTO event (job_id, at, from_state, to_state, why, by)
  SELECT id, %(now)s, 'queued', 'publishing', %(why)s, %(by)s FROM taken
)
SELECT taken.*, campaign.name AS campaign
FROM taken JOIN campaign ON campaign.id = taken.campaign_id
"""

_OPEN = """
WITH claim AS (
  SELECT * FROM unnest(%(ids)s::bigint[], %(fences)s::bigint[], %(memos)s::json[])
    AS each (id, fence, memo)
), counted AS (
  UPDATE job SET attempts = job.attempts + 1, last_attempt = job.last_attempt + 1,
    first_sent_at = coalesce(job.first_sent_at, %(now)s)
  FROM claim
  WHERE job.id = claim.id AND job.fence = claim.fence AND job.state = 'publishing'
    AND job.lease_until > %(now)s
    AND NOT EXISTS (SELECT FROM attempt WHERE job_id = job.id AND closed_at IS NULL)
  RETURNING job.id, job.lane_id, job.last_attempt, job.fence, claim.memo
)
INSERT INTO attempt (job_id, lane_id, number, fence, opened_at, memo)
SELECT id, lane_id, last_attempt, fence, %(now)s, memo FROM counted
RETURNING *
"""


def claim(
    database: Database, ids: Sequence[int], owner: str, until: datetime, stamp: Stamp
) -> Mapping[int, Job]:
    """Take those of these jobs that are still queued, and return them by id."""
    values = {
        "ids": list(ids),
        "why": f"claimed by {owner}",
        "owner": owner,
        "until": until,
        "now": stamp.now,
        "by": stamp.by,
    }
    return {row.id: read_job(row) for row in database.at_once(_CLAIM, values)}


def open_attempts(database: Database, openings: Sequence[Opening]) -> list[Attempt | LeaseLost]:
    """Open an attempt for each claim that is still the last one; LeaseLost for the others.

    Raises IntegrityError when an attempt of one of the jobs was opened this moment.
    """
    values = {
        "ids": [each.job.id for each in openings],
        "fences": [each.job.fence for each in openings],
        "memos": [json.dumps(dict(each.memo)) for each in openings],
        "now": max(each.now for each in openings),
    }
    rows: Sequence[Row[Any]] = database.at_once(_OPEN, values)
    opened = {row.job_id: read_attempt(row) for row in rows}
    return [opened.get(each.job.id) or lost(each.job) for each in openings]
