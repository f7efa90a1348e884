"""`dropline campaign plan`: what it says, draws and exits with, without any network."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.unit.cli.conftest import Shell

START = "2026-11-25T12:00:00Z"


@pytest.fixture
def carousels(tmp_path: Path) -> Path:
    """Give a file of 80 carousels on two accounts, 36 of which fit into a day each."""
    path = tmp_path / "posts.jsonl"
    rows = [
        {
            "ref": f"r{number}",
            "provider": "genviral",
            "platform": "instagram",
            "account": f"acc{number % 2}",
            "caption": f"Post {number}",
            "media": [f"https://media.example/{number}-{slide}.jpg" for slide in range(10)],
        }
        for number in range(80)
    ]
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


def test_it_does_not_fit_and_says_what_would(dropline: Shell, carousels: Path) -> None:
    said = dropline(
        "campaign", "plan", carousels, "--start", START, "--by", "Wed 20:00", "--tz",
        "Europe/Paris", "--json",
    )  # fmt: skip
    assert said.code == 3
    told = said.json
    assert told["fits"] is False
    assert told["deadline"] == "2026-11-25T19:00:00.000Z"
    assert told["finish_at"] > "2026-11-26T12:00:00"
    assert told["binding"] == "400 containers per 1d of each account of genviral"
    assert {each["what"] for each in told["would_fit"]} == {"hours", "accounts"}
    containers = [each for each in told["windows"] if each["window"].startswith("400")]
    assert [each["peak"] for each in containers] == [396, 396]
    assert sum(each["posts"] for each in told["lanes"]) == 80


@pytest.mark.parametrize(("text", "day"), [("", 15), ("[caps.tiktok-day]\nposts = 18\n", 18)])
def test_caps_of_a_platform_hold_and_can_be_said_otherwise(
    dropline: Shell, tmp_path: Path, text: str, day: int
) -> None:
    config = tmp_path / "caps.toml"
    config.write_text("[connections.posteverywhere]\nlimits = []\n" + text)
    dropline.variables["DROPLINE_CONFIG"] = str(config)
    rows: list[dict[str, object]] = [
        {
            "ref": f"r{number}",
            "provider": "posteverywhere",
            "platform": "tiktok",
            "account": "11",
            "caption": f"Post {number}",
            "media": [f"https://media.example/{number}.mp4"],
        }
        for number in range(20)
    ]
    told = dropline("campaign", "plan", dropline.file("t.jsonl", *rows), "--json").json
    assert {each["limit"]: each["peak"] for each in told["windows"]} == {6: 6, day: day}
    assert told["binding"] == f"{day} posts per 1d of each account of posteverywhere"


def test_it_fits_by_friday(dropline: Shell, carousels: Path) -> None:
    said = dropline(
        "campaign", "plan", carousels, "--start", START, "--by", "Fri 18:00", "--tz",
        "Europe/Paris",
    )  # fmt: skip
    assert said.code == 0
    assert "fits: all out by Fri 2026-11-27 18:00:00 Europe/Paris" in said.out
    assert "400 containers per 1d of each account of genviral" in said.out
    assert "acc0" in said.out


def test_the_same_seed_says_the_same(dropline: Shell, carousels: Path) -> None:
    words = ("campaign", "plan", carousels, "--start", START, "--fail", "10%", "--seed", 5)
    assert dropline(*words, "--json").json == dropline(*words, "--json").json


def test_a_bad_week_loses_posts_that_run_out_of_attempts(dropline: Shell, carousels: Path) -> None:
    said = dropline(
        "campaign", "plan", carousels, "--start", START, "--outage",
        "2h@2026-11-25T12:00:00Z:genviral", "--no-advice", "--json",
    )  # fmt: skip
    assert said.code == 3
    assert len(said.json["never_out"]) > 0
    assert {each["attempts"] for each in said.json["never_out"]} == {8}


@pytest.mark.parametrize("kind", ["svg", "html"])
def test_the_picture_needs_nothing_beside_it(
    dropline: Shell, carousels: Path, tmp_path: Path, kind: str
) -> None:
    drawn = tmp_path / f"plan.{kind}"
    assert dropline("campaign", "plan", carousels, "--start", START, "--out", drawn).code == 0
    text = drawn.read_text()
    assert "acc1" in text
    assert "src=" not in text
    assert "href=" not in text
    if kind == "svg":
        assert ET.fromstring(text).tag.endswith("svg")  # noqa: S314 - our own


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--by", "Fri 18:00"), "--by 'Fri 18:00' is a local time: name its zone"),
        (("--by", "Fry 18:00", "--tz", "UTC"), "--by 'Fry' is not a day"),
        (("--by", "2020-01-01T00:00:00Z"), "--by 2020-01-01 00:00:00Z lies before the start"),
        (("--tz", "Paris"), "--tz 'Paris' is not an IANA time zone"),
        (("--outage", "2h"), "--outage must be DURATION@WHEN"),
        (("--fail", "200%"), "--fail must be a share"),
        (("--out", "plan.png"), "--out plan.png: the extension must be one of"),
        (("--spacing", "often"), "--spacing must be a duration"),
    ],
)
def test_bad_options_exit_2(
    dropline: Shell, carousels: Path, words: tuple[str, ...], told: str
) -> None:
    said = dropline("campaign", "plan", carousels, *words)
    assert said.code == 2
    assert told in said.err


def test_a_wrong_file_exits_2_with_every_problem(dropline: Shell, tmp_path: Path) -> None:
    path = tmp_path / "posts.jsonl"
    rows = [
        {"ref": "a", "provider": "genviral", "platform": "instagram", "account": "x"},
        {"ref": "b", "provider": "nobody", "platform": "x", "account": "x", "caption": "b"},
    ]
    path.write_text("\n".join(map(json.dumps, rows)))
    said = dropline("campaign", "plan", path)
    assert said.code == 2
    assert "row 1" in said.err
    assert "row 2" in said.err
