"""Crowding by the platforms' caps, which a plan keeps to as well."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.cap import Cap
from shared.domain.limit import Limit, Unit, Window
from shared.domain.post import Kind, Media
from shared.settings.caps import CapChange, caps_in_force
from tests.unit.preflight.rows import HOUR, NOW, Around, connected, neighbour, preflight, prepared

DAY = timedelta(days=1)
LISTED = caps_in_force({})
THREE = caps_in_force({"instagram-posts": CapChange(posts=3)})


def posts(requests: int, per: timedelta = DAY, **changes: Any) -> Limit:
    return Limit(**{"requests": requests, "per": per, "unit": Unit.POSTS, **changes})


def found(caps: Sequence[Cap], *rows: Any, **more: Any) -> list[tuple[str, str]]:
    warned = preflight(*rows, caps=caps, **more).findings()
    assert all(each.warning for each in warned)
    return [(each.ref, each.message) for each in warned]


def test_a_day_of_fifty_posts_is_as_much_as_instagram_takes() -> None:
    rows = [prepared(n, at=NOW + n * HOUR / 3) for n in range(1, 52)]
    assert found(LISTED, *rows[:50]) == []
    ((ref, message),) = found(LISTED, *rows)
    assert ref == "r51"
    assert message == (
        "makes 51 posts of this account within 1d (from row 1 (ref r1) to here); the limit is"
        " 50 posts per 1d at instagram (cap instagram-posts), which may refuse what is over it"
    )


def test_slides_count_where_the_platform_counts_containers() -> None:
    slides = tuple(Media(url=f"https://cdn.example.com/{n}.jpg") for n in range(9))
    many = [
        prepared(n, at=NOW + n * HOUR / 3, kind=Kind.CAROUSEL, media=slides) for n in range(1, 42)
    ]
    assert found(LISTED, *many[:40]) == []
    ((ref, message),) = found(LISTED, *many)
    assert (ref, "cap instagram-containers" in message) == ("r41", True)


def test_a_cap_of_some_kinds_counts_these_and_of_its_platform_only() -> None:
    reels = [prepared(n, platform="facebook", kind=Kind.VIDEO) for n in range(1, 32)]
    ((ref, message),) = found(LISTED, *reels)
    assert (ref, "cap facebook-reels" in message) == ("r31", True)
    assert found(LISTED, *(prepared(n, platform="facebook") for n in range(1, 99))) == []


def test_what_the_ledger_has_counts_by_its_kind() -> None:
    video = prepared(1, platform="facebook", kind=Kind.VIDEO).job.post
    jobs = [neighbour(n, NOW + HOUR, video, ref=f"o{n}") for n in range(30)]
    row = prepared(99, platform="facebook", kind=Kind.VIDEO, at=NOW + 2 * HOUR)
    ((ref, _),) = found(LISTED, row, around=Around(*jobs), window=timedelta(0))
    assert ref == "r99"


@pytest.mark.parametrize(
    ("limit", "told_of"),
    [
        # As tight or tighter: the platform's is not told beside it.
        (posts(3), ["configured"]),
        (posts(2, window=Window.ROLLING), ["configured"]),
        (posts(3, per=2 * DAY), ["configured"]),
        (posts(3, unit=Unit.CONTAINERS), ["configured"]),
        (posts(3, unit=Unit.REQUESTS), ["configured"]),
        # Wider, shorter, or of another sort: both are told, where both are broken.
        (posts(4), ["configured", "platform"]),
        (posts(3, per=HOUR), ["configured", "platform"]),
        (posts(3, window=Window.DAY), ["configured", "platform"]),
        (posts(30), ["platform"]),
    ],
)
def test_a_configured_limit_speaks_for_the_platform_s(limit: Limit, told_of: list[str]) -> None:
    rows = [prepared(n, to=connected("wonda", limit)) for n in range(1, 7)]
    messages = [message for _, message in found(THREE, *rows)]
    which = ["platform" if "cap instagram-posts" in each else "configured" for each in messages]
    assert which == told_of


def test_a_cap_that_is_off_warns_of_nothing() -> None:
    off = caps_in_force({"instagram-posts": CapChange(off=True)})
    assert found(off, *(prepared(n) for n in range(1, 99))) == []
