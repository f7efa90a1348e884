"""`dropline demo` that is told to stop leaves nothing, however its parent had set the signals."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_demo_that_is_stopped_ends_as_ctrl_c_does(number: signal.Signals) -> None:
    command = f"trap '' INT; exec {Path(sys.executable).with_name('dropline')} demo"
    with subprocess.Popen(
        ["sh", "-c", command],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    ) as demo:
        assert demo.stderr
        assert "starting" in demo.stderr.readline()
        demo.send_signal(number)
        assert demo.wait(timeout=60) == 130
