"""What files are is read from their first bytes; garbage tells less, and never raises."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.media_facts import MediaFacts
from shared.domain.post import MediaType
from shared.preflight.files import HEAD_BYTES, read_head, read_tail
from tests.support import media_bytes as made


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (made.png(1080, 1350), ("png", 1080, 1350, None)),
        (made.gif(320, 240), ("gif", 320, 240, None)),
        (made.webp(1081, 1351), ("webp", 1081, 1351, None)),
        (made.webp(641, 481, "VP8L"), ("webp", 641, 481, None)),
        (made.webp(640, 480, "VP8 "), ("webp", 640, 480, None)),
        (made.jpeg(1080, 1350), ("jpg", 1080, 1350, None)),
        (made.heic(4032, 3024), ("heic", 4032, 3024, None)),
        (made.mp4(12.5, 1080, 1920), ("mp4", 1080, 1920, 12.5)),
        (made.mp4(12.5, 1080, 1920, wide=True), ("mp4", 1080, 1920, 12.5)),
        (made.mp4(12.5, 1080, 1920, turned=True), ("mp4", 1080, 1920, 12.5)),
        (made.mp4(12.5, 1080, 1920, fragmented=True), ("mp4", 1080, 1920, 12.5)),
        (made.mp4(3, brand=b"qt  "), ("mov", 1080, 1920, 3)),
        (made.mp4(3, brand=b"M4V "), ("m4v", 1080, 1920, 3)),
        (made.webm(7.5, 720, 1280), ("webm", 720, 1280, 7.5)),
        (made.avi(4, 640, 360), ("avi", 640, 360, 4)),
        (b'\xef\xbb\xbf<?xml version="1.0"?>\n<svg width="3"/>', ("svg", None, None, None)),
        (b"<!DOCTYPE html><title>Not here</title>", ("html", None, None, None)),
        (b"%PDF-1.7", ("", None, None, None)),
        (b"", ("", None, None, None)),
    ],
)
def test_format_size_and_duration(content: bytes, told: tuple[Any, ...]) -> None:
    seen = read_head(content, len(content))
    facts = seen.facts
    lasting = facts.duration.total_seconds() if facts.duration else None
    assert (facts.format, facts.width, facts.height, lasting) == told
    assert seen.next_at is None
    assert facts.size_bytes == len(content)


@pytest.mark.parametrize(
    "whole", [made.mp4(61, mdat_bytes=3 * HEAD_BYTES), made.jpeg(comment_bytes=3 * HEAD_BYTES)]
)
def test_what_stands_behind_the_head_is_found_in_a_second_piece(whole: bytes) -> None:
    seen = read_head(whole[:HEAD_BYTES], len(whole))
    assert seen.facts.width is None
    assert seen.next_at is not None
    facts = read_tail(seen, whole[seen.next_at :])
    assert (facts.width, facts.height) == ((1080, 1920) if facts.format == "mp4" else (1080, 1350))
    assert facts.duration == (timedelta(seconds=61) if facts.format == "mp4" else None)


def test_a_segment_cut_in_two_is_read_again_from_its_marker() -> None:
    whole = made.jpeg(1080, 1350, comment_bytes=100)
    frame = whole.index(b"\xff\xc2")
    for cut in range(frame - 3, frame + 9):
        seen = read_head(whole[:cut], len(whole))
        assert seen.next_at is not None
        assert read_tail(seen, whole[seen.next_at :]).width == 1080


def test_an_offset_outside_the_file_is_not_asked_for() -> None:
    cut = made.mp4(mdat_bytes=HEAD_BYTES)[:1000]
    assert read_head(cut, 2000).next_at is None
    assert read_head(cut, None).next_at is not None


def test_an_unknown_duration_is_none() -> None:
    assert read_head(made.mp4(0)).facts.duration is None
    assert read_head(made.mp4(10**12, wide=True)).facts.duration is None


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (MediaFacts(format="jpg", content_type="video/mp4"), MediaType.IMAGE),
        (MediaFacts(format="mov"), MediaType.VIDEO),
        (MediaFacts(content_type="video/mp4"), MediaType.VIDEO),
        (MediaFacts(content_type="application/octet-stream"), MediaType.UNKNOWN),
    ],
)
def test_the_bytes_count_before_the_header(facts: MediaFacts, expected: MediaType) -> None:
    assert facts.type is expected


SAMPLES = [
    made.png(), made.gif(), made.webp(), made.webp(sort="VP8L"), made.webp(sort="VP8 "),
    made.jpeg(), made.heic(), made.mp4(), made.mp4(wide=True, mdat_bytes=50),
    made.mp4(fragmented=True), made.webm(), made.avi(),
]  # fmt: skip

edits = st.lists(st.tuples(st.integers(0, 400), st.binary(min_size=1, max_size=8)), max_size=6)


@given(st.sampled_from(SAMPLES), edits, st.integers(0, 500), st.binary(max_size=64))
def test_no_bytes_raise(
    sample: bytes, changes: list[tuple[int, bytes]], cut: int, tail: bytes
) -> None:
    broken = bytearray(sample)
    for at, part in changes:
        broken[at : at + len(part)] = part
    seen = read_head(bytes(broken[: len(broken) - cut] if cut < len(broken) else broken), 10**6)
    again = read_tail(seen, tail)
    for facts in (seen.facts, again):
        assert facts.width is None or facts.width >= 0
        assert facts.duration is None or facts.duration >= timedelta(0)


@given(st.binary(max_size=300))
def test_garbage_tells_nothing_and_never_raises(content: bytes) -> None:
    seen = read_head(content, len(content))
    read_tail(seen, content)
