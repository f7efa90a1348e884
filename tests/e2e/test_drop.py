"""One carousel of ten images to many accounts, by the command, on real processes."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from shared.cli import app
from shared.sandbox.accounts import SandboxAccount
from shared.sandbox.windows import Limit
from shared.sandbox.wonda.seeds import INSTAGRAM_SCOPE
from tests.support.stack import Stack, ended_well, stack

SLIDES = 10
#: Requests a second: every upload, look at the history, poll and publish is one. So few that the
#: processes wait for one another's slots all the time.
PER_SECOND = 60
pytestmark = pytest.mark.timeout(120)


@dataclass(frozen=True)
class Crowd:
    """So many accounts of one provider, and what it takes to bring it ten images."""

    provider: str
    accounts: int
    #: Of its accounts' ids, before the number.
    prefix: str
    uploads: dict[int, int]
    by_url: bool = False
    database: str = "sqlite"

    @property
    def config(self) -> str:
        limit = f'{{ requests = {PER_SECOND}, per = "1s", window = "sliding" }}'
        return f"[connections.{self.provider}]\nlimits = [{limit}]\n"

    def gather(self, kept: dict[str, SandboxAccount]) -> None:
        """Leave the provider's sandbox these accounts, and no others."""
        kept.clear()
        for number in range(self.accounts):
            extra = {"number": number, "scopes": [INSTAGRAM_SCOPE]}
            account_id, name = f"{self.prefix}{number:04d}", f"shop.{number}"
            kept[account_id] = SandboxAccount(account_id, "instagram", name, name, extra=extra)


CROWDS = [
    # Ten files go in one request.
    Crowd("wonda", 300, "7d0c1a52-93a5-4a0e-8a55-0f6f2f6f", {200: 1}),
    # Each address is imported once for the connection.
    Crowd("posteverywhere", 24, "5", {201: SLIDES}, by_url=True, database="postgresql"),
]


@pytest.fixture(params=CROWDS, ids=lambda crowd: f"{crowd.provider}-{crowd.database}")
def crowd(request: pytest.FixtureRequest) -> Crowd:
    found: Crowd = request.param
    return found


@pytest.fixture
def running(crowd: Crowd, redis_url: str, request: pytest.FixtureRequest) -> Iterator[Stack]:
    limit = Limit(crowd.provider, PER_SECOND, timedelta(seconds=1), window="sliding")
    url = request.getfixturevalue("postgres_url") if crowd.database == "postgresql" else None
    told = {"limits": [limit], "media_delay": timedelta(0)}
    with stack(url, redis_url, crowd.config, **told) as made:
        crowd.gather(made.sandbox.providers[crowd.provider].accounts)
        made.start("worker1", "worker2", "scheduler", "beat")
        yield made


def drop(running: Stack, crowd: Crowd, name: str, media: list[str]) -> None:
    words = ["drop", "--name", name, "--provider", crowd.provider, "--healthy", "--yes", "--json"]
    words += ["--caption", f"{name} at {{username}}"]
    words += [word for each in media for word in ("--media", each)]
    said = CliRunner().invoke(app, words, env=running.environment)
    assert said.exit_code == 0, said.stderr
    assert json.loads(said.stdout)["added"] == crowd.accounts


def calls(running: Stack) -> Counter[tuple[str, int | None]]:
    return Counter((each["call"], each["status"]) for each in running.sandbox.requests())


def slides(running: Stack, crowd: Crowd, folder: Path) -> list[str]:
    if crowd.by_url:
        return [running.sandbox.media_url(f"{number}.jpg") for number in range(SLIDES)]
    for number in range(SLIDES):
        (folder / f"{number}.jpg").write_bytes(b"slide %d" % number)
    return [str(folder / f"{number}.jpg") for number in range(SLIDES)]


def test_ten_images_are_uploaded_once_for_all_accounts_and_all_runs(
    running: Stack, crowd: Crowd, tmp_path: Path
) -> None:
    """Two workers share the uploads; both are stopped on the way and started anew."""
    published = 201 if crowd.provider == "posteverywhere" else 200

    drop(running, crowd, "test", slides(running, crowd, tmp_path))
    running.wait_for(lambda: calls(running)["publish", published] > crowd.accounts // 10)
    for name in ("worker1", "worker2"):
        running.terminate(name)
    running.start("worker1", "worker2")
    jobs = running.wait_at_rest("test")

    assert len(jobs) == crowd.accounts
    assert ended_well(jobs), Counter(job.state for job in jobs)
    stored = running.sandbox.stored()
    assert Counter(each["account_id"] for each in stored) == dict.fromkeys(
        running.sandbox.providers[crowd.provider].accounts, 1
    )
    assert len({tuple(each["media"]) for each in stored}) == 1
    assert {len(each["media"]) for each in stored} == {SLIDES}
    assert {each["caption"] for each in stored} == {
        f"test at shop.{number}" for number in range(crowd.accounts)
    }
    asked = calls(running)
    uploads = Counter(
        {status: count for (call, status), count in asked.items() if call == "upload"}
    )
    assert uploads == crowd.uploads
    assert not [call for call in asked if call[1] == 429]
    assert running.sandbox.violations() == []
