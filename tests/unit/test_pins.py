"""The pinned lists hold what pyproject.toml asks for, with hashes, and name no package index."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
_PIN = re.compile(r"^([\w.\-]+)==([\w.!+]+)")


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def pinned(name: str) -> list[str]:
    """Give one text per pinned package: its version, its marker and its hashes."""
    lines = (ROOT / "requirements" / name).read_text().splitlines()
    text = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    return re.split(r"\n(?=\S)", text.strip())


def versions(name: str) -> dict[str, set[Version]]:
    found: dict[str, set[Version]] = {}
    for entry in pinned(name):
        match = _PIN.match(entry)
        assert match, f"not a pin: {entry}"
        found.setdefault(canonicalize_name(match[1]), set()).add(Version(match[2]))
    return found


def group(name: str) -> list[str]:
    asked: list[str] = []
    for entry in project()["dependency-groups"][name]:
        asked += [entry] if isinstance(entry, str) else group(entry["include-group"])
    return asked


def asked_for(name: str) -> list[Requirement]:
    run = project()["project"]["dependencies"]
    build = project()["build-system"]["requires"]
    asked = {
        "run": run,
        "dev": run + group("dev"),
        "build": build + group("build"),
        "peers": group("peers"),
    }
    return [Requirement(text) for text in asked[name]]


@pytest.mark.parametrize("name", ["run", "dev", "build", "peers"])
def test_every_requirement_is_pinned_to_a_version_it_allows(name: str) -> None:
    found = versions(f"{name}.txt")
    for requirement in asked_for(name):
        pins = found.get(canonicalize_name(requirement.name), set())
        assert pins, f"{requirement} is not pinned; run `make pins`"
        assert all(requirement.specifier.contains(pin) for pin in pins), (
            f"{requirement} does not allow {pins}; run `make pins`"
        )


@pytest.mark.parametrize("name", ["run", "dev", "build", "peers"])
def test_every_pin_has_a_hash(name: str) -> None:
    for entry in pinned(f"{name}.txt"):
        assert "--hash=sha256:" in entry, entry


def test_what_runs_is_the_same_in_development() -> None:
    development = versions("dev.txt")
    for package, pins in versions("run.txt").items():
        assert development[package] == pins
