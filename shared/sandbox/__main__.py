"""`python -m shared.sandbox`: the sandbox in the foreground until it is told to stop."""

import argparse
import json
import signal
import sys
import threading
from pathlib import Path

from shared.sandbox.scenario import Scenario, read_scenario
from shared.sandbox.server import Sandbox


def main() -> int:
    options = _options()
    scenario = Scenario() if options.scenario is None else read_scenario(options.scenario)
    sandbox = Sandbox(
        clock_factor=options.clock_factor,
        port=options.port,
        seed=options.seed,
        media_delay=scenario.media_delay,
        limits=None if scenario.limits is None else list(scenario.limits),
    )
    sandbox.add_faults(list(scenario.faults))
    told_to_stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told_to_stop.set())
    with sandbox:
        _announce(sandbox)
        told_to_stop.wait()
    return 0


def _announce(sandbox: Sandbox) -> None:
    line = {"url": sandbox.url, "base_urls": sandbox.base_urls, "api_keys": sandbox.api_keys}
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m shared.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 picks a free one")
    parser.add_argument("--clock-factor", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--scenario", type=Path, help='JSON: {"faults": [...], "limits": [...], "media_delay_s": 2}'
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
