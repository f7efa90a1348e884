"""The processes of `up` are those of the Procfile, with the same commands."""

import re
import shlex
from collections.abc import Mapping
from pathlib import Path

from shared.cli.processes import flower_auth, process_children
from shared.settings import read_settings
from shared.supervisor import Child

PROCFILE = Path(__file__).parents[3] / "Procfile"


def test_every_process_of_the_procfile_is_run_with_its_command() -> None:
    settings = read_settings({"DROPLINE_FLOWER_PORT": "5555"})
    children = process_children(settings, {})

    assert {child.name: _words(child) for child in children} == _procfile()


def test_flower_always_has_a_password() -> None:
    made_up = flower_auth({})

    assert re.fullmatch(r"dropline:\S{12,}", made_up)
    assert made_up != flower_auth({})
    assert flower_auth({"DROPLINE_FLOWER_AUTH": "me:secret"}) == "me:secret"


def _words(child: Child) -> list[str]:
    """Return the command from `celery` on, with the node's name as the Procfile has it."""
    words = list(child.argv)
    command = words[words.index("celery") :]
    return [re.sub(r"-\d+@%h$", "-$$@%h", word) for word in command]


def _procfile() -> Mapping[str, list[str]]:
    lines = [line.partition(": ") for line in PROCFILE.read_text().splitlines()]
    return {name: _command(shlex.split(command)) for name, _, command in lines}


def _command(words: list[str]) -> list[str]:
    if words[:2] == ["sh", "-c"]:
        words = shlex.split(words[2].replace("${DROPLINE_FLOWER_PORT:-5555}", "5555"))
    return words[words.index("celery") :]
