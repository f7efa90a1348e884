"""The audit: the ledger against its own promises, and against what the providers have stored."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.connected import Connected
from shared.domain.audit import Discrepancy, audit_job
from shared.domain.job import Job
from shared.domain.states import State
from shared.domain.status import Verdict
from shared.ledger import Ledger
from shared.ledger.audits import Record
from shared.provider import Listed
from shared.wire.road import Road

#: Jobs read with their history at once.
PAGE = 500

#: How long one account's whole history may take to be read.
READING = timedelta(minutes=5)

#: A provider's clock may be behind ours by this much.
SKEW = timedelta(minutes=1)

#: The post is, or will be, out.
OUT = frozenset({State.SUCCEEDED, State.IN_PROGRESS})

#: The post may be out.
MAYBE_OUT = frozenset({State.UNCERTAIN, State.HELD, State.PUBLISHING})

_NOT_OUT = frozenset({Verdict.FAILED, Verdict.CANCELLED})


@dataclass(frozen=True, slots=True)
class Auditor:
    """Reads everything and changes nothing."""

    ledger: Ledger
    road: Road
    connections: Mapping[str, Connected]

    def ledger_alone(self) -> Iterator[Discrepancy]:
        """Yield every job whose row disagrees with its own history."""
        for record in self._records():
            yield from audit_job(record.job, record.attempts, record.events)
        for lane, job_id in self.ledger.audits.asleep():
            yield Discrepancy("I3", job_id, f"it waits in lane {lane}, which nothing will wake")

    def against_providers(self) -> Iterator[Discrepancy]:
        """Yield what providers with a history show otherwise than the ledger says.

        Raises NoAnswer, CallFailed, KeyMissing.
        """
        by_account: defaultdict[tuple[str, str], list[Job]] = defaultdict(list)
        for record in self._records():
            if record.job.first_sent_at is not None:
                by_account[record.job.connection, record.job.post.account_id].append(record.job)
        for (connection, account), jobs in by_account.items():
            connected = self.connections.get(connection)
            if connected is not None and connected.provider.capabilities.history:
                yield from compare(jobs, self._history(connected, account, jobs))

    def _history(self, connected: Connected, account: str, jobs: Sequence[Job]) -> list[Listed]:
        since = min(job.first_sent_at or job.created_at for job in jobs) - SKEW
        wire = connected.wire(self.road, READING)
        rows = connected.provider.history(account, since, wire)
        return [row for row in rows if _since(row.created_at, since)]

    def _records(self) -> Iterator[Record]:
        after = 0
        while page := self.ledger.audits.page(after, PAGE):
            yield from page
            after = page[-1].job.id


def compare(jobs: Sequence[Job], rows: Sequence[Listed]) -> Iterator[Discrepancy]:
    """Yield, for one account, each text that is out more or less often than the ledger says."""
    shown = Counter(_text(row.caption) for row in rows if row.status.verdict not in _NOT_OUT)
    by_text: defaultdict[str, list[Job]] = defaultdict(list)
    for job in jobs:
        by_text[_text(job.post.caption)].append(job)
    for text, mine in by_text.items():
        out = [job for job in mine if job.state in OUT]
        most = len(out) + sum(job.state in MAYBE_OUT for job in mine)
        if shown[text] > most:
            what = f"the provider shows it {shown[text]} times; the ledger knows of at most {most}"
            yield Discrepancy("I2", mine[0].id, what)
        elif shown[text] < len(out):
            what = f"the provider shows it {shown[text]} times; by the ledger it is {len(out)}"
            yield Discrepancy("I4", out[0].id, what)


def _text(caption: str) -> str:
    return " ".join(caption.split())


def _since(created_at: datetime | None, since: datetime) -> bool:
    return created_at is None or created_at >= since
