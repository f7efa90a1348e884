"""Endings in one statement: what `endings` writes by four, where the database is PostgreSQL.

The values of a column go as one array, so that the statement's text, which the server prepares,
does not depend on how many rows there are.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ClauseElement, Column, Connection, Row, Table
from sqlalchemy.dialects import postgresql

from shared.domain.states import State
from shared.ledger.ending import Change, NotTogether
from shared.ledger.events import Stamp
from shared.ledger.tables import attempt, event, job

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]

#: Columns whose new value hangs on the old one, and how.
_STATED = {"accepted_at": "coalesce(job.accepted_at, %(now)s)"}

_AFTER = (
    "id, lane_id, campaign_id, connection, turn, due_at, fence, last_attempt, cancel_requested_at"
)


def end_in_one(
    tx: Connection, changes: Sequence[Change], to: State, stamp: Stamp
) -> Sequence[Row[Any]]:
    """Write endings that change the same columns, and return their jobs as they are now.

    Raises NotTogether when one of them does not find its job or its attempt as it should be.
    """
    columns = changes[0].columns
    stated = tuple(sorted(n for n, value in columns.items() if isinstance(value, ClauseElement)))
    bound = tuple(sorted(columns.keys() - set(stated)))
    answered = tuple(changes[0].answer)
    values = {"to": str(to), "now": stamp.now, "by": stamp.by}
    values |= {name: [each.guard[name] for each in changes] for name in changes[0].guard}
    values |= {f"job_{name}": _values(job, name, [e.columns for e in changes]) for name in bound}
    values |= {f"call_{n}": _values(attempt, n, [e.answer for e in changes]) for n in answered}
    values["why"] = _values(event, "why", [{"why": e.ending.settlement.why} for e in changes])
    rows = tx.exec_driver_sql(_statement(bound, stated, answered), values).all()
    if len(rows) != len(changes) or rows[0].closed != len(changes):
        raise NotTogether
    return rows


@cache
def _statement(bound: Sequence[str], stated: Sequence[str], answered: Sequence[str]) -> str:
    named = {"of_job": "BIGINT", "of_fence": "BIGINT", "why": "VARCHAR"}
    named |= {f"job_{name}": _type(job.c[name]) for name in bound}
    named |= {f"call_{name}": _type(attempt.c[name]) for name in answered}
    changed = [f'"{name}" = ended.job_{name}' for name in bound]
    changed += [f'"{name}" = {_STATED[name]}' for name in stated]
    closed = ["closed_at = %(now)s", *(f'"{name}" = ended.call_{name}' for name in answered)]
    return f"""
WITH ended AS (
  SELECT * FROM unnest({", ".join(f"%({name})s::{type_}[]" for name, type_ in named.items())})
    AS each ({", ".join(named)})
), moved AS (
  UPDATE job SET {", ".join(changed)}
  FROM ended
  WHERE job.id = ended.of_job AND job.fence = ended.of_fence AND job.state = 'publishing'
  RETURNING job.*, ended.why
), closed AS (
  UPDATE attempt SET {", ".join(closed)}
  FROM ended
  WHERE attempt.job_id = ended.of_job AND attempt.fence = ended.of_fence
    AND attempt.closed_at IS NULL
  RETURNING attempt.id
), told AS (
  INSERT INTO event (job_id, at, from_state, to_state, why, attempt, by)
  SELECT id, %(now)s, 'publishing', %(to)s, why, last_attempt, %(by)s FROM moved
)
SELECT {_AFTER}, (SELECT count(*) FROM closed) AS closed FROM moved ORDER BY id
"""  # noqa: S608 - the names are our own columns'


def _type(column: "Column[Any]") -> str:
    return column.type.compile(_DIALECT)


def _values(table: Table, name: str, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
    process = table.c[name].type.dialect_impl(_DIALECT).bind_processor(_DIALECT)
    values = [row[name] for row in rows]
    return [process(value) for value in values] if process else values
