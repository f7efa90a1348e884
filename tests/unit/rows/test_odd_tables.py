"""Tables as people and programs really leave them: nothing is lost, and nothing goes unasked."""

from pathlib import Path

import pytest

from shared.errors import InputError
from shared.rows import Defaults, read_accounts
from tests.unit.rows.test_dialects import ONE, read_text, said

HEAD = "Text,Image URL,Tags,Posting Time"
URL = "https://media.example/a.jpg"


@pytest.mark.parametrize(
    ("columns", "field"),
    [
        ("Date,Text,text,Link", "text"),
        ("Date,Text,Message,Link", "Message"),
        ("Date,Date - Intl. format,Text,Link", "Date - Intl. format"),
        ("Date,Text,Link,ref,Ref", "Ref"),
        ("Date,Text,Link,custom_text_x,Custom Text Twitter", "Custom Text Twitter"),
        ("ref,account,run_at,custom_text_x,custom_text_twitter", "custom_text_twitter"),
    ],
)
def test_two_columns_for_one_thing_are_refused(tmp_path: Path, columns: str, field: str) -> None:
    _, problems = read_text(tmp_path, f"{columns}\n{',' * columns.count(',')}x\n")

    assert ("header", field, False) in said(problems)


def test_several_columns_of_media_and_links_count_together(tmp_path: Path) -> None:
    text = (
        f"Date,Text,Link,Links,Media,Media URL(s)\n2030-03-01 09:00,Rye,https://a.example,"
        f'"https://b.example/x,y, https://c.example",{URL},{URL}\n'
    )
    rows, problems = read_text(tmp_path, text)

    assert problems == []
    assert rows[0].caption.split() == [
        "Rye",
        "https://a.example",
        "https://b.example/x,y",
        "https://c.example",
    ]
    assert [each.url for each in rows[0].media] == [URL, URL]


def test_a_picture_that_is_listed_twice_is_there_twice(tmp_path: Path) -> None:
    rows, _ = read_text(tmp_path, f'{HEAD}\nRye,"[""{URL}"", ""{URL}""]",,2030-03-01 09:00\n')

    assert len(rows[0].media) == 2


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark_is_read(tmp_path: Path, encoding: str) -> None:
    text = f"{HEAD}\r\nBrötchen 🥐,,,2030-03-01 09:00\r\n".replace(",", "\t")
    rows, problems = read_text(tmp_path, text.encode(encoding))

    assert problems == []
    assert [row.caption for row in rows] == ["Brötchen 🥐"]


def test_a_workbook_that_is_called_a_table_is_told_apart(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a workbook"):
        read_text(tmp_path, b"PK\x03\x04\x14\x00\x06\x00")


def test_a_named_table_without_a_header_may_begin_with_a_wrong_time(tmp_path: Path) -> None:
    text = "10-00,Rye,\n2030-03-01 09:00,Oats,\n"
    with pytest.raises(InputError, match="--dialect headerless"):
        read_text(tmp_path, text)

    named = Defaults(dialect="headerless", accounts=read_accounts(["x=1"]), provider="wonda",
                     timezone="UTC")  # fmt: skip
    rows, problems = read_text(tmp_path, text, named)

    assert said(problems) == [("row 1", "date", False)]
    assert [row.flawed for row in rows] == [True, False]


@pytest.mark.parametrize(
    ("time", "queue", "field"),
    [
        ("", "yes", None),
        ("", "no", "run_at"),
        ("", "perhaps", "queue"),
        ("2030-03-01 09:00", "yes", "queue"),
    ],
)
def test_a_row_may_ask_for_a_slot_instead_of_a_time(
    tmp_path: Path, time: str, queue: str, field: str | None
) -> None:
    rows, problems = read_text(tmp_path, f"{HEAD},queue\nRye,,,{time},{queue}\n")

    assert [each.field for each in problems] == ([field] if field else [])
    assert (rows[0].queue, rows[0].flawed) == (queue == "yes", field is not None)


def test_an_annotated_copy_is_read_as_what_it_is_a_copy_of(tmp_path: Path) -> None:
    plain, _ = read_text(tmp_path, f"{HEAD}\n=1+1,,,2030-03-01 09:00\n")
    copy, problems = read_text(
        tmp_path,
        f"{HEAD},check_verdict,check_errors,check_warnings\n'=1+1,,,2030-03-01 09:00,ok,,a\n",
    )

    assert problems == []
    assert (copy[0].ref, copy[0].caption) == (plain[0].ref, "=1+1")
    assert read_text(tmp_path, f"{HEAD}\n'=1+1,,,2030-03-01 09:00\n", ONE)[0][0].caption == "'=1+1"
