"""A ledger with as much waiting as wanted, of which a fixed few are due, in flight or lost."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, String, Table, cast, text, update

from bench.ground import new_jobs
from shared.domain.job import NewJob
from shared.domain.states import State
from shared.ledger import Ledger
from shared.ledger.tables import campaign, job, stream

#: The connection that has room, and the one whose limit is full.
OPEN, FULL = "open", "full"
CAMPAIGNS = 5
#: For so many jobs that wait there is a further campaign of one job, far ahead.
PER_CAMPAIGN = 200
#: Jobs due at each tick, and jobs at the provider whose status is to be asked for.
DUE = IN_FLIGHT = 100

_AHEAD = timedelta(days=2)
_LATE = timedelta(hours=1)


@dataclass
class Backlog:
    """Fills a ledger by copying rows inside the database; each copy is another post."""

    ledger: Ledger
    engine: Engine
    #: Submitted as people do; every further waiting job is a copy of one of these.
    templates: int
    waiting: int = 0
    rounds: int = 0

    def begin(self) -> None:
        """Submit half that waits far ahead, half that is due behind a full limit."""
        now = datetime.now(UTC)
        for number in range(CAMPAIGNS):
            some = self.templates // CAMPAIGNS // 2
            for connection, at in ((OPEN, now + _AHEAD), (FULL, now - _LATE)):
                times = [at + timedelta(seconds=each) for each in range(some)]
                self._submit(f"campaign {number}", _jobs(times, f"t{connection}", connection))
        self.waiting = self.templates
        self._put_in_flight(self._submit("asked", _jobs([now] * IN_FLIGHT, "f", OPEN)))

    def grow(self, waiting: int) -> None:
        """Copy the first jobs until so many wait."""
        first, last = self.waiting // self.templates, waiting // self.templates
        campaigns = {"first": self.waiting // PER_CAMPAIGN, "last": waiting // PER_CAMPAIGN}
        with self.engine.begin() as tx:
            tx.execute(text(_COPY), {"first": first, "last": last})
            for statement in (_COPY_CAMPAIGN, _COPY_STREAM, _COPY_JOB):
                tx.execute(text(statement), campaigns)
        self.waiting = waiting

    def make_due(self) -> None:
        """End what was released last, and submit jobs that are due now."""
        with self.engine.begin() as tx:
            ended = update(job).where(job.c.state == State.QUEUED)
            tx.execute(ended.values(state=State.SUCCEEDED))
        self.rounds += 1
        self._submit("due", _jobs([datetime.now(UTC)] * DUE, f"d{self.rounds}-", OPEN))

    def make_asked(self) -> None:
        """Let the time come at which the jobs in flight are to be asked about."""
        with self.engine.begin() as tx:
            asked = update(job).where(job.c.state == State.IN_PROGRESS)
            tx.execute(asked.values(next_poll_at=datetime.now(UTC)))

    def make_unheard(self) -> None:
        """Say that what is queued was rung for long ago."""
        with self.engine.begin() as tx:
            queued = update(job).where(job.c.state == State.QUEUED)
            tx.execute(queued.values(rung_at=datetime.now(UTC) - _LATE, rings=0))

    def _put_in_flight(self, ids: Sequence[int]) -> None:
        """Say that a provider has accepted these."""
        accepted = {
            "state": State.IN_PROGRESS,
            "accepted_at": datetime.now(UTC),
            "provider_publish_id": "publish " + cast(job.c.id, String),
        }
        with self.engine.begin() as tx:
            tx.execute(update(job).where(job.c.id.in_(ids)).values(accepted))

    def _submit(self, campaign: str, jobs: Sequence[NewJob]) -> list[int]:
        now = datetime.now(UTC)
        return self.ledger.campaigns.submit(campaign, jobs, now=now, by="bench").added


def _jobs(times: Sequence[datetime], prefix: str, connection: str) -> list[NewJob]:
    return [replace(each, connection=connection) for each in new_jobs(times, prefix)]


def _copied(table: Table, **changed: str) -> tuple[str, str]:
    """Return the columns of a table but its key, and what they are in a copy."""
    names = [each.name for each in table.columns if each.name != "id"]
    return ", ".join(names), ", ".join(changed.get(each, f"{table}.{each}") for each in names)


_NUMBERS = """(
    WITH RECURSIVE numbers(number) AS (
        SELECT CAST(:first AS INTEGER)
        UNION ALL
        SELECT number + 1 FROM numbers WHERE number + 1 < :last
    )
    SELECT number FROM numbers
) AS copies"""

_INTO, _FROM = _copied(
    job,
    ref="job.ref || '-' || copies.number",
    # Its first characters tell look-alikes.
    content_hash="CAST(100000000000 * job.id + copies.number AS TEXT) || job.content_hash",
)
#: Each first job is copied one after the other, which keeps to a few pages of each index.
_COPY = f"""
    INSERT INTO job ({_INTO}) SELECT {_FROM} FROM job CROSS JOIN {_NUMBERS}
    WHERE job.ref LIKE 't%' AND job.ref NOT LIKE '%-%'
    ORDER BY job.id, copies.number
"""  # noqa: S608 - names of columns

_INTO, _FROM = _copied(campaign, name="'far ' || copies.number")
_COPY_CAMPAIGN = f"""
    INSERT INTO campaign ({_INTO}) SELECT {_FROM} FROM campaign CROSS JOIN {_NUMBERS}
    WHERE campaign.name = 'campaign 0'
"""  # noqa: S608 - names of columns

_FAR = f"{_NUMBERS} JOIN campaign AS far ON far.name = 'far ' || copies.number"
_TEMPLATE = f"connection = '{OPEN}' AND ref = 't{OPEN}0'"
_THEIRS = "(SELECT id FROM campaign WHERE name = 'campaign 0')"

_INTO, _FROM = _copied(stream, campaign_id="far.id", share=f"far.id || ' {OPEN}'")
_COPY_STREAM = f"""
    INSERT INTO stream ({_INTO}) SELECT {_FROM} FROM stream CROSS JOIN {_FAR}
    WHERE stream.campaign_id = {_THEIRS}
    AND stream.lane_id = (SELECT lane_id FROM job WHERE campaign_id = {_THEIRS} AND {_TEMPLATE})
"""  # noqa: S608 - names of columns

_INTO, _FROM = _copied(job, campaign_id="far.id")
_COPY_JOB = f"""
    INSERT INTO job ({_INTO}) SELECT {_FROM} FROM job CROSS JOIN {_FAR}
    WHERE job.campaign_id = {_THEIRS} AND job.{_TEMPLATE}
"""  # noqa: S608 - names of columns
