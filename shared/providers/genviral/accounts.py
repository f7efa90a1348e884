"""An account as Genviral lists it, with what newer answers say that it takes (section 2)."""

from collections.abc import Mapping
from typing import Any

from shared.domain.account import Account
from shared.domain.post import Kind
from shared.wire.values import first, text

#: A hosted account's captions, where the account names no limit of its own (D).
HOSTED_CAPTION_MAX = 500

#: Platforms whose captions are limited by what the account declares (D).
DECLARED_LIMITS = frozenset({"x", "bluesky"})

_SLIDES = frozenset({Kind.IMAGE, Kind.CAROUSEL})

#: Parts of the words for kinds: `text_only` (D), the others by their names in requests (A).
_KINDS: Mapping[str, frozenset[Kind]] = {
    "text": frozenset({Kind.TEXT}),
    "video": frozenset({Kind.VIDEO}),
    "slideshow": _SLIDES,
    "carousel": _SLIDES,
    "image": _SLIDES,
    "photo": _SLIDES,
}


def account_of(row: Mapping[str, Any]) -> Account:
    word = text(first(row, "status")).lower() or "active"
    return Account(
        account_id=text(first(row, "id", "account_id")),
        platform=text(first(row, "platform")).lower(),
        username=text(first(row, "username")).removeprefix("@"),
        display_name=text(first(row, "display_name")),
        can_post=word == "active",
        reason="" if word == "active" else word,
        account_type=text(first(row, "type")),
        caption_max=_caption_max(row),
        kinds=_kinds(row),
    )


def _caption_max(row: Mapping[str, Any]) -> int | None:
    """Return the account's own limit, where its platform's figures do not already say it (D)."""
    hosted = text(first(row, "type")) == "hosted"
    if not hosted and text(first(row, "platform")).lower() not in DECLARED_LIMITS:
        return None
    declared = first(first(row, "capabilities"), "caption_limit")
    if isinstance(declared, int) and not isinstance(declared, bool):
        return declared
    return HOSTED_CAPTION_MAX if hosted else None


def _kinds(row: Mapping[str, Any]) -> frozenset[Kind] | None:
    """Return the kinds that the account takes (D); None where that is not said, or not clear.

    A word that we do not know may stand for any kind, so that nothing is refused because of it.
    """
    words = first(first(row, "capabilities"), "supported_content_kinds")
    if not isinstance(words, list) or not words:
        return None
    meant = [_meant(text(word).lower()) for word in words]
    return frozenset().union(*meant) if all(meant) else None


def _meant(word: str) -> frozenset[Kind]:
    return frozenset().union(*(kinds for part, kinds in _KINDS.items() if part in word))
