"""Files: four formats, half broken, wholly broken, and written by a spreadsheet."""

import codecs
import json
from pathlib import Path

import pytest

from shared.domain.post import Kind, Media
from shared.errors import InputError
from shared.rows import Row, RowProblem, read_file

URL = "https://media.example/a.jpg"
ROW = {"ref": "r1", "provider": "wonda", "platform": "tiktok", "account": "7", "media": [URL]}


def read(folder: Path, name: str, content: str | bytes) -> tuple[list[Row], list[RowProblem]]:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_file(path)


def said(problems: list[RowProblem]) -> list[str]:
    return [str(problem) for problem in problems]


def test_json_lines_json_and_yaml_give_the_same_rows(tmp_path: Path) -> None:
    second = {**ROW, "ref": "r2"}
    lines, _ = read(tmp_path, "a.jsonl", f"{json.dumps(ROW)}\n{json.dumps(second)}\n")
    array, _ = read(tmp_path, "a.json", json.dumps([ROW, second]))
    yaml, _ = read(
        tmp_path,
        "a.yml",
        "- &first\n  ref: r1\n  provider: wonda\n  platform: tiktok\n  account: 7\n"
        f"  media: [{URL}]\n- <<: *first\n  ref: r2\n",
    )

    assert [row.ref for row in lines] == ["r1", "r2"]
    for rows in (array, yaml):
        assert [(row.ref, row.account, row.media) for row in rows] == [
            (row.ref, row.account, row.media) for row in lines
        ]


def test_a_spreadsheet_with_bom_semicolons_and_its_own_order_is_read(tmp_path: Path) -> None:
    content = (
        "Account;PROVIDER;Platform;Ref;Media;Alt_Texts;privacy;options.cover_index;Options;\r\n"
        f'007;wonda;tiktok;r1;{URL} {URL}|id:m9;one|two;private;1;"{{""allow_duet"": true}}";\r\n'
        ";;;;;;;;;\r\n"
        "008;wonda;tiktok;r2;;;;;;\r\n"
    )
    rows, problems = read(tmp_path, "a.csv", codecs.BOM_UTF8 + content.encode())

    assert problems == []
    assert [(row.account, row.place) for row in rows] == [
        ("007", "a.csv row 1, line 2"),
        ("008", "a.csv row 2, line 4"),
    ]
    assert rows[0].media == (Media(url=URL), Media(url=URL), Media(id="m9"))
    assert rows[0].kind is Kind.CAROUSEL
    assert rows[0].alt_texts == ("one", "two")
    assert rows[0].options == {"privacy": "SELF_ONLY", "cover_index": 1, "allow_duet": True}
    assert rows[1].kind is Kind.TEXT


@pytest.mark.parametrize(
    ("cell", "media"),
    [
        ('{""id"": ""m9""}', [Media(id="m9")]),
        (f'{URL}|{{""id"": ""a|b""}} id:c', [Media(url=URL), Media(id="a|b"), Media(id="c")]),
        (f'{{""id"":""m9""}} {URL} {{""url"":""{URL}""}}', [Media(id="m9"), *[Media(url=URL)] * 2]),
    ],
)
def test_a_cell_of_media_may_hold_their_objects(
    tmp_path: Path, cell: str, media: list[Media]
) -> None:
    header = "ref,provider,platform,account,kind,media"
    content = f'{header}\nr1,wonda,instagram,7,carousel,"{cell}"\n'
    [row], _ = read(tmp_path, "a.csv", content)

    assert list(row.media) == media


def test_a_brace_that_begins_no_object_is_part_of_a_path(tmp_path: Path) -> None:
    (tmp_path / "{a} b.png").touch()
    content = "ref,provider,platform,account,media\nr1,wonda,instagram,7,{a} b.png|\n"
    [row], problems = read(tmp_path, "a.csv", content)

    assert [media.path for media in row.media] == [str(tmp_path / "{a} b.png")]
    assert problems == []


def test_a_cell_may_hold_lines_and_the_next_row_knows_its_line(tmp_path: Path) -> None:
    content = (
        "ref,provider,platform,account,caption\n"
        'r1,wonda,tiktok,7,"one\ntwo\u2028three"\nr2,wonda,tiktok\n'
    )
    rows, problems = read(tmp_path, "a.csv", content)

    assert rows[0].caption == "one\ntwo\u2028three"
    assert said(problems) == ["a.csv row 2, line 4: has 3 cells where the header has 5"]


def test_a_broken_line_does_not_end_the_reading(tmp_path: Path) -> None:
    content = "\n".join([json.dumps(ROW), "{", "", "[1]", '{"ref": "r9", "ref": "r9"}', "7"])
    rows, problems = read(tmp_path, "a.jsonl", content)

    assert [row.ref for row in rows] == ["r1"]
    assert [problem.place for problem in problems] == [
        "a.jsonl row 2",
        "a.jsonl row 3, line 4",
        "a.jsonl row 4, line 5",
        "a.jsonl row 5, line 6",
    ]
    assert "stands twice" in problems[2].message


def test_a_ref_that_repeats_names_the_other_row(tmp_path: Path) -> None:
    rows, problems = read(tmp_path, "a.json", json.dumps([ROW, {**ROW, "caption": "other"}]))

    assert said(problems) == ["a.json row 2 (ref r1), ref: 'r1' is the ref of row 1 already"]
    assert [row.flawed for row in rows] == [False, True]


def test_header_problems_come_once_and_beside_the_rows(tmp_path: Path) -> None:
    content = "ref,provider,platform,account,captoin,ref\n1,wonda,tiktok,,x,1\n2,wonda,,7,x,2\n"
    _, problems = read(tmp_path, "a.csv", content)

    assert [(problem.place, problem.field) for problem in problems] == [
        ("a.csv header", "ref"),
        ("a.csv header", "captoin"),
        ("a.csv row 1, line 2", "account"),
        ("a.csv row 2, line 3", "platform"),
    ]


def test_paths_are_relative_to_the_file_and_must_be_there(tmp_path: Path) -> None:
    (tmp_path / "my pictures").mkdir()
    (tmp_path / "my pictures/a.png").touch()
    content = "ref,provider,platform,account,media\nr1,wonda,tiktok,7,my pictures/a.png|gone.png\n"
    rows, problems = read(tmp_path, "a.csv", content)

    assert [media.path for media in rows[0].media] == [
        str(tmp_path / "my pictures/a.png"),
        str(tmp_path / "gone.png"),
    ]
    assert [problem.field for problem in problems] == ["media[1]"]


def test_yaml_keeps_what_yaml_1_1_would_turn_into_something_else(tmp_path: Path) -> None:
    content = (
        "- {ref: 0123, provider: wonda, platform: tiktok, account: 12:30, caption: no,\n"
        "   run_at: 2026-03-01 09:00:00+01:00}\n"
    )
    rows, problems = read(tmp_path, "a.yaml", content)

    assert problems == []
    assert (rows[0].ref, rows[0].account, rows[0].caption) == ("0123", "12:30", "no")
    assert rows[0].run_at is not None
    assert rows[0].run_at.hour == 8


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.json", "", "is empty"),
        ("a.csv", "\ufeff \n", "is empty"),
        ("a.json", "[]", "has no rows"),
        ("a.csv", "ref,provider\n", "has no rows"),
        ("a.csv", "1,2,3\n4,5,6\n", "has no header"),
        ("a.json", "{}", "must be a JSON array of rows, not an object"),
        ("a.json", "[{]", r"is not JSON: .* \(line 1, column 3\)"),
        ("a.json", "[" * 100_000, "is not usable JSON"),
        ("a.json", '[{"a": NaN}]', "NaN is not a number"),
        ("a.yaml", "a: [", r"is not YAML: .*\(line 1"),
        ("a.yaml", "- !!python/name:os.system x", "is not YAML"),
        ("a.yaml", "- {ref: 1, ref: 2}", "'ref' stands twice"),
        ("a.yaml", "ref: r1", "must be a YAML list of rows, not an object"),
        ("a.jsonl", b'{}\n{"ref": "\xe4"}\n', r"is not UTF-8 \(line 2\)"),
        ("a.csv", b"ref,account\n\x81,7\n", r"is not UTF-8 \(line 2\)"),
        ("a.csv", b"\xff\xferef,account", r"is not UTF-16 \(line 1\)"),
        ("a.txt", "x", "the extension must be one of .jsonl, .json, .yaml, .yml, .csv"),
    ],
)
def test_a_file_of_no_use_is_one_clear_line(
    tmp_path: Path, name: str, content: str | bytes, says: str
) -> None:
    with pytest.raises(InputError, match=says) as wrong:
        read(tmp_path, name, content)

    assert "\n" not in str(wrong.value)
    assert str(wrong.value).startswith(str(tmp_path / name))


def test_a_file_that_is_not_there_or_a_folder_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "b.csv").mkdir()
    for name, says in (("a.csv", "No such file"), ("b.csv", "Is a directory")):
        with pytest.raises(InputError, match=f"{name} cannot be read: {says}"):
            read_file(tmp_path / name)
