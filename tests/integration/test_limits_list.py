"""`limits list`: every window there is, used or not, and what is blocked until when and why."""

import json
from datetime import timedelta
from pathlib import Path

from typer.testing import CliRunner

from shared.bootstrap import Parts
from shared.cli import app
from shared.domain.limit import Call, Scope
from shared.settings import read_settings

LINE = {
    *("connection", "account", "limit", "unit", "used", "window_s", "window", "calls"),
    *("resets_at", "blocked_until", "source", "why"),
}
CONFIG = """
[connections.agency]
provider = "wonda"
limits = [{requests = 5, per = "1m"}, {requests = 2, per = "24h", scope = "account"}]
[accounts."agency/7"]
limits = [{requests = 1, per = "1h", scope = "account"}]
"""


def test_every_window_is_listed_that_is_declared_used_or_blocked(
    redis_url: str, tmp_path: Path
) -> None:
    config = tmp_path / "dropline.toml"
    config.write_text(CONFIG)
    variables = {
        "DROPLINE_HOME": str(tmp_path),
        "DROPLINE_CONFIG": str(config),
        "DROPLINE_DATABASE_URL": f"sqlite:///{tmp_path}/dropline.db",
        "DROPLINE_REDIS_URL": redis_url,
        "DROPLINE_POSTEVERYWHERE_API_KEY": "a key",
    }
    with Parts.of(read_settings(variables)) as parts:
        parts.ledger.schema.upgrade()
        now = parts.clock.now()
        assert parts.limiter.admit(Scope("agency", "8"), Call.PUBLISH, 1, now).granted
        until = now + timedelta(hours=1)
        parts.limiter.block(Scope("agency", "7"), until, "the provider answered 429", now)

    table = CliRunner().invoke(app, ["limits", "list"], env=variables).stdout
    said = CliRunner().invoke(app, ["limits", "list", "--json"], env=variables).stdout
    lines = [json.loads(line) for line in said.splitlines()]

    assert all(set(line) == LINE for line in lines)
    ours = [line for line in lines if line["connection"] == "agency"]
    windows = [line for line in ours if line["blocked_until"] is None]
    assert {(each["account"], each["limit"], each["used"]) for each in windows} == {
        *((None, 5, 1), ("*", 2, 0), ("7", 2, 0), ("7", 1, 0), ("8", 2, 1)),
    }
    assert {each["source"] for each in windows} == {"configured"}
    (block,) = (line for line in ours if line["blocked_until"])
    assert (block["account"], block["why"]) == ("7", "the provider answered 429")
    assert "the provider answered 429" in table
    others = [line for line in lines if line["connection"] != "agency"]
    assert {line["connection"] for line in others} == {"posteverywhere"}
    assert {(line["used"], line["source"]) for line in others} == {(0, "assumed")}
