"""Caps: what a platform lets one account publish, whoever the provider is."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from shared.domain.limit import Limit
from shared.domain.post import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """One account's limit on a platform; `kinds` are those it counts, none named = every kind."""

    name: str
    platform: str
    kinds: frozenset[Kind] = field(default_factory=frozenset)
    limit: Limit
    #: Where the figure is from.
    source: str = ""

    def counts(self, platform: str, kind: Kind) -> bool:
        return platform == self.platform and (not self.kinds or kind in self.kinds)


def limits_of(caps: Iterable[Cap], platform: str, kind: Kind) -> tuple[Limit, ...]:
    """Return the limits that a post of this kind meets on a platform."""
    return tuple(cap.limit for cap in caps if cap.counts(platform, kind))
