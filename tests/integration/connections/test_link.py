"""`accounts link`: a code on the terminal, asked after every ten seconds, to each of its ends."""

import base64
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import segno

from shared.cli.matrix import text_of
from shared.clock import SystemClock
from tests.integration.connections.conftest import Said, Shell

CHECK, ASKED = "/wahdx/api/content/qr-login/check", "/wahdx/api/content/qr-login/request"


@pytest.fixture
def slept(dropline: Shell, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let sleeping pass at once, here and at the provider; the list has each one's seconds."""
    slept: list[float] = []

    def pass_at_once(_: SystemClock, duration: timedelta) -> None:
        slept.append(duration.total_seconds())
        dropline.sandbox.clock.pause(duration)

    monkeypatch.setattr(SystemClock, "sleep", pass_at_once)
    monkeypatch.setattr(SystemClock, "monotonic", lambda _: time.monotonic() + sum(slept))
    monkeypatch.setattr(
        SystemClock, "now", lambda _: datetime.now(UTC) + timedelta(seconds=sum(slept))
    )
    return slept


def link(dropline: Shell, *options: str) -> Said:
    return dropline("accounts", "link", "--connection", "wahdx", *options)


def walk(dropline: Shell, *states: str) -> None:
    for state in states:
        dropline.sandbox.add_fault("qr_state", provider="wahdx", code=state)


def requests(dropline: Shell, path: str) -> int:
    return sum(each["path"] == path for each in dropline.sandbox.requests())


def test_a_confirmed_code_links_the_account_and_lists_it(
    dropline: Shell, slept: list[float]
) -> None:
    assert dropline("accounts", "sync", "--connection", "wahdx").code == 0

    said = link(dropline)

    assert said.code == 0
    assert slept == [10, 10]
    assert "Scan it with the app" in said.err
    assert "The code is scanned." in said.err
    listed = dropline("accounts", "list", "--connection", "wahdx", "--json").lines
    [linked] = [line for line in listed if line["display_name"] == "Linked by QR"]
    assert f"linked @{linked['username']} ({linked['account']})" in said.out
    token = next(iter(dropline.sandbox.providers["wahdx"]._qr._codes))  # type: ignore[attr-defined]
    code = segno.make(f"https://www.tiktok.com/qr/login?token={token}")
    modules = [[bool(module) for module in row] for row in code.matrix]
    assert said.out.startswith(text_of(modules))
    assert token not in said.out.replace(text_of(modules), "") + said.err


def test_scripts_get_the_picture_and_each_stage(
    dropline: Shell, slept: list[float], tmp_path: Path
) -> None:
    walk(dropline, "new", "scanned", "scanned", "confirmed")
    file = tmp_path / "code.png"

    said = link(dropline, "--json", "--image", str(file))

    assert said.code == 0
    first, *others = said.lines
    assert (first["status"], first["expires_at"][-1]) == ("new", "Z")
    assert file.read_bytes() == base64.b64decode(first["image_base64"])
    assert [line["status"] for line in others] == ["scanned", "confirmed"]
    assert others[-1]["account"]
    assert len(slept) == 4


def test_an_expired_code_is_exit_6(dropline: Shell, slept: list[float]) -> None:
    walk(dropline, "scanned", "expired")

    said = link(dropline)

    assert said.code == 6
    assert "the code expired before it was confirmed" in said.err


def test_nobody_scans_and_the_code_expires_by_itself(dropline: Shell, slept: list[float]) -> None:
    walk(dropline, *["new"] * 29)

    assert "expired" in link(dropline, "--timeout", "400").err
    assert sum(slept) == 300


def test_a_used_code_is_exit_1_with_the_provider_s_reason(
    dropline: Shell, slept: list[float]
) -> None:
    walk(dropline, "utilised")

    said = link(dropline, "--json")

    assert said.code == 1
    assert "The code has already been used." in said.err
    assert said.lines[-1]["status"] == "utilised"


def test_a_plan_that_is_too_small_is_exit_2(dropline: Shell, slept: list[float]) -> None:
    dropline.sandbox.add_fault("free_plan", count=None)

    said = link(dropline)

    assert said.code == 2
    assert "This feature needs the Maximum plan; the key's plan is free" in said.err
    assert (said.out, slept) == ("", [])


def test_a_wait_is_bounded(dropline: Shell, slept: list[float]) -> None:
    walk(dropline, *["scanned"] * 9)

    said = link(dropline, "--timeout", "25")

    assert said.code == 6
    assert "the code was scanned, but not confirmed within 25 s" in said.err
    assert sum(slept) == pytest.approx(25, abs=1)
    assert requests(dropline, CHECK) == 3


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "error_before", "status": 500},
        {"kind": "lost_answer"},
        {"kind": "rate_limit", "retry_after_s": 15},
    ],
    ids=lambda fault: fault["kind"],
)
def test_a_check_that_goes_wrong_is_asked_again(
    dropline: Shell,
    slept: list[float],
    monkeypatch: pytest.MonkeyPatch,
    fault: dict[str, object],
) -> None:
    walk(dropline, "new", "new")
    pass_at_once = SystemClock.sleep

    def spoil_the_first_check(clock: SystemClock, duration: timedelta) -> None:
        if not slept:
            dropline.sandbox.add_faults([{"provider": "wahdx", "call": "qr", **fault}])
        pass_at_once(clock, duration)

    monkeypatch.setattr(SystemClock, "sleep", spoil_the_first_check)
    said = link(dropline)

    assert said.code == 0
    assert requests(dropline, ASKED) == 1


@pytest.mark.parametrize("name", ["wonda", "genviral", "posteverywhere"])
def test_providers_that_link_elsewhere_say_so(name: str, dropline: Shell) -> None:
    said = dropline("accounts", "link", "--connection", name)

    assert said.code == 2
    assert f"connection {name}: {name} links no accounts by a code; wahdx can" in said.err


def test_a_code_that_cannot_be_drawn_is_written_instead(
    dropline: Shell, slept: list[float], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blank = "data:image/png;base64,iVBORw0KGgo="
    monkeypatch.setattr(segno.QRCode, "png_data_uri", lambda *_, **__: blank)

    assert "--image FILE writes it" in link(dropline).err
    said = link(dropline, "--image", str(tmp_path / "code.png"))

    assert said.code == 0
    assert "open " in said.err
    assert (tmp_path / "code.png").read_bytes() == base64.b64decode(blank[22:])


def test_ctrl_c_ends_the_wait_in_one_line(dropline: Shell) -> None:
    words = ["accounts", "link", "--connection", "wahdx"]
    with subprocess.Popen(
        [sys.executable, "-c", "from shared.cli import main; main()", *words],
        env={**os.environ, **dropline.variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as waiting:
        assert waiting.stderr is not None
        assert "Scan it" in waiting.stderr.readline()
        waiting.send_signal(signal.SIGINT)
        _, err = waiting.communicate(timeout=20)

    assert waiting.returncode == 130
    assert err.count("\n") == 1
    assert "no longer waiting" in err
