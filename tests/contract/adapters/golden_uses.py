"""How an adapter meets a golden exchange: what it is asked for, and what it then makes of it."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.domain.outcome import (
    Accepted,
    Deferred,
    ErrorClass,
    Failed,
    Fault,
    Outcome,
    Receipt,
    Uncertain,
)
from shared.domain.post import Post
from shared.domain.status import Status, Verdict
from shared.provider import Listed, Order, Publish
from tests.contract.adapters.golden_stage import Refusal, Stage, heard, known
from tests.contract.golden import Exchange

#: Two minutes before it, where some adapters begin to look, is when golden lists begin.
SENT_AT = datetime(2026, 6, 20, 10, 1, tzinfo=UTC)
SINCE = datetime(2026, 6, 20, 9, 59, tzinfo=UTC)
CREATED_AT = datetime(2026, 6, 20, 10, 0, tzinfo=UTC)

Ask = Callable[[Stage, Exchange], Any]


@dataclass(frozen=True, kw_only=True)
class Use:
    """One way in which an adapter meets an exchange."""

    name: str
    ask: Ask
    makes: Any
    #: The bodies that the adapter sends instead of the golden one.
    sends: Callable[[Any], list[Any]] | None = None
    #: The queries that it sends instead of the golden one.
    queries: Sequence[Mapping[str, str]] | None = None
    #: Why no adapter sends this request; its answer is understood all the same.
    never: str = ""
    #: Golden exchanges that are answered, in order; only this one unless said otherwise.
    script: tuple[str, ...] = ()
    #: Answers that no golden exchange has.
    scene: Callable[[Stage], object] | None = None
    #: Which of several possible values stand in the answer.
    choice: int = 0

    def requests(self, stage: Stage, exchange: Exchange) -> list[tuple[Mapping[str, str], Any]]:
        """Return the queries and bodies that must have been sent."""
        body = stage.body(exchange)
        bodies = [body] if self.sends is None else self.sends(body)
        queries = self.queries or [stage.query(exchange)] * len(bodies)
        return list(zip(queries, bodies * (len(queries) // len(bodies)), strict=True))


def accounts(stage: Stage, _: Exchange) -> Any:
    return heard(lambda: stage.provider.accounts(stage.wire()))


def creator(account_id: str) -> Ask:
    return lambda stage, _: heard(lambda: stage.provider.creator(account_id, stage.wire()))


def publishes(posts: Callable[[Any], Sequence[Post]]) -> Ask:
    """Publish each of the posts that a golden body stands for: all must come to the same."""

    def ask(stage: Stage, exchange: Exchange) -> Outcome:
        (outcome,) = {outcome_of(stage, post) for post in posts(stage.body(exchange))}
        return outcome

    return ask


def outcome_of(stage: Stage, post: Post) -> Outcome:
    outcome = stage.provider.publish(Order(job_id=1, post=post), stage.wire())
    if isinstance(outcome, Deferred):
        return Deferred(_by_fives(outcome.wait), outcome.fault)
    return outcome


def _by_fives(wait: timedelta) -> timedelta:
    """Round up, since a part of a wait is over by the time we hear of it."""
    return timedelta(seconds=5 * math.ceil(wait / timedelta(seconds=5)))


def publish_of(publish_id: str, post: Post) -> Publish:
    return Publish(publish_id=publish_id, post=post, sent_at=SENT_AT)


def statuses(*publishes: Publish) -> Ask:
    return lambda stage, _: heard(
        lambda: dict(stage.provider.statuses(publishes, stage.wire())),
    )


def history(account_id: str) -> Ask:
    return lambda stage, _: heard(
        lambda: list(stage.provider.history(account_id, SINCE, stage.wire())),
    )


def cancels(publish: Publish) -> Ask:
    return lambda stage, _: heard(lambda: stage.provider.cancel(publish, stage.wire()))


def status(publish_id: str, verdict: Verdict, raw: str, **more: Any) -> Status:
    return Status(publish_id=publish_id, verdict=verdict, raw=raw, **more)


def told(publish_id: str, verdict: Verdict, raw: str, **more: Any) -> dict[str, Status]:
    """Return what a round of asking after one publish comes to."""
    return {publish_id: status(publish_id, verdict, raw, **more)}


def listed(publish_id: str, account_id: str, of: Status, caption: str = "Rye week") -> Listed:
    return Listed(
        publish_id=publish_id,
        account_id=account_id,
        caption=caption,
        created_at=CREATED_AT,
        status=of,
    )


def accepted(name: str, provider_status: str) -> Accepted:
    return Accepted(Receipt(publish_id=known(name), provider_status=provider_status))


def failed(error_class: ErrorClass, code: str | None, message: str) -> Failed:
    return Failed(Fault(error_class=error_class, code=code, message=message))


def uncertain(code: str | None, message: str) -> Uncertain:
    return Uncertain(
        Fault(error_class=ErrorClass.UNKNOWN_OUTCOME, code=code, message=message),
    )


def refusal(
    error_class: ErrorClass, code: str | None, message: str, *, again: bool = False
) -> Refusal:
    return Refusal(Fault(error_class=error_class, code=code, message=message), again)


def rejected(message: str) -> Fault:
    return Fault(error_class=ErrorClass.REJECTED, message=message)


def held_back(seconds: int) -> Fault:
    """Return the fault of a 429, which the wire answers for every adapter."""
    message = f"the provider asks to wait {seconds} s"
    return Fault(error_class=ErrorClass.RATE_LIMITED, code="429", message=message)


def deferred(seconds: int, fault: Fault) -> Deferred:
    return Deferred(timedelta(seconds=seconds), fault)
