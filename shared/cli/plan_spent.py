"""What was spent before a plan begins: the publish calls that its windows still count."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime

from shared.bootstrap import Parts
from shared.domain.limit import Limit, Reach, Unit
from shared.domain.post import Kind
from shared.limits.gauge import milliseconds
from shared.plan.model import ModelConnection, Question, Spent
from shared.plan.rows import platforms

_EVERY = frozenset(Kind)


def spent(parts: Parts, question: Question) -> Iterator[Spent]:
    """Yield the publish calls that windows still count where the plan begins."""
    accounts: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for scope, platform in platforms(question).items():
        accounts[scope.connection].add((str(scope.account), platform))
    for name, model in question.connections.items():
        for limit in model.limits:
            if limit.reach is Reach.CONNECTION:
                yield from _counted(parts, question.start, name, None, limit, _EVERY)
        for account, platform in sorted(accounts[name]):
            for limit, kinds in _limits_of(model, account, platform).items():
                yield from _counted(parts, question.start, name, account, limit, kinds)


def _limits_of(model: ModelConnection, account: str, platform: str) -> dict[Limit, frozenset[Kind]]:
    """Return the limits of an account, and the kinds of posts that each counts."""
    found = {each: _EVERY for each in model.limits if each.reach is Reach.ACCOUNT}
    for kind in Kind:
        for limit in model.account_limits(account, platform, kind):
            found[limit] = found.get(limit, frozenset()) | {kind}
    return found


def _counted(
    parts: Parts,
    start: datetime,
    connection: str,
    account: str | None,
    limit: Limit,
    kinds: frozenset[Kind],
) -> Iterator[Spent]:
    moments = _moments(parts, connection, account, limit, start - limit.per, kinds)
    ends = [milliseconds(each) for each in moments if each <= start]
    if ends:
        yield Spent(scope_connection=connection, account=account, limit=limit, ends_ms=ends)


def _moments(
    parts: Parts,
    connection: str,
    account: str | None,
    limit: Limit,
    since: datetime,
    kinds: frozenset[Kind],
) -> Sequence[datetime]:
    limits = parts.ledger.limits
    if limit.unit is not Unit.CONTAINERS and kinds == _EVERY:
        return limits.sent_since(connection, account, since)
    return [
        at
        for at, post in limits.posts_since(connection, account, since)
        if post.kind in kinds
        for _ in range(post.containers if limit.unit is Unit.CONTAINERS else 1)
    ]
