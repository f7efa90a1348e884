"""Checks against the sandbox: real wires, real media, real creators."""

import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from shared.sandbox.server import Sandbox
from tests.unit.cli.conftest import Shell

#: WAHDX's second TikTok account in the sandbox may not post to everyone.
NARROW = "1f0a0f52-6a2e-4c55-9d1e-aa0000000002"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(limits=[]) as running:
        yield running


@pytest.fixture
def dropline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, redis_url: str, sandbox: Sandbox
) -> Shell:
    monkeypatch.chdir(tmp_path)
    shell = Shell(tmp_path)
    shell.variables["DROPLINE_REDIS_URL"] = redis_url
    for name, url in sandbox.base_urls.items():
        shell.variables[f"DROPLINE_{name.upper()}_BASE_URL"] = url
        shell.variables[f"DROPLINE_{name.upper()}_API_KEY"] = sandbox.api_keys[name]
    assert shell("db", "upgrade").code == 0
    return shell


def sample(sandbox: Sandbox) -> list[dict[str, Any]]:
    text = files("shared.cli.demo").joinpath("campaign.jsonl").read_text(encoding="utf-8")
    lines = text.replace("{media}", f"{sandbox.url}/media").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def test_the_sample_campaign_has_no_error(dropline: Shell, sandbox: Sandbox) -> None:
    rows = sample(sandbox)
    said = dropline("campaign", "check", dropline.file("campaign.jsonl", *rows), "--json")

    assert (said.code, said.json["notes"], said.json["jobs"]) == (0, [], len(rows))
    surprising = {(each["ref"], each["field"]) for each in said.json["problems"]}
    assert surprising == {
        ("wonda-tt-video-2", "options.ai_generated"),
        ("wonda-tt-inbox", "options.ai_generated"),
        # The sandbox's films last five seconds.
        *((f"gv-{name}", "media[0]") for name in ("ig-video", "tt-video", "youtube")),
    }
    on_tiktok = {
        (each["provider"], each["account"])
        for each in rows
        if each["platform"] == "tiktok" and each["provider"] in {"wonda", "wahdx"}
    }
    asked = [each for each in sandbox.requests() if each["call"] == "creator"]
    assert len(asked) == len(on_tiktok)


def test_what_the_sandbox_would_refuse_is_found_before(dropline: Shell, sandbox: Sandbox) -> None:
    narrow: dict[str, Any] = {
        "ref": "narrow",
        "provider": "wahdx",
        "platform": "tiktok",
        "account": NARROW,
        "media": [f"{sandbox.url}/media/a.jpg"],
        "options": {"privacy": "public"},
    }
    gone: dict[str, Any] = {**narrow, "ref": "gone", "media": [f"{sandbox.url}/media/missing.jpg"]}
    gone["options"] = {"privacy": "private"}
    said = dropline("campaign", "check", dropline.file("posts.jsonl", narrow, gone), "--json")

    assert said.code == 2
    found = [(each["ref"], each["field"], each["warning"]) for each in said.json["problems"]]
    assert found == [("narrow", "options.privacy", False), ("gone", "media[0]", False)]
