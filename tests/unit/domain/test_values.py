"""Durations, late policies, options and media as people write them."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.duration import read_duration, show_duration
from shared.domain.options import read_options
from shared.domain.post import Kind, Media, MediaType, Post, infer_kind
from shared.domain.release import Lateness, LatePolicy, read_late_policy
from tests.support.jobs import POST


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=900)))
def test_a_shown_duration_reads_back_to_the_second(duration: timedelta) -> None:
    rounded = timedelta(seconds=round(duration.total_seconds()))
    assert read_duration(show_duration(duration)) == rounded


@pytest.mark.parametrize("text", ["", "5", "5x", "m5", "-5s", "1h 30", None, True, -1])
def test_what_is_no_duration_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="duration"):
        read_duration(text)


@pytest.mark.parametrize("value", ["36526d", "99999999999d", 1e12, float("inf")])
def test_a_duration_that_leads_out_of_the_calendar_is_refused(value: object) -> None:
    assert read_duration("36525d") == timedelta(days=36_525)
    with pytest.raises(ValueError, match="longer than a hundred years"):
        read_duration(value)


def test_late_policies() -> None:
    assert read_late_policy("publish") == LatePolicy()
    assert read_late_policy("skip after 30m") == LatePolicy(Lateness.SKIP, timedelta(minutes=30))
    assert read_late_policy("hold") == LatePolicy(Lateness.HOLD, timedelta(hours=1))
    with pytest.raises(ValueError, match="skip after 2h"):
        read_late_policy("maybe")


def test_options_are_read_and_every_wrong_one_is_named() -> None:
    raw = {"privacy": "public", "allow_duet": "no", "cover_index": -1, "sparkle": 1}
    options, problems = read_options(raw)
    assert options == {"privacy": "PUBLIC_TO_EVERYONE", "allow_duet": False}
    assert [name for name, _ in problems] == ["cover_index", "sparkle"]


def test_the_media_type_is_told_by_the_path_and_not_by_the_query() -> None:
    assert Media(url="https://x.example/a.MP4?file=b.jpg").type is MediaType.VIDEO
    assert Media(url="https://x.example/a?file=b.jpg").type is MediaType.UNKNOWN


def test_the_kind_follows_from_the_media() -> None:
    image, video = Media(path="a.jpg"), Media(path="a.mp4")
    assert infer_kind(()) is Kind.TEXT
    assert infer_kind((image,)) is Kind.IMAGE
    assert infer_kind((video,)) is Kind.VIDEO
    assert infer_kind((image, image)) is Kind.CAROUSEL
    assert infer_kind((Media(id="m1"),)) is None


@pytest.mark.parametrize(
    ("kind", "files", "containers"),
    [
        (Kind.TEXT, 0, 1),
        (Kind.IMAGE, 1, 1),
        (Kind.VIDEO, 1, 1),
        (Kind.STORY, 1, 1),
        (Kind.CAROUSEL, 2, 3),
        (Kind.CAROUSEL, 10, 11),
    ],
)
def test_a_carousel_makes_a_container_for_each_slide_and_one_to_hold_them(
    kind: Kind, files: int, containers: int
) -> None:
    post = replace(POST, kind=kind, media=(Media(path="a.jpg"),) * files)
    assert post.containers == containers


def test_a_post_survives_its_json() -> None:
    assert Post.from_json(POST.to_json()) == POST
    assert Post.from_json(POST.to_json()).content_hash == POST.content_hash
