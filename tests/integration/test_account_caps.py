"""Caps of accounts, in the limiter of every process: by id, by name, and after a rename."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from shared.bootstrap import Parts
from shared.cli import app
from shared.domain.account import Account
from shared.domain.limit import Call, Scope
from shared.ledger.usernames import KEPT_S, MISSED_S
from shared.settings import read_settings
from tests.support.clock import FakeClock

CONFIG = """
[connections.wonda.accounts."@bread"]
limits = [{posts = 2, per = "24h", window = "rolling"}]
slots = {zone = "UTC", times = ["09:00"]}
[connections.wonda.accounts."9"]
limits = [{posts = 1, per = "24h", window = "rolling"}]
"""
BREAD = Account(account_id="7", platform="instagram", username="Bread")
CAKE = Account(account_id="8", platform="instagram", username="cake")


@pytest.fixture
def variables(redis_url: str, tmp_path: Path) -> dict[str, str]:
    config = tmp_path / "dropline.toml"
    config.write_text(CONFIG)
    return {
        "DROPLINE_HOME": str(tmp_path),
        "DROPLINE_CONFIG": str(config),
        "DROPLINE_DATABASE_URL": f"sqlite:///{tmp_path}/dropline.db",
        "DROPLINE_REDIS_URL": redis_url,
    }


@pytest.fixture
def parts(variables: dict[str, str]) -> Iterator[Parts]:
    with Parts.of(read_settings(variables)) as opened:
        opened.ledger.schema.upgrade()
        yield opened


def listed(parts: Parts, *accounts: Account) -> None:
    parts.ledger.accounts.sync("wonda", "wonda", accounts, now=parts.clock.now(), by="test")


def posts(parts: Parts, account: str, wanted: int) -> int:
    now = parts.clock.now()
    scope = Scope("wonda", account)
    return sum(parts.limiter.admit(scope, Call.PUBLISH, 1, now).granted for _ in range(wanted))


def test_a_cap_is_kept_by_the_limiter_for_its_account_alone(
    parts: Parts, variables: dict[str, str]
) -> None:
    listed(parts, BREAD, CAKE)

    assert posts(parts, "7", 3) == 2
    assert posts(parts, "8", 3) == 3
    assert posts(parts, "9", 3) == 1
    denied = parts.limiter.admit(Scope("wonda", "7"), Call.PUBLISH, 1, parts.clock.now())
    assert denied.limit == "2 posts per 1d of wonda/7"
    assert parts.limiter.admit(Scope("wonda", "7"), Call.STATUS, 1, parts.clock.now()).granted
    said = CliRunner().invoke(app, ["limits", "list", "--json"], env=variables).stdout
    caps = [line for line in map(json.loads, said.splitlines()) if line["unit"] == "posts"]
    assert {(line["account"], line["used"], line["limit"]) for line in caps} == {
        *(("7", 2, 2), ("9", 1, 1)),
    }


def test_an_account_known_by_name_is_found_once_it_is_listed(parts: Parts) -> None:
    clock = FakeClock()
    parts.usernames._clock = clock
    connected = parts.connected("wonda")
    listed(parts, CAKE)
    assert connected.limits("7") == ()

    listed(parts, BREAD, CAKE)
    assert connected.limits("7") == ()
    clock.move(timedelta(seconds=MISSED_S))
    assert [each.requests for each in connected.limits("7")] == [2]
    assert connected.timetables["7"].zone.key == "UTC"
    assert set(connected.account_limits) == {"7", "9"}
    assert connected.limits("8") == connected.limits(None) == ()

    listed(parts, Account(account_id="7", platform="instagram", username="baguette"), CAKE)
    clock.move(timedelta(seconds=KEPT_S))
    assert connected.limits("7") == ()
    assert "7" not in connected.timetables
