"""`python -m shared.sandbox` says where it listens and stops when it is told to."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_announces_itself_and_ends_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    scenario = tmp_path / "scenario.json"
    scenario.write_text(json.dumps({"faults": [{"kind": "slow", "call": "publish"}]}))
    command = [sys.executable, "-m", "shared.sandbox", "--scenario", str(scenario)]

    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        announced = json.loads(running.stdout.readline())
        faults = httpx.get(f"{announced['url']}/_sandbox/faults").json()["faults"]
        running.send_signal(number)
        code = running.wait(timeout=10)

    assert set(announced["base_urls"]) == set(announced["api_keys"]) >= {"wonda", "wahdx"}
    assert [fault["kind"] for fault in faults] == ["slow"]
    assert code == 0
