"""The real processes, started as the Procfile starts them, against a sandbox in this process."""

import os
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from shared.bootstrap import Parts
from shared.domain.campaign import CampaignRules
from shared.domain.job import Job
from shared.domain.states import AT_REST, State
from shared.embedded.waiting import until
from shared.guardian import Guardian
from shared.ledger.jobs import JobFilter
from shared.producer import Submission
from shared.rows import Row, read_row
from shared.sandbox.server import Sandbox
from shared.settings import read_settings

ROOT = Path(__file__).parents[2]
PATIENCE = timedelta(seconds=60)

#: The sheet's figures for PostEverywhere would stretch every test over minutes.
UNLIMITED = "[connections.posteverywhere]\nlimits = []\n"


def procfile() -> Mapping[str, str]:
    """Return the Procfile's commands by name."""
    lines = (ROOT / "Procfile").read_text().splitlines()
    pairs = (line.partition(":") for line in lines if line.strip() and not line.startswith("#"))
    return {name.strip(): command.strip() for name, _, command in pairs}


class Stack:
    """Real workers, schedulers and beats over one ledger, one Redis and one sandbox."""

    def __init__(
        self,
        home: Path,
        database_url: str,
        redis_url: str,
        sandbox: Sandbox,
        config: str = UNLIMITED,
    ) -> None:
        self.home = home
        self.sandbox = sandbox
        self.commands = dict(procfile())
        written = home / "dropline.toml"
        written.write_text(config)
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("DROPLINE_")},
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "DROPLINE_HOME": str(home),
            "DROPLINE_DATABASE_URL": database_url,
            "DROPLINE_REDIS_URL": redis_url,
            "DROPLINE_CONFIG": str(written),
            "DROPLINE_LOG_FORMAT": "json",
            **_connections(sandbox),
        }
        self.parts = Parts.of(read_settings(self.environment))
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        #: Ends what is left when the test itself is killed.
        self._guardian = Guardian()

    def start(self, *kinds: str) -> None:
        """Start processes by the Procfile's name; a digit at the end tells two of a kind apart."""
        for name in kinds:
            command = self.commands[name.rstrip("0123456789")]
            if name in self._processes:
                self._let_go(name)
            with (self.home / f"{name}.log").open("ab") as log:
                self._processes[name] = subprocess.Popen(
                    shlex.split(command),
                    cwd=self.home,
                    env=self.environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            self._guardian.watch(self._processes[name].pid)

    def kill(self, name: str) -> None:
        """End a process as a crash would."""
        process = self._let_go(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=10)

    def terminate(self, name: str, within: timedelta = PATIENCE) -> int:
        """Ask a process to stop and return its exit status."""
        process = self._let_go(name)
        process.send_signal(signal.SIGTERM)
        try:
            return process.wait(timeout=within.total_seconds())
        finally:
            _end(process)

    def _let_go(self, name: str) -> "subprocess.Popen[bytes]":
        """Forget a process, whose end is now the caller's business."""
        process = self._processes.pop(name)
        self._guardian.release(process.pid)
        return process

    def pid(self, name: str) -> int:
        return self._processes[name].pid

    def is_running(self, name: str) -> bool:
        """Whether a process was started and has not ended."""
        return name in self._processes and self._processes[name].poll() is None

    def exit_status(self, name: str, within: timedelta = PATIENCE) -> int:
        """Wait for a process that ends by itself."""
        process = self._let_go(name)
        try:
            return process.wait(timeout=within.total_seconds())
        finally:
            _end(process)

    def revive(self) -> None:
        """Start again what has ended, as a supervisor would."""
        for name in [name for name, one in self._processes.items() if one.poll() is not None]:
            self.start(name)

    def pids(self) -> Mapping[str, int]:
        return {name: process.pid for name, process in self._processes.items()}

    def log(self, name: str) -> str:
        return (self.home / f"{name}.log").read_text(errors="replace")

    def logs(self) -> str:
        return "\n".join(self.log(path.stem) for path in sorted(self.home.glob("*.log")))

    def submit(
        self,
        rows: Sequence[Mapping[str, Any]],
        campaign: str = "test",
        rules: CampaignRules | None = None,
    ) -> Submission:
        """Hand rows over as `campaign load` does."""
        read = self.read(rows)
        return self.parts.producer.submit(read, campaign=campaign, rules=rules, by="test")

    @staticmethod
    def read(rows: Sequence[Mapping[str, Any]]) -> list[Row]:
        found = []
        for number, raw in enumerate(rows, 1):
            row, problems = read_row(raw, f"row {number}")
            assert row is not None, problems
            found.append(row)
        return found

    def jobs(self, campaign: str = "test") -> list[Job]:
        ledger = self.parts.ledger
        return ledger.jobs.page(JobFilter(campaign=campaign), limit=100_000, before=None)

    def wait_at_rest(self, campaign: str = "test", within: timedelta = PATIENCE) -> list[Job]:
        """Wait until every job has ended or is held."""
        self.wait_for(lambda: self.parts.ledger.campaigns.moving(campaign) == 0, within)
        return self.jobs(campaign)

    def wait_for(self, predicate: Callable[[], bool], within: timedelta = PATIENCE) -> None:
        if not until(predicate, within):
            raise AssertionError(f"it did not come to that within {within}:\n{self.say()}")

    def say(self) -> str:
        """Tell where everything is, for a test that failed."""
        moving = [job for job in self.jobs() if job.state not in AT_REST]
        lines = [f"{len(moving)} jobs move:"]
        lines += [f"{job.ref} {job.connection}: {job.state} {job.reason}" for job in moving[:50]]
        return "\n".join(lines) + "\n" + self.logs()[-6_000:]

    def close(self) -> None:
        for name in list(self._processes):
            _end(self._let_go(name))
        self._guardian.close()
        self.parts.close()


@contextmanager
def stack(
    database_url: str | None, redis_url: str, config: str = UNLIMITED, **sandbox: Any
) -> Iterator[Stack]:
    """Give a stack with an up-to-date schema and nothing started; SQLite when no URL is given."""
    with ExitStack() as stacked:
        home = Path(stacked.enter_context(tempfile.TemporaryDirectory(prefix="dropline-stack-")))
        far_end = stacked.enter_context(
            Sandbox(**{"media_delay": timedelta(seconds=0.5), "limits": [], **sandbox})
        )
        url = database_url or f"sqlite:///{home}/dropline.db"
        made = Stack(home, url, redis_url, far_end, config)
        stacked.callback(made.close)
        made.parts.ledger.schema.upgrade()
        yield made


def ended_well(jobs: Sequence[Job]) -> bool:
    return all(job.state is State.SUCCEEDED for job in jobs)


def _connections(sandbox: Sandbox) -> dict[str, str]:
    variables = {}
    for name, url in sandbox.base_urls.items():
        variables[f"DROPLINE_{name.upper()}_BASE_URL"] = url
        variables[f"DROPLINE_{name.upper()}_API_KEY"] = sandbox.api_keys[name]
    return variables


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=10)
