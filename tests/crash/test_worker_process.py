"""A real Celery worker, killed between claiming a job and its message's ack, and after the ack."""

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from shared.domain.post import Kind
from shared.domain.states import State
from tests.crash.site import PATIENCE, Plan, Sort, crash_site
from tests.support.scene import ACCOUNTS
from tests.support.stack import ROOT, procfile

GENVIRAL = Sort("genviral", "instagram", ACCOUNTS["genviral"], Kind.IMAGE)


@pytest.mark.parametrize("point", ["before ack", "after ack"])
def test_a_worker_killed_at_its_ack_publishes_once(
    redis_url: str, tmp_path: Path, point: str
) -> None:
    with crash_site(redis_url) as site:
        job_id = site.submit(GENVIRAL)
        ours = site.connections()
        with armed_worker(site.environment, point, tmp_path) as worker:
            assert site.parts.dispatcher.tick("test") == 1
            assert worker.wait(PATIENCE.total_seconds()) == -signal.SIGKILL
        site.until_quiet(ours)
        points = (tmp_path / "notes").read_text().splitlines()
        assert "after commit of job, event" in points[: points.index(point)]
        crash = site.recover(job_id, worker.returncode, points, Plan())
        assert (crash.job.state, crash.copies) == (State.SUCCEEDED, 1)
        assert list(site.parts.auditor.ledger_alone()) == []


@contextmanager
def armed_worker(
    environment: dict[str, str], point: str, folder: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Run the Procfile's worker with another `celery` on its path, which dies at the point."""
    celery = folder / "celery"
    armed = shlex.join(
        [sys.executable, "-m", "tests.crash.armed_worker", point, str(folder / "notes")]
    )
    celery.write_text(f'#!/bin/sh\nexec {armed} celery "$@"\n')
    celery.chmod(0o755)
    plain = {k: v for k, v in os.environ.items() if not k.startswith("DROPLINE_")}
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    with subprocess.Popen(
        shlex.split(procfile()["worker"]),
        cwd=ROOT,
        env={**plain, **environment, "PATH": path, "DROPLINE_LOG_FORMAT": "json"},
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    ) as worker:
        try:
            yield worker
        finally:
            worker.kill()
