"""The files that run Dropline name only commands, variables and packages that exist."""

import os
import re
import shlex
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
import yaml

from shared.providers import providers
from shared.settings import KNOWN_VARIABLES, is_known

ROOT = Path(__file__).parents[2]
#: Neither committed nor ours to judge.
NOT_COMMITTED = {".git", ".venv", ".dropline", "__pycache__", "build", "dist", ".env"}
OWN_PACKAGES = {"worker", "scheduler", "shared", "tests"}
PROVIDERS = ("genviral", "posteverywhere", "wahdx", "wonda")
PROCESSES = ("worker", "scheduler", "beat", "flower")
TARGETS = ("help", "setup", "demo", "up", "test", "check", "pins", "clean")
#: What a worker may take beyond its longest job, to hand back what was not sent.
TO_HAND_BACK = timedelta(seconds=15)

_VARIABLE = re.compile(r"\bDROPLINE_[A-Z0-9_]*[A-Z0-9]")
_INDEX_ADDRESS = re.compile(r"https?://[^\s'\"]+/simple\b|--(extra-)?index-url[= ]+http")


def yaml_of(name: str) -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.safe_load((ROOT / name).read_text())
    return parsed


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def compose() -> dict[str, dict[str, Any]]:
    """Give the compose file's services: everything but `migrate` stays up."""
    found: dict[str, dict[str, Any]] = yaml_of("compose.yaml")["services"]
    return found


def procfile() -> dict[str, str]:
    lines = (ROOT / "Procfile").read_text().splitlines()
    return {name: command.strip() for name, _, command in (line.partition(":") for line in lines)}


def program_of(command: str) -> list[str]:
    """Give the arguments of the program that a Procfile line becomes."""
    words = shlex.split(command)
    if words[:2] == ["sh", "-c"]:
        words = shlex.split(words[2].rpartition("exec ")[2])
    return words


def example() -> dict[str, str]:
    lines = (ROOT / ".env.example").read_text().splitlines()
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name: value for name, _, value in pairs}


def seconds(text: str) -> timedelta:
    assert text.endswith("s")
    return timedelta(seconds=int(text[:-1]))


def assert_exists(argv: list[str]) -> None:
    """Accept our own entry point, or Celery with an app that there is."""
    if argv[0] == "dropline":
        assert "dropline" in project()["project"]["scripts"]
        return
    assert argv[:2] == ["celery", "-A"], argv
    source = (ROOT / argv[2].replace(".", "/")).with_suffix(".py").read_text()
    assert re.search(r"^app\b.*=", source, re.MULTILINE), f"{argv[2]} has no `app`"


def committed() -> Iterator[Path]:
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [
            name
            for name in folders
            if name not in NOT_COMMITTED and not name.endswith(("_cache", ".egg-info"))
        ]
        yield from (Path(folder) / name for name in files if name not in NOT_COMMITTED)


@pytest.mark.parametrize("name", PROCESSES)
def test_each_line_of_the_procfile_is_a_command_that_exists(name: str) -> None:
    assert_exists(program_of(procfile()[name]))


def test_the_procfile_and_compose_run_the_same_processes() -> None:
    assert set(procfile()) == set(PROCESSES)
    for name in PROCESSES:
        apart = program_of(procfile()[name])[:4], compose()[name]["command"][:4]
        assert apart[0] == apart[1]


@pytest.mark.parametrize("name", ["worker", "scheduler"])
def test_any_number_of_a_process_has_names_of_their_own_on_one_machine(name: str) -> None:
    assert f"-n {name}-$$@%h" in procfile()[name]


@pytest.mark.parametrize(("name", "queue"), [("worker", "publish"), ("scheduler", "ticks")])
def test_publishes_and_ticks_do_not_share_a_queue(name: str, queue: str) -> None:
    for argv in (program_of(procfile()[name]), compose()[name]["command"]):
        assert argv[argv.index("-Q") + 1] == queue
        assert "-E" in argv


def test_flower_never_starts_without_a_password() -> None:
    command = procfile()["flower"]
    assert command.index("DROPLINE_FLOWER_AUTH=") < command.index("export FLOWER_BASIC_AUTH=")
    assert command.index("export FLOWER_BASIC_AUTH=") < command.index("exec celery")
    assert compose()["flower"]["environment"]["FLOWER_BASIC_AUTH"].startswith(
        "${DROPLINE_FLOWER_AUTH:?"
    )


@pytest.mark.parametrize("name", sorted(set(compose()) - {"postgres", "valkey"}))
def test_each_command_of_compose_exists(name: str) -> None:
    assert_exists(compose()[name]["command"])


@pytest.mark.parametrize("name", sorted(set(compose()) - {"migrate"}))
def test_what_stays_up_is_watched_and_restarted(name: str) -> None:
    assert compose()[name]["restart"] == "unless-stopped"
    assert compose()[name]["healthcheck"]["test"]


def test_a_worker_is_not_cut_off_in_its_longest_job() -> None:
    longest = max(provider.capabilities.job_deadline for provider in providers().values())
    assert seconds(compose()["worker"]["stop_grace_period"]) >= longest + TO_HAND_BACK


@pytest.mark.parametrize("name", sorted(set(compose()) - {"worker"}))
def test_the_others_have_a_minute_to_stop(name: str) -> None:
    assert seconds(compose()[name]["stop_grace_period"]) == timedelta(minutes=1)


def test_everything_waits_for_the_schema_and_for_redis() -> None:
    for name in PROCESSES:
        assert compose()[name]["depends_on"] == {
            "migrate": {"condition": "service_completed_successfully"},
            "valkey": {"condition": "service_healthy"},
        }
    assert compose()["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}


def test_redis_keeps_everything_and_evicts_nothing() -> None:
    command = " ".join(compose()["valkey"]["command"])
    assert "--maxmemory-policy noeviction" in command
    assert "--appendonly yes" in command


def test_compose_has_no_password_of_its_own() -> None:
    text = (ROOT / "compose.yaml").read_text()
    for secret in ("POSTGRES_PASSWORD", "VALKEY_PASSWORD", "DROPLINE_FLOWER_AUTH"):
        uses = re.findall(rf"\$\{{{secret}(..)", text)
        assert uses
        assert set(uses) == {":?"}


@pytest.mark.parametrize("name", ["compose.yaml", "Procfile", ".env.example", "Dockerfile"])
def test_every_variable_is_one_that_dropline_reads(name: str) -> None:
    unknown = {each for each in _VARIABLE.findall((ROOT / name).read_text()) if not is_known(each)}
    assert not unknown


def test_the_example_lists_every_variable() -> None:
    of_providers = {
        f"DROPLINE_{name.upper()}_{what}" for name in PROVIDERS for what in ("API_KEY", "BASE_URL")
    }
    ours = {name for name in example() if name.startswith("DROPLINE_")}

    assert ours == KNOWN_VARIABLES | of_providers


def test_the_example_holds_no_value() -> None:
    assert not [name for name, value in example().items() if value]


def test_the_example_serves_what_compose_asks_for() -> None:
    asked = set(re.findall(r"\$\{(\w+)", (ROOT / "compose.yaml").read_text()))
    assert asked <= set(example())


@pytest.mark.parametrize("target", TARGETS)
def test_make_has_the_target_and_says_what_it_does(target: str) -> None:
    makefile = (ROOT / "Makefile").read_text()
    assert re.search(rf"^{target}:.*## \w", makefile, re.MULTILINE)


def test_ci_runs_test_check_and_demo_within_limits() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    steps = re.findall(r"^timeout .*make (\w+)$", script.read_text(), re.MULTILINE)
    assert steps == ["test", "check", "demo"]


def test_commit_hooks_are_local_and_pinned() -> None:
    for repository in yaml_of(".pre-commit-config.yaml")["repos"]:
        assert repository["repo"] == "local"
        assert all(hook["entry"].startswith(".venv/bin/") for hook in repository["hooks"])


def test_the_image_holds_every_package_of_ours() -> None:
    packages = project()["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    for package in packages:
        assert f"COPY {package} {package}\n" in (ROOT / "Dockerfile").read_text()
        assert f"!{package}\n" in (ROOT / ".dockerignore").read_text()


def test_no_committed_file_names_a_package_index() -> None:
    for path in committed():
        if path.suffix in {".png", ".jpg", ".mp4", ".db"} or path == Path(__file__):
            continue
        assert not _INDEX_ADDRESS.search(path.read_text(errors="replace")), path


def test_no_installed_package_has_the_name_of_one_of_ours() -> None:
    for package in OWN_PACKAGES:
        assert set(packages_distributions().get(package, [])) <= {"dropline"}
