"""The ground on which mutants live: a temporary copy of the tree, in which one file is changed."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from tests.mutants.catalogue import Mutant

ROOT = Path(__file__).parents[2]

#: What the tests import or read; everything else of a checkout stays where it is.
PARTS = ("shared", "worker", "scheduler", "tests", "pyproject.toml", "Procfile")

#: A run that goes on longer has escaped even pytest's own limit.
RUN_S = 300

PASSED, FAILED = 0, 1
_VERDICT = re.compile(r"^(?:FAILED|ERROR) (\S+::.+?)(?: - .*)?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of tests came to."""

    status: int
    failed: str
    seconds: float
    output: str


class Ground:
    """A copy of the tree, and the tests run in it."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @contextmanager
    def changed(self, mutant: Mutant) -> Iterator[None]:
        """Change one file for as long as the block runs."""
        file = self._root / mutant.path
        before, after = file.read_text(), mutant.applied(self._root)
        self._write(file, after)
        try:
            yield
        finally:
            self._write(file, before)

    def run(self, tests: Iterable[str], timeout_s: int) -> Run:
        started = monotonic()
        arguments = ["-x", "-q", "--tb=short", "-p", "no:cacheprovider", f"--timeout={timeout_s}"]
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *arguments, *tests],
            cwd=self._root,
            env={**os.environ, "PYTHONPATH": str(self._root)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=RUN_S,
            check=False,
        )
        failed = _VERDICT.search(done.stdout)
        seconds = monotonic() - started
        return Run(done.returncode, failed[1] if failed else "", seconds, done.stdout)

    def _write(self, file: Path, text: str) -> None:
        file.write_text(text)
        # Two texts of one second and one size would share their compiled form.
        for compiled in (file.parent / "__pycache__").glob(f"{file.stem}.*.pyc"):
            compiled.unlink()


@contextmanager
def copied() -> Iterator[Ground]:
    """Give a copy of the tree; the checkout itself is never touched."""
    with tempfile.TemporaryDirectory(prefix="dropline-mutants-") as folder:
        for part in PARTS:
            source, target = ROOT / part, Path(folder) / part
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(source, target)
        yield Ground(Path(folder))
