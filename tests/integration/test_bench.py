"""The benchmarks run, and each gives its figure beside another."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_figure_has_something_beside_it() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "bench", "--jobs", "20"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    figures = [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]
    assert len(figures) == 3
    assert all(figure["per_second"] > 0 < figure["beside_per_second"] for figure in figures)
