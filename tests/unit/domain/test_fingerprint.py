"""Fingerprints: what two failures of one cause have in common, and nothing else."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.fingerprint import Failures, fingerprint, generalised, grouped


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("caption is 2300 of 2200", "caption is 9,001 of 2200"),
        ("post 7e0d0f3a-11aa-4b52 is gone", "post 17911122233344455 is gone"),
        ("cannot fetch https://a.test/1.jpg?x=1", "cannot fetch http://b.test/slides/2.png"),
        ("@harbor.bakery is disconnected", "@bread_clips_7 is disconnected"),
        ("option 'sparkle' is unknown", "option 'glitter' is unknown"),
        ('the "cover" is refused', 'the "last slide" is refused'),
        ("Token  expired.\n", "token expired."),
        ("try again at 10:30:05.250", "try again at 09:01:00.001"),
    ],
)
def test_particulars_make_no_difference(one: str, other: str) -> None:
    assert fingerprint("rejected", "E7", one) == fingerprint("rejected", "E7", other)


@pytest.mark.parametrize(
    "other",
    [
        ("rejected", "E7", "the video is too long"),
        ("rejected", "E8", "the image is too large"),
        ("validation", "E7", "the image is too large"),
        ("rejected", None, "the image is too large"),
    ],
)
def test_class_code_and_words_make_one(other: tuple[str, str | None, str]) -> None:
    assert fingerprint("rejected", "E7", "the image is too large") != fingerprint(*other)


def test_an_apostrophe_quotes_nothing() -> None:
    assert generalised("it can't be read and won't be") == "it can't be read and won't be"


@given(st.text(), st.integers(min_value=0), st.integers(min_value=0))
def test_any_message_has_a_short_stable_one(message: str, one: int, other: int) -> None:
    found = fingerprint("rejected", None, f"{message} {one}")
    assert re.fullmatch("[0-9a-f]{8}", found)
    assert found == fingerprint("rejected", None, f"{message} {other}")


def test_groups_are_counted_together_and_the_commonest_speaks() -> None:
    def failed(message: str, jobs: int, example: int) -> Failures:
        return Failures(
            error_class="rejected", code=None, message=message, jobs=jobs, example=example
        )

    once, twice, other = failed("no 1", 1, 5), failed("no 2", 2, 7), failed("nothing", 3, 9)
    assert [(each.message, each.jobs, each.example) for each in grouped([once, other, twice])] == [
        (each.message, 3, each.example) for each in sorted([twice, other], key=_key)
    ]


def _key(failures: Failures) -> str:
    return failures.fingerprint
