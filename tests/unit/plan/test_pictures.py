"""What pictures of plans are drawn from: marks at round moments, rows of counts, short names."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest

from shared.cli.plan_picture import Drawing, svg
from shared.plan.chart import chart, shortened
from shared.plan.outcome import Plan, plan
from shared.plan.scale import marks
from tests.support.plans import START, jobs, model, per_account, question

HOUR = timedelta(hours=1)
PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
def planned() -> Plan:
    """Give eight posts of two accounts that may send two an hour: out after one."""
    return plan(question(jobs(8, 2), model(per_account(2, HOUR))))


@pytest.mark.parametrize(
    "span", [timedelta(seconds=7), timedelta(minutes=9), 5 * HOUR, 40 * HOUR, 240 * HOUR]
)
def test_marks_are_few_in_order_and_inside(span: timedelta) -> None:
    begins = datetime(2027, 3, 27, 21, 13, 7, tzinfo=UTC)
    found = list(marks(begins, begins + span, PARIS, 8))
    assert 2 <= len(found) <= 9
    assert all(before.at < later.at for before, later in pairwise(found))
    assert all(begins <= each.at <= begins + span for each in found)
    assert len({(each.day, each.time) for each in found}) == len(found)


def test_marks_of_days_are_midnights_also_when_the_clocks_change() -> None:
    begins = datetime(2027, 3, 26, 21, tzinfo=UTC)
    found = list(marks(begins, begins + timedelta(days=4), PARIS, 4))
    assert [each.day for each in found] == [
        "Sat 2027-03-27",
        "Sun 2027-03-28",
        "Mon 2027-03-29",
        "Tue 2027-03-30",
    ]
    assert {each.at.astimezone(PARIS).hour for each in found} == {0}
    assert {each.time for each in found} == {""}


def test_a_far_deadline_does_not_squeeze_the_picture(planned: Plan) -> None:
    near, far = START + 3 * HOUR / 2, START + 90 * HOUR
    assert chart(planned, 40, 9, near).share(near) is not None
    squeezed = chart(planned, 40, 9, far)
    assert squeezed.share(far) is None
    assert squeezed.ends < START + 2 * HOUR


def test_a_row_says_how_many_of_its_posts_leave() -> None:
    limit = per_account(2, HOUR)
    asked = jobs(6, not_after=START + HOUR / 2)
    rows = chart(plan(question(asked, model(limit))), 20, 9).rows
    assert [each.total for each in rows] == ["2 of 6", "2 of 6"]


def test_long_names_keep_their_ends() -> None:
    assert shortened("short", 8) == "short"
    assert shortened("account-with-a-long-name-017", 12) == "accou…me-017"
    assert len(shortened("x" * 99, 12)) == 12


def test_nothing_of_a_drawing_lies_outside_of_it(planned: Plan) -> None:
    for deadline in (None, START - HOUR, START + HOUR, START + 90 * HOUR):
        names = {("model", "a0"): "@a <&> b" * 9}
        drawing = Drawing(plan=planned, deadline=deadline, zone=PARIS, names=names)
        root = ET.fromstring(svg(drawing))  # noqa: S314 - our own
        width, height = int(root.get("width", 0)), int(root.get("height", 0))
        shapes = [each for each in root.iter() if each.get("x") is not None]
        assert len(shapes) > 20
        for each in shapes:
            assert 0 <= float(each.get("x", -1)) <= width - float(each.get("width", 0))
            assert 0 <= float(each.get("y", -1)) <= height
        red = [each for each in root.iter() if each.get("class") == "by"]
        assert len(red) == (deadline == START + HOUR)
