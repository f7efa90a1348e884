"""One carousel of ten images to three hundred accounts, by the command, on real processes."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from shared.cli import app
from shared.sandbox.accounts import SandboxAccount
from shared.sandbox.server import Sandbox
from shared.sandbox.windows import Limit
from shared.sandbox.wonda.seeds import INSTAGRAM_SCOPE
from tests.support.stack import UNLIMITED, Stack, ended_well, stack

ACCOUNTS = 300
SLIDES = 10
#: Requests a second: every upload, look at the history and publish is one.
PER_SECOND = 200
CONFIG = f"""
[connections.wonda]
limits = [{{ requests = {PER_SECOND}, per = "1s", window = "sliding" }}]
"""
pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def running(redis_url: str) -> Iterator[Stack]:
    limit = Limit("wonda", PER_SECOND, timedelta(seconds=1), window="sliding")
    with stack(None, redis_url, limits=[limit], media_delay=timedelta(0)) as made:
        (made.home / "dropline.toml").write_text(UNLIMITED + CONFIG)
        crowd(made.sandbox)
        made.start("worker1", "worker2", "scheduler", "beat")
        yield made


def crowd(sandbox: Sandbox) -> None:
    """Give Wonda's sandbox three hundred accounts, and no others."""
    kept = sandbox.providers["wonda"].accounts
    kept.clear()
    for number in range(ACCOUNTS):
        extra = {"number": number, "scopes": [INSTAGRAM_SCOPE]}
        account_id = f"7d0c1a52-93a5-4a0e-8a55-0f6f2f6f{number:04d}"
        name = f"shop.{number}"
        kept[account_id] = SandboxAccount(account_id, "instagram", name, name, extra=extra)


def drop(running: Stack, name: str, *media: str) -> None:
    words = ["drop", "--name", name, "--provider", "wonda", "--healthy", "--yes", "--json"]
    words += ["--caption", f"{name} at {{username}}"]
    words += [word for each in media for word in ("--media", each)]
    said = CliRunner().invoke(app, words, env=running.environment)
    assert said.exit_code == 0, said.stderr
    assert json.loads(said.stdout)["added"] == ACCOUNTS


def calls(running: Stack) -> Counter[tuple[str, int | None]]:
    return Counter((each["call"], each["status"]) for each in running.sandbox.requests())


def test_ten_images_are_uploaded_once_for_all_accounts_and_all_runs(
    running: Stack, tmp_path: Path
) -> None:
    """Two workers share the uploads; one of them is killed on the way, all are started anew."""
    for number in range(SLIDES):
        (tmp_path / f"{number}.jpg").write_bytes(b"slide %d" % number)
    slides = [str(tmp_path / f"{number}.jpg") for number in range(SLIDES)]

    drop(running, "test", *slides)
    running.wait_for(lambda: calls(running)["publish", 200] > ACCOUNTS // 10)
    for name in ("worker1", "worker2"):
        running.terminate(name)
    running.start("worker1", "worker2")
    jobs = running.wait_at_rest("test")

    assert len(jobs) == ACCOUNTS
    assert ended_well(jobs), Counter(job.state for job in jobs)
    stored = running.sandbox.stored()
    assert Counter(each["account_id"] for each in stored) == dict.fromkeys(
        running.sandbox.providers["wonda"].accounts, 1
    )
    assert len({tuple(each["media"]) for each in stored}) == 1
    assert {len(each["media"]) for each in stored} == {SLIDES}
    assert {each["caption"] for each in stored} == {
        f"test at shop.{number}" for number in range(ACCOUNTS)
    }
    asked = calls(running)
    assert asked["upload", 200] == 1, "ten images in one request"
    assert not [call for call in asked if call[1] == 429]
    assert running.sandbox.violations() == []
