"""The report of a campaign in its four forms."""

import csv
import re
from html.parser import HTMLParser
from io import StringIO
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from typing_extensions import override

from shared.cli.reporting.plots import columns, stacked
from shared.domain.outcome import ErrorClass, Fault, Receipt
from shared.domain.settlement import Hold
from shared.domain.states import State
from tests.unit.cli.conftest import Shell, row

EVIL = "=HYPERLINK(\"http://evil.test\") <script>alert('x')</script> & more"
LINK = 'https://instagram.com/p/1?a=1&b="2"'


@pytest.fixture
def ids(dropline: Shell) -> list[int]:
    """Four jobs: one is out, two failed of one cause, one is held; the last is retried."""
    rows = [row(f"r{at}", run_at="2100-01-01T00:00:00Z", account="78"[at % 2]) for at in range(4)]
    file = dropline.file("posts.jsonl", *rows)
    added: list[int] = dropline("campaign", "load", file, "--name", "c", "--json").json["ids"]
    receipt = Receipt(publish_id="p1", provider_status="done", permalink=LINK)
    dropline.move(added[0], State.QUEUED, State.PUBLISHING, State.SUCCEEDED, receipt=receipt)
    for at in (1, 2):
        fault = Fault(error_class=ErrorClass.REJECTED, code="E7", message=f"{EVIL} {at}")
        dropline.move(added[at], State.FAILED, fault=fault)
    dropline.move(added[3], State.HELD, hold=Hold.ACCOUNT, why="<b>expired</b>")
    assert dropline("jobs", "retry", added[2]).code == 0
    return added


def picture(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - our own


class Page(HTMLParser):
    """Collects the tags, the addresses and the text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str | None] = []
        self.text = ""
        self.feed(text)
        self.close()

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in {"href", "src"}]

    @override
    def handle_data(self, data: str) -> None:
        self.text += data


def test_json_has_the_figures(dropline: Shell, ids: list[int]) -> None:
    said = dropline("campaign", "report", "c", "--json")
    same = dropline("campaign", "report", "c", "--format", "json")

    assert said.code == 0
    figures: dict[str, Any] = said.json
    assert figures.keys() == same.json.keys()
    [cause] = figures["causes"]
    assert (cause["class"], cause["code"], cause["count"]) == ("rejected", "E7", 2)
    assert re.fullmatch("[0-9a-f]{8}", cause["fingerprint"])
    assert cause["example"] in ids
    assert figures["retries"] == {"jobs": 1, "succeeded": 0, "attempts": 0, "deferrals": 0}
    assert figures["limits"] is None
    [link] = figures["links"]
    assert (link["id"], link["permalink"]) == (ids[0], LINK)
    assert [each["account"] for each in figures["accounts"]] == ["7", "8"]
    assert [each["username"] for each in figures["accounts"]] == ["bread", "cake"]
    [provider] = figures["providers"]
    assert (provider["counts"]["failed"], provider["lateness_s"]["jobs"]) == (2, 0)
    assert figures["publish_calls"] == []
    assert figures["accounts"][0]["counts"]["succeeded"] == 1


def test_the_table_names_accounts_causes_links_and_what_is_not_known(
    dropline: Shell, ids: list[int]
) -> None:
    said = dropline("campaign", "report", "c").out

    assert "Accounts\nprovider  connection  account  name   succeeded  failed" in said
    assert re.search(r"^wonda +wonda +7 +bread +1 ", said, re.MULTILINE)
    assert "Providers\nprovider  succeeded  failed" in said
    assert re.search(r"^[0-9a-f]{8} +rejected +E7 +2 ", said, re.MULTILINE)
    assert LINK in said
    assert "jobs made in the place of failed ones  1" in said
    assert "The use of limits is not known: Redis is not running here" in said


def test_csv_has_a_row_for_each_job_and_no_formula(dropline: Shell, ids: list[int]) -> None:
    said = dropline("campaign", "report", "c", "--format", "csv")
    rows = list(csv.DictReader(StringIO(said.out, newline="")))

    assert [int(each["id"]) for each in rows] == [*ids, ids[-1] + 1]
    assert rows[1]["error_message"] == f"'{EVIL} 1"
    assert rows[0]["permalink"] == LINK
    assert rows[-1]["retry_of"] == str(ids[2])
    assert rows[1]["fingerprint"] == rows[2]["fingerprint"] != ""
    for each in rows:
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in each.values())


@pytest.mark.parametrize(
    ("table", "first", "rows"),
    [
        ("providers", "provider", 1),
        ("accounts", "provider", 2),
        ("causes", "fingerprint", 1),
        ("held", "held because", 1),
        ("retries", "what", 1),
        ("calls", "connection", 0),
        ("limits", "connection", 0),
        ("links", "id", 1),
    ],
)
def test_csv_gives_any_other_table_of_the_report(
    dropline: Shell, ids: list[int], table: str, first: str, rows: int
) -> None:
    said = dropline("campaign", "report", "c", "--format", "csv", "--table", table)
    header, *found = csv.reader(StringIO(said.out, newline=""))

    assert (said.code, header[0], len(found)) == (0, first, rows)
    assert not any(cell.startswith(("=", "+", "-", "@")) for each in found for cell in each)


def test_the_page_needs_nothing_else_and_runs_nothing(dropline: Shell, ids: list[int]) -> None:
    out = dropline.home / "report.html"
    said = dropline("campaign", "report", "c", "--out", out)
    text = out.read_text()
    page = Page(text)

    assert (said.code, said.out) == (0, "")
    assert not {"script", "b", "link", "img", "iframe"} & set(page.tags)
    assert page.links == [LINK]
    assert EVIL in page.text
    assert "<b>expired</b>" in page.text
    assert "svg" in page.tags
    assert "wonda / instagram / bread" in page.text
    for svg in re.findall(r"<svg.*?</svg>", text, re.DOTALL):
        picture(svg)


def test_plots_escape_their_words_and_draw_to_scale() -> None:
    long = "genviral / 07d3e5ff-4516-4152-9f94-647382912207"
    name = '</text><script>"&'
    drawn = picture(stacked([(name, {"a": 1, "b": 3}), (long, {})], {"a": "#123"}))
    boxes = [each for each in drawn.iter() if each.tag.endswith("rect")]
    wide = [float(each.get("width", "0")) for each in boxes]
    assert any(each.text == name for each in drawn.iter())
    assert any(each.tag.endswith("title") and each.text == long for each in drawn.iter())
    assert "genviral / 07d3e5ff-4…4152-9f94-647382912207" in "".join(drawn.itertext())
    assert wide[1] == pytest.approx(3 * wide[0], abs=0.3)

    drawn = picture(columns([("x", 0), ("y", 2), ("z", 4)]))
    tall = [float(each.get("height", "0")) for each in drawn.iter() if each.tag.endswith("rect")]
    assert tall == [0, tall[2] / 2, tall[2]]
    assert picture(columns([])) is not None


def test_status_names_the_causes(dropline: Shell, ids: list[int]) -> None:
    said = dropline("campaign", "status", "c", "--json").json
    [cause] = said["causes"]

    assert cause["count"] == 2
    told = dropline("campaign", "status", "c").out
    assert f"failed: 2 x rejected E7 [{cause['fingerprint']}]: =HYPER" in told


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--json", "--format", "csv"], "two forms"),
        (["--out", "report"], "a file needs a form"),
        (["--out", "nowhere/report.csv"], "nowhere/report.csv cannot be written"),
        (["--format", "pdf"], "pdf"),
        (["--table", "links"], "--table is for CSV"),
    ],
)
def test_what_cannot_be_written_is_exit_2(
    dropline: Shell, ids: list[int], words: list[str], why: str
) -> None:
    said = dropline("campaign", "report", "c", *words)
    assert said.code == 2
    assert why in said.err


def test_an_unknown_campaign_is_exit_2(dropline: Shell) -> None:
    assert dropline("campaign", "report", "nowhere", "--format", "html").code == 2
