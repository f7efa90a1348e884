"""What a provider's sandbox implements; a file of this folder that does so is found by itself."""

import itertools
import random
import threading
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal

from shared.sandbox.accounts import SandboxAccount
from shared.sandbox.clock import SandboxClock, iso_ms
from shared.sandbox.exchange import Answer, Json, Request
from shared.sandbox.faults import Fault, Faults, Subject
from shared.sandbox.media import MediaHost
from shared.sandbox.windows import Limit, Standing

Reason = Literal["unauthorized", "not_found", "rate_limited", "server_error"]


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint; `template` follows the provider's prefix, e.g. `/posts/{post_id}`.

    `call` is publish, upload, status, history, accounts, media or the provider's own word.
    """

    method: str
    template: str
    call: str
    answer: Callable[[Request], Answer]
    #: Needs no key (an upload address that carries its own permission).
    public: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the server itself says no; the provider gives it its own words and shape."""

    status: int
    reason: Reason
    message: str
    code: str | None = None
    #: Whole seconds until the announced moment, None when nothing is announced.
    retry_after_s: int | None = None
    #: The call that was refused, empty when no route was found.
    call: str = ""


@dataclass(frozen=True, slots=True)
class Stored:
    """One post that the provider keeps, in words that are the same for all providers."""

    sequence: int
    provider: str
    publish_id: str
    account_id: str
    platform: str
    kind: str
    caption: str
    media: tuple[str, ...]
    status: str
    created_at: datetime
    external_id: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> Json:
        row = asdict(self)
        return row | {"media": list(self.media), "created_at": iso_ms(self.created_at)}


@dataclass(slots=True)
class World:
    """What the sandboxes of all providers share."""

    clock: SandboxClock
    faults: Faults
    media: MediaHost
    dice: random.Random
    #: How long a platform takes to publish, in sandbox time.
    media_delay: timedelta = timedelta(seconds=2)
    #: Held while a route runs, so providers need no locks of their own.
    lock: threading.RLock = field(default_factory=threading.RLock)
    #: `http://127.0.0.1:PORT`, known once the server listens.
    origin: str = ""
    sequence: Iterable[int] = field(default_factory=lambda: itertools.count(1))

    def next_sequence(self) -> int:
        return next(iter(self.sequence))

    def new_uuid(self) -> str:
        """Make an id that is the same in every run with the same seed."""
        return str(uuid.UUID(int=self.dice.getrandbits(128), version=4))


class ProviderSandbox(ABC):
    """The other end of one provider's wire. Routes run one at a time, under the world's lock."""

    name: ClassVar[str]
    #: The path that the base URL ends with, e.g. `/posteverywhere/api/v1`.
    prefix: ClassVar[str]
    #: A key in the provider's format.
    key: ClassVar[str]
    #: Kinds of fault that only this provider knows.
    switches: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, world: World) -> None:
        self.world = world
        self.accounts: dict[str, SandboxAccount] = {a.id: a for a in self.seed_accounts()}

    @abstractmethod
    def seed_accounts(self) -> list[SandboxAccount]: ...

    def key_header(self) -> dict[str, str]:
        """Give the header that a client sends its key in."""
        return {"Authorization": f"Bearer {self.key}"}

    @abstractmethod
    def routes(self) -> list[Route]: ...

    @abstractmethod
    def authorised(self, request: Request) -> bool: ...

    @abstractmethod
    def refuse(self, refusal: Refusal) -> Answer:
        """Say no in the provider's shape; the server adds Retry-After itself."""

    @abstractmethod
    def stored(self) -> list[Stored]:
        """Everything ever stored, one row per account that was posted to, oldest first."""

    @classmethod
    def default_limits(cls) -> list[Limit]:
        return []

    def limit_headers(self, standing: Standing) -> dict[str, str]:
        """Give the rate headers of an answer, where the sheet has them."""
        del standing
        return {}

    def subject(self, request: Request, call: str) -> Subject:
        """Find what faults are matched against, by the usual names of accounts and captions."""
        body = _parsed(request)
        found = {**request.query, **request.params, **(body if isinstance(body, dict) else {})}
        return Subject(self.name, call, tuple(_account_ids(found)), _caption(found))

    def take(self, kind: str, call: str, account_id: str = "", caption: str = "") -> Fault | None:
        """Spend a fault of this kind, if one is set for this provider, call, account, caption."""
        accounts = (account_id,) if account_id else ()
        return self.world.faults.take(kind, Subject(self.name, call, accounts, caption))

    def switched_on(self, kind: str, call: str = "", account_id: str = "") -> Fault | None:
        """Look at a switch without spending it."""
        accounts = (account_id,) if account_id else ()
        return self.world.faults.look(kind, Subject(self.name, call, accounts))

    def may_post(self, account: SandboxAccount) -> bool:
        """Tell whether an account is active and no `expired_account` switch lies on it."""
        expired = self.switched_on("expired_account", account_id=account.id)
        return account.status == "active" and expired is None

    def visible_from(self, account_id: str, caption: str) -> datetime:
        """Tell from when lists show a post made now (`late_listing`)."""
        late = self.take("late_listing", "publish", account_id, caption)
        return self.world.clock.after(timedelta(seconds=late.seconds if late else 0.0))


_ACCOUNT_KEYS = frozenset(
    {"accountid", "accountids", "instagramaccountid", "tiktokaccountid", "accounts"}
)
_CAPTION_KEYS = ("caption", "content", "text")


def _parsed(request: Request) -> Any:
    if not request.content_type.startswith("application/json"):
        return None
    try:
        return request.json()
    except ValueError:
        return None


def _account_ids(found: Json) -> list[str]:
    values = [v for k, v in found.items() if k.replace("_", "").lower() in _ACCOUNT_KEYS]
    flat = itertools.chain.from_iterable(v if isinstance(v, list) else [v] for v in values)
    return [str(v.get("id") if isinstance(v, dict) else v) for v in flat]


def _caption(found: Json) -> str:
    return next((str(found[key]) for key in _CAPTION_KEYS if found.get(key)), "")
