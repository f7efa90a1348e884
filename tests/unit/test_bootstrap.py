"""The composition root refuses what could not work before anything is sent."""

from pathlib import Path

import pytest

from shared.bootstrap import Parts
from shared.errors import ConfigurationError
from shared.settings import read_settings


def parts(tmp_path: Path, toml: str) -> Parts:
    config = tmp_path / "dropline.toml"
    config.write_text(toml)
    return Parts.of(read_settings({"DROPLINE_CONFIG": str(config), "DROPLINE_HOME": str(tmp_path)}))


@pytest.mark.parametrize(
    ("provider", "wanted"), [("wahdx", "search"), ("wahdx", "replay"), ("wonda", "replay")]
)
def test_a_lost_answer_policy_that_the_provider_cannot_serve_is_refused(
    tmp_path: Path, provider: str, wanted: str
) -> None:
    toml = f'[connections.{provider}.policies]\nlost_answer = "{wanted}"\n'
    with pytest.raises(ConfigurationError, match=provider):
        _ = parts(tmp_path, toml).connections


@pytest.mark.parametrize("wanted", ["hold", "resend"])
def test_every_provider_can_hold_and_resend(tmp_path: Path, wanted: str) -> None:
    toml = f'[policies]\nlost_answer = "{wanted}"\n'
    for connected in parts(tmp_path, toml).connections.values():
        assert connected.terms.lost_answer == wanted


def test_an_unknown_provider_names_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="genviral, posteverywhere, wahdx, wonda"):
        _ = parts(tmp_path, '[connections.x]\nprovider = "myspace"\n').connections
