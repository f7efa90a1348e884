"""The windows that an answer's headers describe, in every style in use.

X-RateLimit-Limit: 100            one window, its length unknown
X-RateLimit-Limit-Minute: 10      its length in the name
RateLimit-Limit: 100, 100;w=60    its length in a parameter (IETF drafts 0 to 6)
RateLimit: limit=100, reset=30    one header for all (draft 7)
RateLimit: "default";r=50;t=30    by name, with RateLimit-Policy (draft 8 on)
X-App-Usage: {"call_count": 28}   a percentage (Meta), or `32/40` in a ...-Limit header
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from shared.limits.moments import Stopwatch, read_number
from shared.limits.structured import Part, parts
from shared.limits.usage import Usage, usages

_WORDS = {
    "second": timedelta(seconds=1),
    "sec": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "min": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "daily": timedelta(days=1),
    "month": timedelta(days=30),
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}
_SPAN = re.compile(rf"(\d{{0,4}})({'|'.join(_WORDS)})(?:s|ly)?", re.ASCII)
_KINDS = {"limit", "remaining", "reset", "used", "usage", "after", "retry"}
_LONGEST_WINDOW = timedelta(days=366)
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """One window as an answer describes it."""

    limit: int | None = None
    remaining: int | None = None
    reset_at: datetime | None = None
    per: timedelta | None = None
    #: The figures are hundredths of a quota whose size is not told.
    is_percentage: bool = False

    @property
    def exhausted(self) -> bool:
        return self.remaining == 0

    @property
    def told(self) -> bool:
        return self != Quota(per=self.per)


def quotas(headers: Mapping[str, str], watch: Stopwatch) -> list[Quota]:
    """Return every window that the headers (names in lower case) describe."""
    found = [*_grouped(headers, watch), *_structured(headers, watch)]
    found += [_used(usage, watch) for usage in usages(headers)]
    return [quota for quota in found if quota.told]


def _used(usage: Usage, watch: Stopwatch) -> Quota:
    return Quota(
        limit=usage.limit,
        remaining=max(usage.limit - usage.used, 0),
        reset_at=None if usage.seconds is None else watch.after(usage.seconds),
        is_percentage=usage.is_percentage,
    )


def _grouped(headers: Mapping[str, str], watch: Stopwatch) -> Iterator[Quota]:
    """Yield the windows whose limit, remaining and reset are headers of their own."""
    groups: dict[tuple[str, ...], dict[str, str]] = {}
    for name, value in headers.items():
        words = _words(name)
        kind = "-".join(word for word in words if word in _KINDS)
        group = tuple(word for word in words if word not in _KINDS and word != "per")
        if kind:
            groups.setdefault(group, {})[kind] = value
    for group, values in groups.items():
        yield from _windows(values, _span(group), watch)


def _words(name: str) -> list[str]:
    """Return what a header's name says after the word ratelimit; nothing if it lacks the word."""
    words = name.replace("_", "-").replace("rate-limit", "ratelimit").split("-")
    return words[words.index("ratelimit") + 1 :] if "ratelimit" in words else []


def _span(group: tuple[str, ...]) -> timedelta | None:
    for word in group:
        match = _SPAN.fullmatch(word)
        if match:
            return int(match[1] or 1) * _WORDS[match[2]] or None
    return None


def _windows(values: Mapping[str, str], per: timedelta | None, watch: Stopwatch) -> Iterator[Quota]:
    limits = parts(values.get("limit", ""))
    remaining = [whole(part.head) for part in parts(values.get("remaining", ""))]
    used = [whole(part.head) for part in parts(values.get("used") or values.get("usage", ""))]
    resets = _resets(values, watch)
    declared = _declared(limits, per)
    width = max(len(declared), len(remaining), len(resets))
    for index in range(width):
        quota = _at(declared, index) or Quota(per=per)
        left = _at(remaining, index)
        spent = _at(used, index)
        if left is None and spent is not None and quota.limit is not None:
            left = max(quota.limit - spent, 0)
        yield replace(quota, remaining=left, reset_at=_at(resets, index))


def _declared(limits: list[Part], per: timedelta | None) -> list[Quota]:
    """Return the windows that a limit header names, the one that governs first."""
    named = [Quota(limit=whole(part.head), per=_seconds(part.values.get("w"))) for part in limits]
    named = [replace(quota, per=quota.per or per) for quota in named]
    if len(named) > 1 and named[0].per is None and all(quota.per for quota in named[1:]):
        first, policies = named[0], named[1:]
        twin = next((policy for policy in policies if policy.limit == first.limit), first)
        return [twin, *(policy for policy in policies if policy is not twin)]
    return named


def _resets(values: Mapping[str, str], watch: Stopwatch) -> list[datetime | None]:
    after = read_number(values.get("reset-after", ""))
    if after is not None:
        return [watch.after(after)]
    text = values.get("reset")
    if not text:
        return []
    whole_text = watch.moment(text)
    if whole_text is not None or "," not in text:
        return [whole_text]
    return [watch.moment(piece) for piece in text.split(",")]


def _structured(headers: Mapping[str, str], watch: Stopwatch) -> Iterator[Quota]:
    """Yield the windows of `RateLimit` and `RateLimit-Policy`."""
    policies = {
        part.head or str(place): _policy(part)
        for place, part in enumerate(parts(headers.get("ratelimit-policy", "")))
    }
    states = parts(headers.get("ratelimit") or headers.get("x-ratelimit") or "")
    if any({"limit", "remaining", "reset"} & part.values.keys() for part in states):
        flat = {key: value for part in states for key, value in part.values.items()}
        yield _lengthened(_flat(flat, watch), policies)
        return
    for part in states:
        policy = policies.pop(part.head, Quota(limit=whole(part.head)))
        yield replace(
            policy,
            remaining=whole(part.values.get("r")),
            reset_at=_after(part.values.get("t"), watch),
        )
    yield from policies.values()


def _policy(part: Part) -> Quota:
    """Read `"default";q=100;w=60`, or `100;w=60` as older drafts write it."""
    return Quota(limit=whole(part.values.get("q", part.head)), per=_seconds(part.values.get("w")))


def _flat(values: Mapping[str, str], watch: Stopwatch) -> Quota:
    return Quota(
        limit=whole(values.get("limit")),
        remaining=whole(values.get("remaining")),
        reset_at=watch.moment(values["reset"]) if "reset" in values else None,
    )


def _lengthened(quota: Quota, policies: Mapping[str, Quota]) -> Quota:
    same = (policy.per for policy in policies.values() if policy.limit == quota.limit)
    return replace(quota, per=next(same, None))


def whole(value: object) -> int | None:
    """Return a count of requests: a number from zero to a billion, rounded down."""
    number = read_number(value)
    return int(number) if number is not None and 0 <= number < 1e9 else None  # noqa: PLR2004


def _seconds(value: str | None) -> timedelta | None:
    number = read_number(value)
    if number is None or not 0 < number <= _LONGEST_WINDOW.total_seconds():
        return None
    return timedelta(seconds=number)


def _after(value: str | None, watch: Stopwatch) -> datetime | None:
    number = read_number(value)
    return None if number is None else watch.after(number)


def _at(values: Sequence[T], index: int) -> T | None:
    return values[index] if index < len(values) else None
