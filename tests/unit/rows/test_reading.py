"""One row: fields, aliases, inference, and every problem at once."""

from datetime import UTC, datetime

import pytest

from shared.domain.post import Kind, Media
from shared.rows import RowProblem, read_row

URL = "https://media.example/a.jpg"
PLAIN: dict[str, object] = {
    "ref": "r1",
    "provider": "wonda",
    "platform": "tiktok",
    "account": "1234",
    "media": [URL],
}


def problems_of(**changes: object) -> dict[str, str]:
    _, problems = read_row({**PLAIN, **changes}, "posts.jsonl row 1")
    return {problem.field: problem.message for problem in problems}


def test_every_field_is_read() -> None:
    row, problems = read_row(
        {
            **PLAIN,
            "connection": "Agency",
            "provider": "Wonda",
            "platform": "TikTok",
            "kind": "carousel",
            "caption": "Hello",
            "title": "T",
            "media": [URL, {"url": URL}, {"id": "m9"}, {"path": "b.png"}],
            "alt_texts": ["one", None],
            "run_at": "2026-03-01T09:00:00+01:00",
            "not_after": "2026-03-01T12:00:00Z",
            "options": {"privacy": "public", "cover_index": 1},
        },
        "posts.jsonl row 1",
    )

    assert problems == []
    assert row is not None
    assert (row.provider, row.connection, row.platform) == ("wonda", "Agency", "tiktok")
    assert (row.kind, row.caption, row.title) == (Kind.CAROUSEL, "Hello", "T")
    assert row.media == (Media(url=URL), Media(url=URL), Media(id="m9"), Media(path="b.png"))
    assert row.alt_texts == ("one", "")
    assert row.run_at == datetime(2026, 3, 1, 8, tzinfo=UTC)
    assert row.not_after == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert row.options == {"privacy": "PUBLIC_TO_EVERYONE", "cover_index": 1}
    assert not row.flawed


def test_text_and_scheduled_at_are_other_names() -> None:
    row, problems = read_row(
        {**PLAIN, "text": "Hi", "scheduled_at": "2026-03-01T09:00:00Z"}, "row 1"
    )

    assert problems == []
    assert row is not None
    assert (row.caption, row.run_at) == ("Hi", datetime(2026, 3, 1, 9, tzinfo=UTC))


def test_a_field_given_under_both_its_names_is_a_problem() -> None:
    assert "twice" in problems_of(caption="a", text="b")["caption"]


@pytest.mark.parametrize(
    ("media", "kind"),
    [
        ([], Kind.TEXT),
        ([URL], Kind.IMAGE),
        (["https://media.example/a.mp4?sig=1"], Kind.VIDEO),
        ([URL, URL], Kind.CAROUSEL),
    ],
)
def test_the_kind_is_inferred_from_the_media(media: list[str], kind: Kind) -> None:
    row, _ = read_row({**PLAIN, "media": media}, "row 1")

    assert row is not None
    assert row.kind is kind


def test_a_kind_that_cannot_be_told_must_be_said() -> None:
    assert "carousel" in problems_of(media=[{"id": "m9"}])["kind"]
    assert problems_of(media=[{"id": "m9"}], kind="video") == {}


def test_all_problems_of_a_row_come_at_once() -> None:
    wrong = problems_of(
        ref="x" * 201,
        captoin="typo",
        kind="reel",
        caption=["no"],
        media=[URL, 7, {"file": "a"}],
        alt_texts="one",
        run_at="soon",
        timezone="Mars/Olympus",
        options={"privacy": "secret", "colour": "red"},
    )

    assert set(wrong) == {
        "ref",
        "captoin",
        "kind",
        "caption",
        "media[1]",
        "media[2]",
        "alt_texts",
        "run_at",
        "timezone",
        "options.privacy",
        "options.colour",
    }
    assert "scheduled_at" in wrong["captoin"]
    assert "carousel, image, video, story, text" in wrong["kind"]


def test_what_is_missing_is_named() -> None:
    _, problems = read_row({}, "row 1")

    assert {problem.field for problem in problems} == {"ref", "platform", "account", "provider"}


def test_a_row_with_an_unreadable_time_comes_back_flawed_for_further_checks() -> None:
    row, problems = read_row({**PLAIN, "run_at": "soon"}, "row 1")

    assert [problem.field for problem in problems] == ["run_at"]
    assert row is not None
    assert row.flawed


def test_a_row_whose_post_cannot_be_read_does_not_come_back() -> None:
    assert read_row({**PLAIN, "media": [7]}, "row 1")[0] is None


def test_a_number_is_taken_for_its_digits_and_true_is_not_a_name() -> None:
    row, _ = read_row({**PLAIN, "account": 1234}, "row 1")

    assert row is not None
    assert row.account == "1234"
    assert "must be a text" in problems_of(account=True)["account"]


@pytest.mark.parametrize("bad", ["a\x00b", "a\ud800b"])
def test_characters_no_database_holds_are_named(bad: str) -> None:
    assert "U+" in problems_of(caption=bad)["caption"]
    assert "U+" in problems_of(options={"description": bad})["options"]
    assert "U+" in problems_of(media=[f"https://h/{bad}.jpg"])["media[0]"]
    assert problems_of(options={"settings": {"a": "\\u0000"}}) == {}


def test_not_after_must_not_be_before_run_at() -> None:
    wrong = problems_of(run_at="2026-03-01T09:00:00Z", not_after="2026-03-01T08:59:59Z")

    assert wrong == {"not_after": "is before run_at"}


def test_a_problem_says_where_who_and_what() -> None:
    problem = RowProblem("posts.csv row 3, line 4", "r3", "caption", "is required")

    assert str(problem) == "posts.csv row 3, line 4 (ref r3), caption: is required"
    assert str(RowProblem("row 1", "", "", "is not JSON")) == "row 1: is not JSON"
