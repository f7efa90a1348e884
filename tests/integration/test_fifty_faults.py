"""A file with fifty different faults: `campaign check` yields fifty findings, by row and field."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.clock import SystemClock
from shared.domain.account import Account
from tests.support import media_bytes
from tests.support.file_host import host_file
from tests.support.scripted import Reply, Scripted, answered
from tests.unit.cli.conftest import Shell

CAPS = """
[accounts."posteverywhere/4199"]
limits = [{posts = 1, per = "24h", window = "rolling", scope = "account"}]
"""
PATH = "slide.jpg"

ACCOUNTS = {
    "wonda": [
        Account(account_id="7", platform="instagram", username="bread"),
        Account(account_id="8", platform="instagram", username="cake"),
        Account(account_id="9", platform="instagram", username="cake"),
        Account(account_id="dead", platform="instagram", username="x", can_post=False, reason="?"),
        Account(account_id="drafts", platform="tiktok", username="x", inbox_only=True),
    ],
    "wahdx": [
        Account(account_id="ig", platform="instagram", username="bread"),
        Account(account_id="tk", platform="tiktok", username="bread"),
    ],
    "posteverywhere": [
        Account(account_id="4101", platform="threads", username="bread"),
        Account(account_id="4102", platform="instagram", username="bread"),
        Account(account_id="4103", platform="pinterest", username="bread"),
        Account(account_id="4199", platform="threads", username="crowded"),
    ],
    "genviral": [
        Account(account_id="fb", platform="facebook", username="bread"),
        Account(account_id="gt", platform="tiktok", username="bread", account_type="byo"),
    ],
}

Row = dict[str, Any]


@pytest.fixture
def host() -> Iterator[Scripted]:
    with Scripted() as started:
        yield started


@pytest.fixture
def dropline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, redis_url: str, host: Scripted
) -> Shell:
    """A home with accounts at all four providers; WAHDX is on loopback, and so are its media."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dropline.toml").write_text(CAPS)
    (tmp_path / PATH).write_bytes(media_bytes.jpeg())
    shell = Shell(tmp_path)
    shell.variables |= {
        "DROPLINE_REDIS_URL": redis_url,
        "DROPLINE_WAHDX_BASE_URL": host.url,
        "DROPLINE_WAHDX_API_KEY": "sk_test",
        # Asked once more for an account that is not known, it has no answer.
        "DROPLINE_WONDA_BASE_URL": f"{host.url}/wonda",
        "DROPLINE_WONDA_API_KEY": "sk_test",
    }
    assert shell("db", "upgrade").code == 0
    ledger = shell.ledger
    for name, accounts in ACCOUNTS.items():
        ledger.accounts.sync(name, name, accounts, now=SystemClock().now(), by="test")
    ledger.close()
    host.on(
        "GET",
        "/api/content/creator-info/tk",
        answered({"success": True, "data": {"privacy_level_options": ["SELF_ONLY"]}}),
    )
    return shell


def wonda(**changes: Any) -> Row:
    base = {"provider": "wonda", "platform": "instagram", "account": "7", "kind": "image"}
    return {**base, "media": [{"id": "m1"}], **changes}


def threads(**changes: Any) -> Row:
    base = {"provider": "posteverywhere", "platform": "threads", "account": "4101"}
    return {**base, "kind": "text", **changes}


def wahdx(url: str, **changes: Any) -> Row:
    base = {"provider": "wahdx", "platform": "instagram", "account": "ig", "kind": "image"}
    return {**base, "media": [url], **changes}


def on_tiktok(url: str, **options: Any) -> Row:
    return wahdx(url, platform="tiktok", account="tk", options=options)


def genviral(**changes: Any) -> Row:
    base = {"provider": "genviral", "platform": "facebook", "account": "fb", "kind": "image"}
    return {**base, "media": [{"path": PATH}], **changes}


def without(row: Row, *names: str) -> Row:
    return {name: value for name, value in row.items() if name not in names}


def unread(fine: str) -> list[tuple[Row, str]]:
    """Return rows that are wrong by themselves, with the field that is."""
    paris = {"timezone": "Europe/Paris"}
    return [
        (wonda(ref=None), "ref"),
        (wonda(ref="sound"), "ref"),
        (without(wonda(), "platform"), "platform"),
        (without(wonda(), "account"), "account"),
        (without(wonda(), "provider"), "provider"),
        (wonda(colour="red"), "colour"),
        (wonda(kind="reel"), "kind"),
        (without(wonda(), "kind"), "kind"),
        (wonda(caption=[1]), "caption"),
        (wonda(run_at="10-00"), "run_at"),
        (wonda(run_at="2100-01-01T10:00"), "run_at"),
        (wonda(run_at="2026-03-29T02:30", **paris), "run_at"),
        (wonda(run_at="2026-10-25T02:30", **paris), "run_at"),
        (wonda(run_at="2100-01-01T10:00", timezone="Mars/Base"), "timezone"),
        (wonda(run_at="2100-01-01T10:00Z", not_after="2099-01-01T10:00Z"), "not_after"),
        (wonda(media="a.jpg"), "media"),
        (wonda(media=[7]), "media[0]"),
        (wonda(alt_texts="a loaf"), "alt_texts"),
        (wonda(options={"sparkle": 1}), "options.sparkle"),
        (on_tiktok(fine, privacy="anybody"), "options.privacy"),
        (genviral(media=[{"path": "gone.jpg"}]), "media[0]"),
    ]


def unknown() -> list[tuple[Row, str]]:
    """Return rows whose connection or account is wrong."""
    return [
        (wonda(provider="buffer"), "provider"),
        (without(wonda(connection="agency"), "provider"), "connection"),
        (wonda(provider="wahdx", connection="wonda"), "provider"),
        (wonda(account="77"), "account"),
        (wonda(account="@cake"), "account"),
        (wonda(account="dead"), "account"),
        (threads(account="4102"), "platform"),
        (wonda(platform="tiktok", account="drafts", kind="carousel", media=[{"id": "a"}] * 2,
               options={"privacy": "public"}), "account"),
    ]  # fmt: skip


def against_rules() -> list[tuple[Row, str]]:
    """Return rows that their provider or platform does not take."""
    return [
        (threads(platform="bluesky", account="4101"), "platform"),
        (wonda(kind="text", media=[]), "kind"),
        (threads(caption="x" * 501), "caption"),
        (threads(platform="instagram", account="4102", kind="carousel",
                 media=[{"id": f"m{n}"} for n in range(11)]), "media"),
        (threads(platform="instagram", account="4102", media=[{"id": "m"}], kind="image",
                 caption="#rye " * 31), "caption"),
        (wonda(title="Not here"), "title"),
        (wonda(alt_texts=["x" * 1001]), "alt_texts[0]"),
        (wonda(options={"share_to_feed": True}), "options.share_to_feed"),
        (threads(platform="pinterest", account="4103", kind="image", media=[{"id": "m"}]),
         "options.board_id"),
        (genviral(platform="tiktok", account="gt",
                  options={"privacy": "public", "music_url": "a song"}), "options.music_url"),
    ]  # fmt: skip


def about_media(host: Scripted) -> list[tuple[Row, str]]:
    """Return rows whose files are not what they should be."""
    jpeg, film = media_bytes.jpeg(), media_bytes.mp4(601)
    bare = host_file(host, "/bare", jpeg)
    page = host_file(host, "/page.jpg", b"<!DOCTYPE html>", "text/html")
    anim = host_file(host, "/anim.jpg", media_bytes.gif(), "image/gif")
    long = host_file(host, "/long.mp4", film, "video/mp4")
    signed = host_file(host, "/signed.jpg", jpeg) + "?Expires=4070908800&Signature=a"
    host.on("GET", "/gone.jpg", Reply(status=404))
    host.on("GET", "/busy.jpg", Reply(status=503))
    private = threads(kind="image", media=["http://10.0.0.1/a.jpg"])
    return [
        (wahdx(bare), "media[0]"),
        (wahdx(page), "media[0]"),
        (wahdx(anim), "media[0]"),
        (wahdx(long, kind="video"), "media[0]"),
        (wahdx(signed, run_at="2100-01-01T00:00Z"), "media[0]"),
        (wahdx(f"{host.url}/gone.jpg"), "media[0]"),
        (wahdx(f"{host.url}/busy.jpg"), "media[0]"),
        (private, "media[0]"),
    ]


def about_others(fine: str) -> list[tuple[Row, str]]:
    """Return rows that are wrong because of their creator, or of rows before them."""
    return [
        (on_tiktok(fine, privacy="public"), "options.privacy"),
        (threads(caption="The same again"), "caption"),
        (threads(account="4199"), "run_at"),
    ]


def sound_rows() -> list[Row]:
    """Return rows without faults, which others collide with."""
    return [
        wonda(ref="sound", caption="Sound"),
        threads(ref="first", caption="The same again"),
        threads(ref="early", caption="Early", account="4199"),
    ]


def test_fifty_faults_are_fifty_findings(dropline: Shell, host: Scripted) -> None:
    fine = host_file(host, "/fine.jpg", media_bytes.jpeg())
    faults = [
        *unread(fine),
        *unknown(),
        *against_rules(),
        *about_media(host),
        *about_others(fine),
    ]
    sound = sound_rows()
    numbered = [
        {"ref": f"r{at}", "caption": f"Post {at}", **row} for at, (row, _) in enumerate(faults)
    ]
    file = dropline.file("posts.jsonl", *sound, *numbered)

    said = dropline("campaign", "check", file, "--json")

    assert len(faults) == 50
    expected = [(len(sound) + at, field) for at, (_, field) in enumerate(faults, start=1)]
    found = [
        (int(each["place"].rpartition(" row ")[2]), each["field"]) for each in said.json["problems"]
    ]
    assert sorted(set(found) ^ set(expected)) == []
    assert found == expected
    assert said.code == 2
    assert said.json["jobs"] < len(sound) + 50
    verdicts = [each["verdict"] for each in said.json["verdicts"]]
    assert len(verdicts) == len(sound) + 50
    assert verdicts[:3] == ["ok"] * 3
    assert "ok" not in verdicts[3:]
    lines = dropline("campaign", "check", file).err.splitlines()
    assert sum(" row " in line for line in lines) == 50
    assert len(host.asked("GET", "/api/content/creator-info/tk")) == 2
    assert dropline("jobs", "list", "--json").lines == []
