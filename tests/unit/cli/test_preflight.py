"""`campaign check`: what it asks, how it tells, and the copy that it annotates."""

import codecs
import csv
import json
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.cli.checking import CheckedFile
from shared.cli.verdicts import show_verdicts, verdicts_of
from shared.rows import RowProblem
from shared.settings import child_environment
from tests.support import media_bytes
from tests.support.file_host import host_file
from tests.support.scripted import DROPPED, Received, Reply, Scripted
from tests.unit.cli.conftest import Shell, row

LATER = "2100-01-01T00:00:00Z"


@pytest.fixture
def host() -> Iterator[Scripted]:
    with Scripted() as started:
        yield started


@pytest.fixture
def local(dropline: Shell) -> Shell:
    """A command line that may ask media hosts on loopback."""
    dropline.variables["DROPLINE_ALLOW_PRIVATE_MEDIA"] = "true"
    return dropline


def table(dropline: Shell, text: str, name: str = "posts.csv") -> Path:
    path = dropline.home / name
    path.write_text(text, encoding="utf-8")
    return path


def test_each_url_is_asked_for_once_and_each_row_told(local: Shell, host: Scripted) -> None:
    good = host_file(host, "/good.jpg", media_bytes.jpeg())
    movie = host_file(host, "/movie.jpg", media_bytes.mp4(), "video/mp4")
    rows = [row("r1", media=[good]), row("r2", media=[movie]), row("r3", media=[good])]
    said = local("campaign", "check", local.file("posts.jsonl", *rows), "--json")

    assert said.code == 2
    assert [(each["row"], each["verdict"]) for each in said.json["verdicts"]] == [
        (1, "ok"),
        (2, "error"),
        (3, "ok"),
    ]
    assert said.json["jobs"] == 2
    assert set(said.json) == {"file", "jobs", "problems", "verdicts", "notes"}
    assert sorted(host.calls) == ["GET /good.jpg", "GET /movie.jpg"]


def test_offline_asks_nobody_and_still_finds_what_it_can(local: Shell, host: Scripted) -> None:
    signed = f"{host.url}/a.jpg?Expires=4070908800&Signature=a"
    rows = [row("r1", run_at=LATER, media=[signed]), row("r2", account="nobody")]
    said = local("campaign", "check", local.file("posts.jsonl", *rows), "--offline")

    assert said.code == 2
    assert [line.split(":")[0].strip() for line in said.err.splitlines()[1:]] == [
        "posts.jsonl row 1 (ref r1), media[0]",
        "posts.jsonl row 2 (ref r2), account",
    ]
    assert host.calls == []


def test_accounts_that_nobody_ever_asked_for_are_a_warning_offline(local: Shell) -> None:
    rows = [
        row("r1", provider="genviral", account="a1"),
        row("r2", provider="genviral", account="a1", caption=""),
    ]
    said = local("campaign", "check", local.file("posts.jsonl", *rows), "--offline", "--json")
    assert said.code == 0
    assert {each["field"] for each in said.json["problems"]} == {"account"}
    assert said.json["jobs"] == 2


def test_duplicates_and_their_window(local: Shell) -> None:
    same = {"caption": "Same", "media": [{"id": "m1"}], "kind": "image"}
    rows = [row("r1", run_at=LATER, **same), row("r2", run_at="2100-01-01T03:00:00Z", **same)]
    file = local.file("posts.jsonl", *rows)
    said = local("campaign", "check", file)
    assert said.code == 0
    assert "warning: posts.jsonl row 2 (ref r2), caption: says the same" in said.err
    assert said.out == f"{file}: no errors, 1 warning, 2 to publish\n"
    assert local("campaign", "check", file, "--window", "2h").err == ""
    assert "says the same" in local("campaign", "check", file, "--window", "36525d").err


def test_a_file_that_is_loaded_already_is_no_duplicate_of_itself(local: Shell) -> None:
    rows = [row("r1", run_at=LATER, media=[{"id": "m1"}], kind="image")]
    file = local.file("posts.jsonl", *rows)
    assert local("campaign", "load", file, "--name", "spring").code == 0
    assert local("campaign", "check", file, "--name", "spring").err == ""
    said = local("campaign", "check", file)
    assert (said.code, "warning" in said.err) == (0, False)
    assert "1 job of spring: rows of this file, loaded already" in said.err
    # Loaded once more, as another campaign, it would be published twice.
    said = local("campaign", "check", file, "--name", "summer")
    assert "says the same to the same account as job 1 of spring" in said.err
    rows[0]["ref"] = "other"
    said = local("campaign", "check", local.file("posts.jsonl", *rows))
    assert "job 1 of spring, at the same time" in said.err


@pytest.mark.parametrize("flag", ["--window", "--within", "--reuse"])
def test_a_duration_that_cannot_be_read_is_exit_2(local: Shell, flag: str) -> None:
    said = local("campaign", "check", local.file("posts.jsonl", row("r1")), flag, "soon")
    assert (said.code, said.out) == (2, "")
    assert f"{flag} must be a duration" in said.err
    said = local("campaign", "check", local.file("posts.jsonl", row("r1")), flag, "999999d")
    assert (said.code, said.out) == (2, "")
    assert f"{flag} '999999d' is longer than a hundred years" in said.err


def test_a_table_keeps_its_cells_beside_the_verdicts(local: Shell) -> None:
    text = (
        "\ufeffref;provider;platform;account;caption;media\n"
        'r1;wonda;instagram;7;"two\nlines";https://cdn.invalid/a.jpg\n'
        "\n"
        "r2;wonda;instagram;@nobody;=1+1;https://cdn.invalid/b.jpg\n"
        "r3;wonda;instagram;8;Fine;https://cdn.invalid/c.jpg\n"
    )
    copy = local.home / "checked.csv"
    file = table(local, text)
    assert local("campaign", "check", file, "--offline", "--annotate", copy).code == 2
    with copy.open(encoding="utf-8", newline="") as opened:
        header, *rows = csv.reader(opened, delimiter=";")

    assert header[-3:] == ["check_verdict", "check_errors", "check_warnings"]
    assert rows[0][:5] == ["r1", "wonda", "instagram", "7", "two\nlines"]
    assert [each[-3] for each in rows] == ["ok", "error", "ok"]
    assert rows[1][3:5] == ["'@nobody", "'=1+1"]
    assert rows[1][-2].startswith("account: '@nobody' is not an account")
    assert len(rows) == 3
    assert file.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("ref;provider;platform;account;caption\nr1;wonda;instagram;@nobody;'=Crème, 1+1\n", ()),
        (
            "Text;Image URL;Tags;Posting Time\n=Crème;;;10-00\n",
            ("--provider", "wonda", "--account", "instagram=7"),
        ),
    ],
)
def test_a_copy_is_checked_again_as_if_it_were_the_file(
    local: Shell, text: str, told: tuple[str, ...]
) -> None:
    file, copy = table(local, text), local.home / "checked.csv"
    again = local.home / "again.csv"
    first = local("campaign", "check", file, "--offline", *told, "--annotate", copy, "--json")
    second = local("campaign", "check", copy, "--offline", *told, "--annotate", again, "--json")

    assert copy.read_bytes() == again.read_bytes()
    assert copy.read_bytes().startswith(codecs.BOM_UTF8)
    told_of = [[each["message"] for each in said.json["problems"]] for said in (first, second)]
    assert told_of[0] == told_of[1]
    refs = [[each["ref"] for each in said.json["problems"]] for said in (first, second)]
    assert refs[0] == refs[1]


def test_a_table_without_a_header_gets_three_cells_more(local: Shell) -> None:
    file = table(local, "2100-01-01 09:00,Fine,\n10-00,Not a time,\n")
    copy = local.home / "checked.csv"
    told = ["--provider", "wonda", "--account", "instagram=7", "--timezone", "UTC"]
    said = local("campaign", "check", file, "--offline", "--annotate", copy, *told)
    assert said.code == 2
    rows = list(csv.reader(copy.read_text(encoding="utf-8").splitlines()))
    assert [len(each) for each in rows] == [6, 6]
    assert rows[1][4].startswith("date: '10-00' is not a time")


def test_a_cell_too_large_to_copy_leaves_no_half_of_a_copy(local: Shell) -> None:
    file = table(
        local, f"ref,provider,platform,account,caption\nr1,wonda,instagram,7,{'x' * 200_000}\n"
    )
    copy = local.home / "checked.csv"
    said = local("campaign", "check", file, "--offline", "--annotate", copy)
    assert said.code == 2
    assert not copy.exists()
    assert not list(local.home.rglob("*.part"))


def test_json_lines_get_three_keys(local: Shell) -> None:
    file = local.file("posts.jsonl", row("r1"), row("r2", account="nobody"))
    file.write_text(file.read_text() + "\n{broken\n")
    copy = local.home / "checked.jsonl"
    assert local("campaign", "check", file, "--offline", "--annotate", copy).code == 2
    lines = [json.loads(line) for line in copy.read_text().splitlines()]
    assert [each["check_verdict"] for each in lines] == ["ok", "error", "error"]
    assert lines[0]["caption"] == "post r1"
    assert lines[2]["line"] == "{broken"


def test_other_documents_become_json_lines(local: Shell) -> None:
    file = table(local, json.dumps([row("r1"), row("r2")]), "posts.json")
    copy = local.home / "checked.jsonl"
    assert local("campaign", "check", file, "--offline", "--annotate", copy).code == 0
    assert [json.loads(line)["ref"] for line in copy.read_text().splitlines()] == ["r1", "r2"]


@pytest.mark.parametrize("name", ["posts.jsonl", "checked.csv", "gone/checked.jsonl"])
def test_a_copy_that_cannot_be_is_exit_2_before_anything_is_asked(local: Shell, name: str) -> None:
    file = local.file("posts.jsonl", row("r1"))
    before = file.read_text()
    said = local("campaign", "check", file, "--offline", "--annotate", local.home / name)
    assert (said.code, said.out) == (2, "")
    assert "--annotate" in said.err
    assert file.read_text() == before
    assert not list(local.home.rglob("*.part"))


def test_a_terminal_gets_a_table_by_row(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    places = [f"posts.csv row {at}" for at in range(1, 5)]
    refs = ["r1", "r2", "r3", "r4"]
    problems = [
        RowProblem(places[1], "r2", "account", "is not known"),
        RowProblem(places[1], "r2", "title", "is not offered"),
        RowProblem(places[2], "r3", "caption", "says the same", warning=True),
    ]
    checked = CheckedFile(Path("posts.csv"), 3, problems)
    show_verdicts(checked, verdicts_of(checked, dict(zip(places, refs, strict=True))))

    said = capsys.readouterr()
    assert said.err == ""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", said.out)
    lines = [line.split() for line in plain.splitlines() if line.strip(" ─")]
    assert lines[:4] == [
        ["row", "ref", "verdict", "field", "what"],
        ["2", "r2", "error", "account", "is", "not", "known"],
        ["error", "title", "is", "not", "offered"],
        ["3", "r3", "warning", "caption", "says", "the", "same"],
    ]
    assert " ".join(" ".join(each) for each in lines[4:]) == (
        "posts.csv: 2 errors, 1 warning; nothing was written; rows: 2 ok, 1 warning, 1 error"
    )


def test_an_interrupted_check_is_exit_130_at_once(local: Shell, host: Scripted) -> None:
    asked, over = threading.Event(), threading.Event()

    def never(_: Received) -> Reply:
        asked.set()
        over.wait(60)
        return DROPPED

    host.on("GET", "/slow.jpg", never)
    file = local.file("posts.jsonl", row("r1", media=[f"{host.url}/slow.jpg"]))
    code = "from shared.cli import main; main()"
    home = {"DROPLINE_HOME": str(local.home / "state"), "DROPLINE_ALLOW_PRIVATE_MEDIA": "true"}
    with subprocess.Popen(
        [sys.executable, "-c", code, "campaign", "check", str(file)],
        env=child_environment(**home),
        stderr=subprocess.PIPE,
        text=True,
    ) as checking:
        assert checking.stderr
        assert asked.wait(30)
        checking.send_signal(signal.SIGINT)
        assert checking.wait(10) == 130
        assert checking.stderr.read() == ""
    over.set()
