"""What the creator of an account allows, as the provider tells it: TikTok's creator info."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from shared.domain.post import Kind, Post
from shared.domain.preflight import Problem

#: TikTok's levels from the narrowest to the widest.
_FROM_NARROW = ("SELF_ONLY", "MUTUAL_FOLLOW_FRIENDS", "FOLLOWER_OF_CREATOR", "PUBLIC_TO_EVERYONE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Creator:
    """What one creator allows; what the provider did not tell is open."""

    #: Empty = not told.
    privacy_levels: tuple[str, ...] = ()
    #: Of `comment`, `duet` and `stitch`, those that are switched off.
    switched_off: frozenset[str] = field(default_factory=frozenset)
    video_longest: timedelta | None = None


def check_creator(post: Post, creator: Creator) -> Iterator[Problem]:
    """Yield what the creator does not allow; drafts are for the creator to set (S, WAHDX)."""
    if post.inbox and post.kind is Kind.VIDEO:
        return
    yield from _privacy(post, creator)
    for name in sorted(creator.switched_off):
        if post.options.get(f"allow_{name}") is True:
            message = f"is true, but the creator has switched {name} off: it stays off"
            yield Problem(f"options.allow_{name}", message, warning=True)


def check_duration(at: int, lasts: timedelta | None, creator: Creator) -> Iterator[Problem]:
    """Yield a problem where the video at position `at` is longer than the creator may post."""
    longest = creator.video_longest
    if lasts is not None and longest is not None and lasts > longest:
        seconds = (
            f"{lasts.total_seconds():.0f} s; this creator may post {longest.total_seconds():.0f} s"
        )
        yield Problem(f"media[{at}]", f"lasts {seconds} at most")


def _privacy(post: Post, creator: Creator) -> Iterator[Problem]:
    """Take a level that is listed or stricter than the widest that is (S, WAHDX)."""
    wanted = post.options.get("privacy")
    known = [_FROM_NARROW.index(each) for each in creator.privacy_levels if each in _FROM_NARROW]
    if wanted not in _FROM_NARROW or not known:
        return
    if _FROM_NARROW.index(wanted) > max(known):
        offered = ", ".join(creator.privacy_levels)
        yield Problem("options.privacy", f"{wanted} is wider than the creator allows: {offered}")
