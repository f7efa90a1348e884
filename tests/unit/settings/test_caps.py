"""The platforms' caps: what is listed, and how dropline.toml changes it."""

from datetime import timedelta
from pathlib import Path

import pytest

from shared.domain.cap import Cap, limits_of
from shared.domain.limit import Reach, Unit, Window
from shared.domain.post import Kind
from shared.errors import ConfigurationError
from shared.settings import read_settings


def read(tmp_path: Path, text: str = "") -> dict[str, Cap]:
    path = tmp_path / "dropline.toml"
    path.write_text(text)
    return {cap.name: cap for cap in read_settings({"DROPLINE_CONFIG": str(path)}).caps}


@pytest.mark.parametrize(
    ("name", "unit", "figure", "hours"),
    [
        ("instagram-posts", Unit.POSTS, 50, 24),
        ("instagram-containers", Unit.CONTAINERS, 400, 24),
        ("tiktok-minute", Unit.POSTS, 6, 1 / 60),
        ("tiktok-day", Unit.POSTS, 15, 24),
        ("threads-posts", Unit.POSTS, 250, 24),
        ("facebook-reels", Unit.POSTS, 30, 24),
    ],
)
def test_the_listed_caps_hold_for_each_account_and_say_where_they_are_from(
    tmp_path: Path, name: str, unit: Unit, figure: int, hours: float
) -> None:
    cap = read(tmp_path)[name]
    assert (cap.limit.unit, cap.limit.requests) == (unit, figure)
    assert cap.limit.per == timedelta(hours=hours)
    assert cap.limit.reach is Reach.ACCOUNT
    assert cap.source.startswith(("D: ", "A: "))


def test_a_cap_counts_its_platform_and_its_kinds_alone(tmp_path: Path) -> None:
    caps = read(tmp_path).values()
    assert [each.requests for each in limits_of(caps, "facebook", Kind.VIDEO)] == [30]
    assert limits_of(caps, "facebook", Kind.IMAGE) == ()
    assert [each.requests for each in limits_of(caps, "instagram", Kind.CAROUSEL)] == [50, 400]


def test_the_file_changes_drops_and_adds_caps(tmp_path: Path) -> None:
    changed = read(
        tmp_path,
        "[caps.instagram-posts]\nposts = 100\n"
        "[caps.tiktok-day]\noff = true\n"
        '[caps.x-hour]\nplatform = "x"\nrequests = 5\nper = "1h"\nwindow = "sliding"\n',
    )
    assert changed["instagram-posts"].limit.requests == 100
    assert changed["instagram-posts"].limit.per == timedelta(hours=24)
    assert changed["instagram-posts"].source == "dropline.toml"
    assert "tiktok-day" not in changed
    assert changed["x-hour"].limit.window is Window.SLIDING


def test_another_unit_takes_the_place_of_the_listed_one(tmp_path: Path) -> None:
    cap = read(tmp_path, "[caps.threads-posts]\ncontainers = 7\n")["threads-posts"]
    assert (cap.limit.unit, cap.limit.requests) == (Unit.CONTAINERS, 7)


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as told:
        read(tmp_path, '[caps.new]\nposts = 1\n[caps.tiktok-day]\nper = "soon"\n')
    places = [problem.partition(":")[0] for problem in told.value.problems]
    assert sorted(places) == ["caps.new.per", "caps.new.platform", "caps.tiktok-day.per"]


def test_an_unknown_key_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as told:
        read(tmp_path, "[caps.tiktok-day]\npost = 1\n")
    assert "caps.tiktok-day.post" in told.value.problems[0]
