"""A preflight asks once for each URL and creator, and says of each row what that shows."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from shared.domain.creator import Creator
from shared.domain.media_facts import MediaFacts
from shared.domain.post import Kind, Media
from shared.preflight.creators import CreatorKey
from shared.preflight.looking import Look, Target
from tests.support import media_bytes
from tests.unit.preflight.rows import NOW, Seen, Told, connected, preflight, prepared, told

JPEG = MediaFacts(format="jpg", width=1080, height=1350, content_type="image/jpeg")
CLIP: dict[str, Any] = {
    "platform": "tiktok",
    "kind": Kind.VIDEO,
    "media": (Media(url="https://cdn.example.com/clip.mp4"),),
    "options": {"privacy": "PUBLIC_TO_EVERYONE"},
}
SIGNED = "https://cdn.example.com/a.jpg?X-Amz-Date=20260701T080000Z&X-Amz-Expires={}"


def test_a_file_that_is_not_there_is_an_error_and_a_host_in_trouble_a_warning() -> None:
    looks = Seen(
        gone=Look(problem="answers 404"),
        busy=Look(problem="answers 503", again=True),
        good=Look(JPEG),
    )
    media = tuple(
        Media(url=f"https://cdn.example.com/{name}.jpg") for name in ("good", "gone", "busy")
    )
    row = prepared(1, kind=Kind.CAROUSEL, media=media)
    assert told(row, looks=looks) == [("r1", "media[1]", False), ("r1", "media[2]", True)]


def test_nobody_is_asked_offline() -> None:
    assert told(prepared(1)) == []


def test_a_private_address_is_not_asked_for() -> None:
    looks = Seen()
    told(prepared(1, media=(Media(url="http://127.0.0.1/a.jpg"),)), looks=looks)
    assert looks.asked == []


def test_only_the_bytes_of_the_connection_s_own_rules_count() -> None:
    looks = Seen(a=Look(MediaFacts(format="png", content_type="image/png")))
    slides = (Media(url="https://cdn.example.com/a.jpg"),) * 2
    carousel: dict[str, Any] = {"kind": Kind.CAROUSEL, "media": slides}
    assert told(prepared(1, **carousel), looks=looks) == [
        ("r1", "media[0]", True),
        ("r1", "media[1]", True),
    ]
    on_tiktok = prepared(2, platform="tiktok", **carousel)
    assert told(on_tiktok, looks=looks) == [("r2", "media[0]", False), ("r2", "media[1]", False)]
    assert set(looks.asked) == {Target("https://cdn.example.com/a.jpg", allow_private=False)}


def test_what_a_server_calls_a_file_and_what_it_is_may_differ() -> None:
    for content_type, field in [("text/plain", ["media[0]"]), ("image/jpeg", []), ("", [])]:
        looks = Seen(**{"1": Look(MediaFacts(format="jpg", content_type=content_type))})
        assert [each for _, each, _ in told(prepared(1), looks=looks)] == field


def test_a_page_instead_of_a_file_is_one_error() -> None:
    html = MediaFacts(format="html", content_type="text/html", size_bytes=10**9)
    assert told(prepared(1), looks=Seen(**{"1": Look(html)})) == [("r1", "media[0]", False)]


def test_what_tells_nothing_is_a_warning() -> None:
    blank = MediaFacts(content_type="application/octet-stream")
    assert told(prepared(1), looks=Seen(**{"1": Look(blank)})) == [("r1", "media[0]", True)]


def test_each_creator_is_asked_about_once_and_only_where_that_is_possible() -> None:
    creators = Told(Creator(privacy_levels=("SELF_ONLY",)))
    rows = [
        prepared(1, to=connected("wahdx"), **CLIP),
        prepared(2, to=connected("wahdx"), **{**CLIP, "caption": "Other"}),
        prepared(3, to=connected("genviral"), **CLIP),
        prepared(4, to=connected("wahdx")),
    ]
    flight = preflight(*rows, creators=creators)
    found = flight.findings()
    assert [(each.ref, each.field) for each in found] == [
        ("r1", "options.privacy"),
        ("r2", "options.privacy"),
    ]
    assert creators.asked == {CreatorKey("wahdx", "a1")}
    assert flight.notes == ["one could not be asked"]


def test_a_video_longer_than_its_creator_may_post_is_an_error() -> None:
    looks = Seen(clip=Look(MediaFacts(format="mp4", duration=timedelta(seconds=90))))
    creators = Told(Creator(video_longest=timedelta(seconds=60)))
    row = prepared(1, to=connected("wahdx"), **CLIP)
    assert told(row, looks=looks, creators=creators) == [("r1", "media[0]", False)]
    assert told(row, looks=looks) == []


def test_a_signature_that_runs_out_before_its_time_is_an_error() -> None:
    def signed(seconds: int) -> list[tuple[str, str, bool]]:
        media = (Media(url=SIGNED.format(seconds)),)
        return told(prepared(1, media=media, at=NOW + timedelta(hours=1)))

    assert signed(3600) == [("r1", "media[0]", False)]
    assert signed(3601) == [("r1", "media[0]", True)]
    assert signed(3600 + 15 * 60) == [("r1", "media[0]", True)]
    assert signed(3601 + 15 * 60) == []


def test_a_signature_that_has_run_out_already_fails_a_row_without_a_time() -> None:
    media = (Media(url=SIGNED.format(0)),)
    assert told(prepared(1, media=media, at=None)) == [("r1", "media[0]", False)]


def test_a_file_on_this_machine_is_read_offline_too(tmp_path: Path) -> None:
    clip, slide = tmp_path / "clip.mp4", tmp_path / "slide.jpg"
    clip.write_bytes(media_bytes.mp4(2, mdat_bytes=100_000))
    slide.write_bytes(media_bytes.jpeg())
    to = connected("posteverywhere")
    video = prepared(1, to=to, kind=Kind.VIDEO, media=(Media(path=str(clip)),))
    (found,) = preflight(video).findings()
    assert (found.field, found.message) == ("media[0]", "lasts 2s; at least 3s is needed")
    assert told(prepared(2, to=to, media=(Media(path=str(slide)),))) == []
    gone = prepared(3, to=to, media=(Media(path=str(tmp_path / "gone.jpg")),))
    assert told(gone) == []
