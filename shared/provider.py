"""The port every provider fills: one adapter per provider, found by discovery.

An adapter is stateless. It speaks through the Wire it is given and answers with data; what went
wrong on the way to an answer becomes an Outcome here, once for all of them.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

from shared.domain.account import Account
from shared.domain.capabilities import Capabilities
from shared.domain.creator import Creator
from shared.domain.limit import Limit
from shared.domain.linking import Link, LinkCode
from shared.domain.lost import Sighting, Unanswered
from shared.domain.outcome import Deferred, ErrorClass, Failed, Fault, Outcome, Uncertain
from shared.domain.post import Post
from shared.domain.preflight import Problem, check
from shared.domain.status import Status
from shared.errors import ProviderMisuse
from shared.wire.answer import (
    Answer,
    AnswerLost,
    CallFailed,
    NoAnswer,
    NotAdmitted,
    NotSent,
)
from shared.wire.media import MediaFailed
from shared.wire.wire import Wire


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What the worker asks an adapter to publish."""

    job_id: int
    post: Post
    #: What the last attempt wrote down before sending; given only when it must be replayed.
    replay: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish:
    """A publish that the provider knows by `publish_id`."""

    publish_id: str
    post: Post
    #: When our request was first sent.
    sent_at: datetime
    #: When the provider had taken it: no row of it was made later than that.
    accepted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A publish call whose answer was lost, with what was written down before it was sent."""

    post: Post
    memo: Mapping[str, Any]
    sent_at: datetime
    #: Publish ids that other jobs of this connection already own.
    claimed: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One row of a provider's history."""

    publish_id: str
    account_id: str
    caption: str
    created_at: datetime | None
    status: Status


class Statuses(dict[str, Status]):
    """What a provider said of many publishes, by publish id as given.

    One that is missing was not answered for; `cut_short` is what ended the asking early.
    """

    def __init__(self, known: Mapping[str, Status] | None = None) -> None:
        super().__init__(known or {})
        self.cut_short: NoAnswer | CallFailed | None = None


class Provider(ABC):
    """One publishing provider."""

    name: ClassVar[str]
    #: Where the provider lives unless the settings say otherwise (the sheet's table).
    base_url: ClassVar[str]
    capabilities: ClassVar[Capabilities]
    #: What the provider's documents say of its limits, or what we assume.
    limits: ClassVar[tuple[Limit, ...]] = ()

    @abstractmethod
    def auth(self, key: str) -> Mapping[str, str]:
        """Return the headers that authenticate a request."""

    @abstractmethod
    def accounts(self, wire: Wire) -> list[Account]:
        """List every account of the connection with its health. Raises NoAnswer, CallFailed."""

    def check(self, post: Post, account: Account | None) -> list[Problem]:
        """Return every problem of a post, and warnings about defaults that surprise."""
        return check(post, self.capabilities, account)

    def creator(self, account_id: str, wire: Wire) -> Creator:
        """Ask what an account's creator allows.

        Raises ProviderMisuse where `capabilities.creators` is empty; NoAnswer, CallFailed.
        """
        raise ProviderMisuse(f"{self.name} says nothing of creators ({account_id}, {wire})")

    @abstractmethod
    def _publish(self, order: Order, wire: Wire) -> Outcome:
        """Upload what must be uploaded, then make the one publish call, `wire.publish`, last."""

    def publish(self, order: Order, wire: Wire) -> Outcome:
        """Publish, and answer with what came of it. Raises LeaseLost before anything was sent."""
        try:
            return self._publish(order, wire)
        except NotAdmitted as later:
            return Deferred(max(later.until - wire.clock.now(), timedelta(0)), later.fault)
        except (NotSent, AnswerLost, MediaFailed, CallFailed) as broken:
            return _without_answer(broken, published=wire.published)

    def statuses(self, publishes: Sequence[Publish], wire: Wire) -> Statuses:
        """Ask after many publishes by the cheapest calls, and keep what was answered.

        Raises NoAnswer, CallFailed where there is no answer at all.
        """
        found = Statuses()
        try:
            for answers in self._statuses(publishes, wire):
                found.update(answers)
        except (NoAnswer, CallFailed) as broken:
            if not found:
                raise
            found.cut_short = broken
        return found

    @abstractmethod
    def _statuses(self, publishes: Sequence[Publish], wire: Wire) -> Iterator[Mapping[str, Status]]:
        """Iterate what each answer says, by publish id as given. Raises NoAnswer, CallFailed."""

    def history(self, account_id: str | None, since: datetime, wire: Wire) -> Iterator[Listed]:
        """Iterate what the provider stored for one account, or for all, since then, newest first.

        Each row comes once, and none is missed because others arrive meanwhile.

        Raises ProviderMisuse where `capabilities.history` is false; NoAnswer, CallFailed.
        """
        raise ProviderMisuse(f"{self.name} keeps no history ({account_id}, {since}, {wire})")

    def find(self, lost: Lost, wire: Wire) -> Sighting:
        """Look for the publish of a lost call; what went wrong with the look is `Unanswered`."""
        try:
            return self._find(lost, wire)
        except (NoAnswer, CallFailed) as broken:
            return Unanswered(str(broken))

    def link_code(self, wire: Wire) -> LinkCode:
        """Ask for a code by which its owner links an account.

        Raises ProviderMisuse where `capabilities.linking` is false; NoAnswer, CallFailed.
        """
        raise ProviderMisuse(f"{self.name} links no accounts ({wire})")

    def link(self, code: LinkCode, wire: Wire) -> Link:
        """Say how far the code has come. Raises as `link_code` does."""
        raise ProviderMisuse(f"{self.name} links no accounts ({code}, {wire})")

    def _find(self, lost: Lost, wire: Wire) -> Sighting:
        raise ProviderMisuse(f"{self.name} cannot be asked about lost answers ({lost}, {wire})")

    def cancel(self, publish: Publish, wire: Wire) -> Status:
        """Cancel a publish that has not happened yet and say how it stands now.

        Raises ProviderMisuse where `capabilities.cancel` is false; NoAnswer, CallFailed.
        """
        raise ProviderMisuse(f"{self.name} cannot cancel ({publish.publish_id}, {wire})")


def _without_answer(
    broken: NotSent | AnswerLost | MediaFailed | CallFailed, *, published: bool
) -> Outcome:
    if published:
        return Uncertain(replace(broken.fault, error_class=ErrorClass.UNKNOWN_OUTCOME))
    if isinstance(broken, AnswerLost):
        return Failed(replace(broken.fault, error_class=ErrorClass.TRANSIENT), again=True)
    return Failed(broken.fault, again=broken.again)


def refused(answer: Answer, fault: Fault, *, again: bool = False) -> Outcome:
    """Return the outcome of a publish call that was answered, but not with a success.

    Only a 4xx says that nothing was published; whatever else it is, the post may be out.
    """
    if 400 <= answer.status < 500:  # noqa: PLR2004
        return Failed(fault, again=again)
    return Uncertain(replace(fault, error_class=ErrorClass.UNKNOWN_OUTCOME))
