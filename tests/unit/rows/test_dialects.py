"""The tables of other tools: what each row becomes, and what is said of the rest."""

import io
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared.domain.post import Kind
from shared.errors import InputError
from shared.rows import DateOrder, Defaults, Row, RowProblem, read_accounts, read_file, write_rows
from shared.rows.dialects import NAMES

FILES = sorted(Path(__file__).with_name("files").glob("*.csv"))
DEFAULTS = Defaults(
    provider="wonda",
    accounts=read_accounts(["instagram=17", "threads=@loaf", "99"]),
    timezone="Europe/Berlin",
)
ONE = replace(DEFAULTS, accounts=read_accounts(["instagram=17"]))


def read_sample(name: str, defaults: Defaults = ONE) -> tuple[list[Row], list[RowProblem]]:
    rows, problems = read_file(Path(__file__).with_name("files") / f"{name}.csv", defaults)
    assert [str(each) for each in problems if not each.warning] == []
    return rows, problems


def read_text(
    folder: Path, text: str | bytes, defaults: Defaults = ONE
) -> tuple[list[Row], list[RowProblem]]:
    file = folder / "a.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_file(file, defaults)


def said(problems: list[RowProblem]) -> list[tuple[str, str, bool]]:
    return [(each.place.removeprefix("a.csv "), each.field, each.warning) for each in problems]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def test_every_dialect_has_a_sample() -> None:
    assert {file.stem.partition("_")[0] for file in FILES} == set(NAMES)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_sample_exported_and_imported_again_is_the_same_jobs(file: Path, tmp_path: Path) -> None:
    rows, problems = read_file(file, DEFAULTS)
    assert rows
    assert [str(each) for each in problems if not each.warning] == []

    out = io.StringIO(newline="")
    write_rows(out, rows)
    again, problems = read_text(tmp_path, out.getvalue(), Defaults())

    assert problems == []
    assert [replace(each, place="") for each in again] == [replace(each, place="") for each in rows]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_dialect_may_be_named(file: Path) -> None:
    name = file.stem.partition("_")[0]
    assert read_file(file, replace(DEFAULTS, dialect=name)) == read_file(file, DEFAULTS)


def test_publer_s_template_with_its_explanations() -> None:
    rows, problems = read_sample("publer")

    assert [row.caption for row in rows] == [
        "Rye week begins.\n\nCome early!",
        "@maria bakes =2+2\n\nhttps://bakery.example/rye?a=1",
        "",
    ]
    assert rows[0].alt_texts == ("A loaf", "A crust")
    assert [row.kind for row in rows] == [Kind.CAROUSEL, Kind.IMAGE, Kind.STORY]
    assert [row.run_at for row in rows][:2] == [
        moment("2030-03-01T09:00+01:00"),
        moment("2030-03-02T18:30+01:00"),
    ]
    assert [(each.field.split(" - ")[0], each.message[-7:]) for each in problems] == [
        ("Label(s)", " (1, 2)"),
        ("Comment(s)", "row (1)"),
        ("CTA", "row (2)"),
        ("Reminder", "row (3)"),
    ]


def test_publer_s_older_table_by_an_excel_of_germany() -> None:
    rows, problems = read_sample("publer_old")

    assert [row.caption for row in rows] == [
        "Rye week\n\nhttps://bakery.example",
        "Straße, “grüß Gott”",
    ]
    assert rows[1].media[0].url == "https://media.example/café.jpg"
    assert "Excel's Windows-1252" in problems[0].message
    assert [each.field for each in problems[1:]] == ["Message", "Labels"]


def test_ayrshare_s_lists_of_platforms_and_addresses_with_commas() -> None:
    rows, _ = read_sample("ayrshare", DEFAULTS)

    assert [(row.platform, row.account) for row in rows] == [
        ("x", "99"),
        ("facebook", "99"),
        ("instagram", "17"),
        ("instagram", "17"),
    ]
    assert [each.url for each in rows[3].media] == [
        "https://media.example/1.jpg",
        "https://media.example/2.jpg?size=1,2",
    ]


def test_ayrshare_s_times_without_an_offset_are_in_utc(tmp_path: Path) -> None:
    text = "post,platforms,mediaUrls,scheduleDate\nRye,instagram,,2030-03-01T09:00:00\n"
    rows, problems = read_text(tmp_path, text, replace(ONE, timezone=None))

    assert problems == []
    assert rows[0].run_at == moment("2030-03-01T09:00+00:00")


def test_zernio_s_profiles_platforms_and_columns_for_one_platform() -> None:
    accounts = ["bakery=1", "mill/instagram=2", "threads=3"]
    rows, problems = read_sample("zernio", replace(ONE, accounts=read_accounts(accounts)))

    assert [(row.platform, row.account, row.caption) for row in rows] == [
        ("instagram", "1", "Rye week begins"),
        ("threads", "1", "Rye on Threads"),
        ("instagram", "1", "Two shops"),
        ("instagram", "2", "Two shops"),
        ("threads", "1", "Now!"),
    ]
    assert [row.run_at for row in rows] == [
        moment("2030-03-01T09:00+01:00"),
        moment("2030-03-01T10:30+01:00"),
        *[moment("2030-03-02T09:00-05:00")] * 2,
        None,
    ]
    assert [str(each) for each in problems] == [
        "zernio.csv row 4, line 5: is a draft in Zernio and is not loaded"
    ]


ZERNIO = "post_content,platforms,schedule_time,publish_now,use_queue,is_draft\n"


@pytest.mark.parametrize(
    ("row", "field", "warning"),
    [
        ("Rye,instagram,,,,", "", True),
        ("Rye,instagram,2030-03-01 09:00,,,yes", "", True),
        ("Rye,instagram,2030-03-01 09:00,,true,", "use_queue", False),
        ("Rye,instagram,,true,true,", "publish_now", False),
        ("Rye,instagram,2030-03-01 09:00,true,,", "publish_now", False),
        ("Rye,instagram,,perhaps,,", "publish_now", False),
    ],
)
def test_zernio_s_drafts_are_left_out_and_what_is_unclear_is_wrong(
    tmp_path: Path, row: str, field: str, warning: bool
) -> None:
    _, problems = read_text(tmp_path, f"{ZERNIO}{row}\n")

    assert (problems[0].field, problems[0].warning) == (field, warning)


def test_gohighlevel_s_slashed_dates_have_the_month_first() -> None:
    rows, problems = read_sample("gohighlevel")

    assert problems == []
    assert rows[1].run_at == moment("2030-03-04T18:30+01:00")
    assert [row.kind for row in rows] == [Kind.CAROUSEL, Kind.IMAGE, Kind.VIDEO]


def test_a_table_without_a_header_is_told_by_its_first_time() -> None:
    rows, problems = read_sample("headerless")

    assert problems == []
    assert rows[0].place == "headerless.csv row 1"
    assert [row.caption for row in rows] == [
        "Rye week, begins\n\nhttps://bakery.example/rye",
        "Second day\nof rye",
        "Thirteenth\n\nhttps://bakery.example",
    ]


def test_our_own_table_in_utf_16_with_columns_for_one_platform() -> None:
    rows, problems = read_sample("canonical", Defaults())

    assert problems == []
    assert [(row.ref, row.account, row.caption) for row in rows] == [
        ("r1", "7", "=SUM(A1)\nnext"),
        ("r2", "@maria", "only here"),
    ]
    assert rows[1].run_at == moment("2030-03-03T09:00+00:00")


@pytest.mark.parametrize(
    "time",
    [
        "10-00",
        "2030-03-01",
        "2030-03-01 10-00",
        "next Friday",
        "47543.375",
        "3/4/2030 09:00",
        "31/31/2030 09:00",
        "2030-02-30 09:00",
        "2030-03-01 25:00",
        "2030-03-01 13:00 PM",
        "1/3/30 09:00",
    ],
)
def test_a_time_that_cannot_be_read_rejects_its_row(tmp_path: Path, time: str) -> None:
    text = f"Text,Image URL,Tags,Posting Time\nRye,,,2030-03-01 09:00\nOats,,,{time}\n"
    rows, problems = read_text(tmp_path, text)

    assert said(problems) == [("row 2, line 3", "Posting Time", False)]
    assert [row.flawed for row in rows] == [False, True]


@pytest.mark.parametrize(("dates", "at"), [("dmy", "2030-04-03"), ("mdy", "2030-03-04")])
def test_the_order_of_day_and_month_may_be_said(tmp_path: Path, dates: str, at: str) -> None:
    text = "Text,Image URL,Tags,Posting Time\nRye,,,3/4/2030 09:00 PM\n"
    rows, problems = read_text(tmp_path, text, replace(ONE, dates=DateOrder(dates)))

    assert problems == []
    assert rows[0].run_at in {moment(f"{at}T21:00+01:00"), moment(f"{at}T21:00+02:00")}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Text,Image URL,Tags,Posting Time\nRye,,,\n", "Buffer"),
        ("Date,Text,Link(s),Media URL(s)\n,Rye,,\n", "Publer"),
    ],
)
def test_a_row_without_a_time_never_goes_at_once_unasked(
    tmp_path: Path, text: str, name: str
) -> None:
    _, problems = read_text(tmp_path, text)

    assert said(problems) == [("row 1, line 2", "run_at", False)]
    assert name in problems[0].message


def test_unknown_columns_are_named_and_what_stands_in_them_is_counted(tmp_path: Path) -> None:
    text = "Text,Image URL,Tags,Posting Time,Mood,Empty\n" + "".join(
        f"Rye {at},,,2030-03-01 09:00,glad,\n" for at in range(7)
    )
    _, problems = read_text(tmp_path, text)

    assert said(problems) == [
        ("header", "Mood", True),
        ("header", "Empty", True),
        ("header", "Mood", True),
    ]
    assert problems[2].message.endswith("out of 7 rows (1, 2, 3, 4, 5 ...)")


def test_columns_of_ours_work_in_any_table(tmp_path: Path) -> None:
    text = (
        "Text,Image URL,Tags,Posting Time,ref,account,platform,privacy,not_after\n"
        "Rye,,,2030-03-01 09:00,r1,@maria,TikTok,private,2030-03-02T09:00:00Z\n"
    )
    rows, problems = read_text(tmp_path, text)

    assert problems == []
    assert (rows[0].ref, rows[0].account, rows[0].platform) == (
        "r1/tiktok/@maria",
        "@maria",
        "tiktok",
    )
    assert rows[0].options == {"privacy": "SELF_ONLY"}
    assert rows[0].not_after == moment("2030-03-02T09:00+00:00")


def test_refs_stay_when_a_spreadsheet_rewrites_the_times_and_the_order(tmp_path: Path) -> None:
    first, _ = read_text(
        tmp_path,
        "Text,Image URL,Tags,Posting Time\n"
        "Rye,https://media.example/1.jpg,,2030-03-01 09:00\nOats,,,2030-03-02 17:30\n",
    )
    again, _ = read_text(
        tmp_path,
        "posting time;TEXT;tags;image url\n"
        "2030/03/02 5:30 PM;Oats;;\n1.3.2030 9:00:00;Rye;x;https://media.example/1.jpg\n",
    )

    assert {row.ref for row in first} == {row.ref for row in again}
    assert len({row.ref for row in first}) == 2


def test_one_account_more_leaves_the_refs_of_the_others(tmp_path: Path) -> None:
    text = "Text,Image URL,Tags,Posting Time\nRye,,,2030-03-01 09:00\n"
    one, _ = read_text(tmp_path, text)
    two, _ = read_text(
        tmp_path, text, replace(ONE, accounts=read_accounts(["instagram=5", "instagram=17"]))
    )

    assert [row.account for row in two] == ["5", "17"]
    assert one[0].ref == two[1].ref


def test_the_same_post_twice_in_a_table_is_said(tmp_path: Path) -> None:
    row = "Rye,,,2030-03-01 09:00\n"
    _, problems = read_text(tmp_path, f"Text,Image URL,Tags,Posting Time\n{row}{row}")

    assert said(problems) == [("row 2, line 3", "ref", False)]


def test_a_row_for_nobody_says_how_to_name_an_account(tmp_path: Path) -> None:
    text = "Text,Image URL,Tags,Posting Time\nRye,,,2030-03-01 09:00\n"
    _, problems = read_text(tmp_path, text, replace(ONE, accounts=()))
    assert [(each.field, "--account" in each.message) for each in problems] == [("platform", True)]

    text = "post,platforms,mediaUrls,scheduleDate\nRye,threads,,2030-03-01T09:00:00Z\n"
    _, problems = read_text(tmp_path, text)
    assert "--account threads=ACCOUNT" in problems[0].message


def test_a_platform_s_column_that_the_row_is_not_for_is_said(tmp_path: Path) -> None:
    text = (
        "post,platforms,mediaUrls,scheduleDate,custom_text_threads\n"
        "Rye,instagram,,2030-03-01T09:00:00Z,Rye on Threads\n"
    )
    _, problems = read_text(tmp_path, text)

    assert said(problems) == [("row 1, line 2", "custom_text/schedule_time threads", True)]


def test_pinterest_keeps_a_link_as_an_option(tmp_path: Path) -> None:
    text = "Date,Text,Link(s),Media URL(s)\n2030-03-01 09:00,Rye,https://bakery.example,\n"
    rows, _ = read_text(tmp_path, text, replace(ONE, accounts=read_accounts(["pinterest=1"])))

    assert (rows[0].caption, rows[0].options) == ("Rye", {"link": "https://bakery.example"})


@pytest.mark.parametrize("extension", ["csv", "jsonl"])
def test_defaults_fill_what_our_own_rows_leave_out(tmp_path: Path, extension: str) -> None:
    file = tmp_path / f"a.{extension}"
    file.write_text(
        '{"ref": "r1", "run_at": "2030-03-01T09:00"}\n'
        if extension == "jsonl"
        else "ref,run_at\nr1,2030-03-01T09:00\n"
    )
    rows, problems = read_file(file, ONE)

    assert problems == []
    assert (rows[0].provider, rows[0].platform, rows[0].account) == ("wonda", "instagram", "17")
    assert rows[0].run_at == moment("2030-03-01T09:00+01:00")


def test_a_row_of_ours_is_one_job_so_several_accounts_are_refused(tmp_path: Path) -> None:
    two = replace(ONE, accounts=read_accounts(["instagram=17", "instagram=18"]))
    _, problems = read_text(tmp_path, "ref,platform\nr1,instagram\n", two)

    assert [(each.field, each.message) for each in problems] == [
        ("account", "is not named, and --account names several: 17, 18")
    ]


@pytest.mark.parametrize(
    ("dialect", "text", "says"),
    [
        ("buffer", "ref,platform\nr1,x\n", "its header lacks imageurl or text and postingtime"),
        ("headerless", "ref\nr1\n", "its first row must have two or three cells"),
        ("canonical", "post,mediaUrls\nr1,x\n", "its header lacks columns such as ref"),
    ],
)
def test_a_dialect_that_is_not_the_file_s_is_refused(
    tmp_path: Path, dialect: str, text: str, says: str
) -> None:
    with pytest.raises(InputError, match=says):
        read_text(tmp_path, text, replace(ONE, dialect=dialect))


@pytest.mark.parametrize("word", ["", "=", "instagram=", "=17"])
def test_an_account_that_names_nobody_is_refused(word: str) -> None:
    with pytest.raises(InputError, match="PLATFORM=ACCOUNT"):
        read_accounts([word])


def test_short_rows_are_filled_and_long_ones_refused(tmp_path: Path) -> None:
    text = "Posting Time,Text,Image URL,Tags\n2030-03-01 09:00,Rye\n2030-03-01 10:00,a,,,b\n"
    rows, problems = read_text(tmp_path, text)

    assert [row.caption for row in rows] == ["Rye"]
    assert said(problems) == [("row 2, line 3", "", False)]
