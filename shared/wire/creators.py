"""Reads TikTok's creator info, which providers pass on in TikTok's own names or in camel case."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from shared.domain.creator import Creator
from shared.wire.values import first, text

_SWITCHES = ("comment", "duet", "stitch")


def creator_of(row: Mapping[str, Any]) -> Creator:
    """Read what the provider tells; what is missing or odd is not told."""
    levels = first(row, "privacy_level_options", "privacyLevelOptions")
    longest = first(row, "max_video_post_duration_sec", "maxVideoPostDurationSec")
    return Creator(
        privacy_levels=tuple(map(text, levels)) if isinstance(levels, list) else (),
        switched_off=frozenset(
            name for name in _SWITCHES if first(row, f"{name}_disabled", f"{name}Disabled") is True
        ),
        video_longest=_seconds(longest),
    )


def _seconds(value: Any) -> timedelta | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    # A day is longer than any platform takes, and far from where arithmetic overflows.
    return timedelta(seconds=value) if is_number and 0 < value <= 24 * 3600 else None
