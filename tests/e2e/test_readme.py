"""Every command of the README does what the README says, in the order in which it stands there."""

import csv
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.stack import ROOT, Stack, stack

pytestmark = pytest.mark.timeout(240)

ACCOUNT = "1f0a0f52-6a2e-4c55-9d1e-aa00000000{:02}"

#: `make` targets and `dropline up` have tests of their own; CI runs the former.
ELSEWHERE = ("make ", "dropline up", "export ")

#: Two answers are lost on purpose, and wait for a person until `jobs resolve`.
EXIT_CODES = {"dropline campaign wait autumn --timeout 600": 4}


@pytest.fixture(scope="module")
def running(request: pytest.FixtureRequest) -> Iterator[Stack]:
    server = request.getfixturevalue("redis_server")
    server.flush()
    with stack(None, server.url) as made:
        made.sandbox.add_fault("lost_answer", provider="wahdx", caption="lost", count=2)
        write_posts(made, made.home / "posts.csv")
        made.start("worker", "scheduler", "beat")
        yield made


def write_posts(made: Stack, path: Path) -> None:
    """Write eighteen posts; the answers to the last two, ids 17 and 18, get lost."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["ref", "provider", "platform", "account", "caption", "media"])
        for number in range(1, 19):
            caption = f"post {number}" + (" is lost" if number > 16 else "")
            media = made.sandbox.media_url(f"{number}.jpg")
            account = ACCOUNT.format(14 + (number - 1) % 9 + 1)
            writer.writerow([f"r{number}", "wahdx", "instagram", account, caption, media])


def commands() -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    lines = [line.partition("#")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line and not line.startswith(ELSEWHERE)]


def test_every_command_of_the_readme_works(running: Stack) -> None:
    assert len(commands()) > 12
    for command in commands():
        ran = subprocess.run(
            shlex.split(command),
            cwd=running.home,
            env=running.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        expected = EXIT_CODES.get(command, 0)
        assert ran.returncode == expected, f"{command}\n{ran.stdout}\n{ran.stderr}"


def test_the_sample_row_of_the_readme_is_a_row() -> None:
    from shared.rows.documents import read_json_lines  # noqa: PLC0415

    (block,) = re.findall(r"```json\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    (found,) = read_json_lines([" ".join(block.split())])
    assert found.notes == ()
