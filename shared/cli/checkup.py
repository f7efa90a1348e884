"""The checks of `dropline doctor`, from the database outwards; a failed one ends what needs it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from shared.bootstrap import Parts
from shared.cli.pausing import pause_line, resume_command
from shared.clock import SystemClock
from shared.connected import Connected
from shared.errors import PartUnreachable
from shared.pulse import ALIVE_WITHIN
from shared.wire.answer import CallFailed, NoAnswer, NotAdmitted


class Verdict(StrEnum):
    """What a check came to."""

    OK = "ok"
    #: It works, but not as it should.
    PROBLEM = "problem"
    #: A needed part is away: exit code 5.
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check, what it saw, and what to do where that is not as it should be."""

    check: str
    verdict: Verdict
    seen: str
    todo: str = ""


#: Machines further apart than this should run NTP; Dropline itself follows the database's clock.
_SKEW_MAX = timedelta(seconds=2)


def check_up(parts: Parts) -> Iterator[Finding]:
    """Make every check that can be made."""
    database, redis = list(_database(parts)), list(_redis(parts))
    yield from (*database, *redis)
    if not _all_there(database):
        return
    parts.require_schema()
    yield from _processes(parts)
    yield from _pauses(parts)
    if _all_there(redis):
        yield from _connections(parts)


def _all_there(findings: Sequence[Finding]) -> bool:
    return all(finding.verdict is not Verdict.MISSING for finding in findings)


def _database(parts: Parts) -> Iterator[Finding]:
    try:
        skew = abs(SystemClock().follow(parts.ledger.database_now))
    except PartUnreachable as away:
        todo = "start the database, or correct DROPLINE_DATABASE_URL"
        yield Finding("database", Verdict.MISSING, str(away), todo)
        return
    yield Finding("database", Verdict.OK, f"{parts.ledger.dialect} answers")
    yield _clock(skew)
    try:
        parts.ledger.schema.check()
    except PartUnreachable as outdated:
        yield Finding("schema", Verdict.MISSING, str(outdated), "run `dropline db upgrade`")
    else:
        yield Finding("schema", Verdict.OK, f"revision {parts.ledger.schema.head()}")


def _clock(skew: timedelta) -> Finding:
    seen = f"{skew.total_seconds():.3f} s from the database's clock"
    if skew <= _SKEW_MAX:
        return Finding("clock", Verdict.OK, seen)
    return Finding("clock", Verdict.PROBLEM, seen, "set this machine's clock (NTP)")


def _redis(parts: Parts) -> Iterator[Finding]:
    try:
        facts = parts.broker.facts()
    except PartUnreachable as away:
        todo = "run `dropline up`, or set DROPLINE_REDIS_URL"
        yield Finding("redis", Verdict.MISSING, str(away), todo)
        return
    yield Finding("redis", Verdict.OK, f"version {facts['version']} answers")
    policy = facts["policy"]
    if policy == "noeviction":
        yield Finding("redis policy", Verdict.OK, policy)
    else:
        todo = "set maxmemory-policy noeviction: a server that evicts drops messages silently"
        yield Finding("redis policy", Verdict.PROBLEM, policy, todo)


def _processes(parts: Parts) -> Iterator[Finding]:
    alive = parts.ledger.heartbeats.alive(parts.clock.now(), ALIVE_WITHIN)
    counts = Counter(heartbeat.kind for heartbeat in alive)
    for kind in ("worker", "scheduler", "beat"):
        if counts[kind]:
            yield Finding(kind, Verdict.OK, f"{counts[kind]} alive")
        else:
            seen = f"none has given a sign of life for {ALIVE_WITHIN.total_seconds():g} s"
            todo = "run `dropline up`, or start it as the Procfile says"
            yield Finding(kind, Verdict.MISSING, seen, todo)


def _pauses(parts: Parts) -> Iterator[Finding]:
    """Name what somebody has stopped: it is meant so, but whoever wonders should know."""
    for pause in parts.ledger.pauses.every():
        todo = f"run `{resume_command(pause.target)}` when it may go on"
        yield Finding("pause", Verdict.PROBLEM, pause_line(pause), todo)


def _connections(parts: Parts) -> Iterator[Finding]:
    keyed = [each for each in parts.connections.values() if each.connection.key is not None]
    for connected in keyed:
        yield _connection(parts, connected)
    named = [parts.connections[name] for name in parts.settings.connections]
    for connected in named:
        if connected.connection.key is None:
            todo = f"set {connected.connection.key_variable}"
            yield Finding(f"connection {connected.name}", Verdict.MISSING, "has no API key", todo)
    if not keyed and not named:
        todo = "set an API key, such as DROPLINE_WONDA_API_KEY; see .env.example"
        yield Finding("connections", Verdict.PROBLEM, "none has an API key", todo)


def _connection(parts: Parts, connected: Connected) -> Finding:
    check = f"connection {connected.name}"
    try:
        accounts = connected.provider.accounts(parts.wire(connected.name))
    except NotAdmitted as later:
        return Finding(check, Verdict.PROBLEM, str(later), "ask again later")
    except (NoAnswer, CallFailed, PartUnreachable) as wrong:
        todo = f"check {connected.connection.key_variable} and the base URL {connected.base_url}"
        return Finding(check, Verdict.MISSING, str(wrong), todo)
    able = sum(account.can_post for account in accounts)
    return Finding(check, Verdict.OK, f"{able} of {len(accounts)} accounts can post")
