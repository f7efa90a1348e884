"""Every benchmark runs at smoke size, and gives figures that can be read by a program."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.__main__ import NAMES

ROOT = Path(__file__).parents[2]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_gives_its_figures(name: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "bench", name],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=280,
    )
    (told,) = [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]
    assert told["bench"] == name
    assert told["figures"]
    assert all(figure["unit"] for figure in told["figures"])
    compared = [figure for figure in told["figures"] if figure["beside"]]
    assert all(figure["beside_value"] > 0 for figure in compared)
