"""The demo's own world: a home, a Redis, a sandbox and the real processes, all gone afterwards."""

import json
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from shared import logs
from shared.bootstrap import Parts
from shared.cli.processes import process_children
from shared.cli.stack import redis_for, sandbox, sandbox_variables
from shared.errors import InputError
from shared.pulse import ALIVE_WITHIN
from shared.rows import Row, read_file
from shared.settings import child_environment, read_settings
from shared.supervisor import Supervisor

START_WITHIN = timedelta(seconds=60)

_SAMPLE = files("shared.cli.demo")


@dataclass(frozen=True, slots=True)
class Stage:
    """What the demo plays on; `url` is the sandbox's."""

    home: Path
    parts: Parts
    url: str

    def rows(self) -> list[Row]:
        """Read the sample campaign, with its media at the sandbox's media host."""
        sample = _SAMPLE.joinpath("campaign.jsonl").read_text(encoding="utf-8")
        path = self.home / "campaign.jsonl"
        path.write_text(sample.replace("{media}", f"{self.url}/media"), encoding="utf-8")
        rows, problems = read_file(path)
        if problems:
            raise InputError("the sample campaign is broken", [str(each) for each in problems])
        return rows

    def stored(self) -> list[dict[str, Any]]:
        """Ask the sandbox for everything that its four providers ever stored."""
        asked = f"{self.url}/_sandbox/stored"
        with urllib.request.urlopen(asked, timeout=10) as answer:  # noqa: S310 - our own sandbox
            stored: list[dict[str, Any]] = json.load(answer)["stored"]
        return stored


@contextmanager
def stage() -> Iterator[Stage]:
    """Set everything up in a folder of its own and take everything down again."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dropline-demo-")))
        log = stack.enter_context((home / "demo.log").open("w", encoding="utf-8"))
        scenario = stack.enter_context(as_file(_SAMPLE.joinpath("scenario.json")))
        far_end = stack.enter_context(sandbox("--scenario", str(scenario), stream=log))
        environment = _environment(home, sandbox_variables(far_end))
        settings = read_settings(environment)
        logs.configure(settings.log_format, "error")
        redis_url = stack.enter_context(redis_for(settings, log))
        environment["DROPLINE_REDIS_URL"] = redis_url
        parts = stack.enter_context(Parts.of(replace(settings, redis_url=redis_url)))
        parts.ledger.schema.upgrade()
        children = process_children(settings, environment)
        playing = Supervisor([each for each in children if each.name != "flower"], log)
        supervisor = stack.enter_context(playing)
        supervisor.wait_ready(lambda: _all_alive(parts), START_WITHIN)
        yield Stage(home, parts, far_end["url"])


def _environment(home: Path, variables: Mapping[str, str]) -> dict[str, str]:
    """Return our environment without any setting of a real Dropline: the demo touches none."""
    inherited = child_environment()
    kept = {name: value for name, value in inherited.items() if not name.startswith("DROPLINE_")}
    config = home / "dropline.toml"
    config.touch()
    return {
        **kept,
        **variables,
        "DROPLINE_HOME": str(home),
        "DROPLINE_CONFIG": str(config),
        "DROPLINE_LOG_FORMAT": "json",
    }


def _all_alive(parts: Parts) -> bool:
    alive = parts.ledger.heartbeats.alive(parts.clock.now(), ALIVE_WITHIN)
    return {"worker", "scheduler", "beat"} <= {each.kind for each in alive}
