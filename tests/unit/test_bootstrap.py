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


@pytest.mark.parametrize(
    "address",
    [
        *("redis:", "redis://h:abc", "redis://h:70000", "redis://[::1", "redis://:a/b@h:6379/0"),
        *("redis://h:6379/main", "redis://h/0?colour=red", "redis://h/0?socket_timeout=soon"),
        *("sentinel://", "sentinel://h:abc", "sentinel://h:26379/main", "http://h", "h:6379"),
    ],
)
def test_an_address_that_redis_cannot_have_is_refused_and_not_shown(address: str) -> None:
    settings = read_settings({"DROPLINE_REDIS_URL": address})
    with pytest.raises(ConfigurationError, match="Redis") as wrong:
        _ = Parts.of(settings).redis_url
    assert "a/b" not in str(wrong.value)


@pytest.mark.parametrize(
    "address",
    [
        *("redis://h", "redis://:a%2Fb@h:6379/3", "rediss://u:p@h/0?ssl_cert_reqs=none"),
        *("unix:///run/redis.sock?db=1", "sentinel://:p@h1:26379,h2/0?master=posts"),
    ],
)
def test_every_kind_of_address_of_redis_is_taken(address: str) -> None:
    assert Parts.of(read_settings({"DROPLINE_REDIS_URL": address})).redis_url == address


@pytest.mark.parametrize(
    "address",
    [
        "postgresql+psycopg://me:topsecret@127.0.0.1:9/x?colour=red",
        *("sqlite:///{home}/x.db?timeout=soon", "sqlite:///{home}/x.db?colour=red"),
    ],
)
def test_an_option_that_the_database_s_driver_does_not_know_is_told(
    tmp_path: Path, address: str
) -> None:
    settings = read_settings({"DROPLINE_DATABASE_URL": address.format(home=tmp_path)})
    with pytest.raises(ConfigurationError, match=r"DROPLINE_DATABASE_URL.*: (colour|timeout)$"):
        _ = Parts.of(settings).ledger
    assert not list(tmp_path.iterdir())


def test_options_that_a_driver_knows_are_taken(tmp_path: Path) -> None:
    for address in (f"sqlite:///{tmp_path}/x.db?timeout=3", "postgresql://h/x?sslmode=require"):
        with Parts.of(read_settings({"DROPLINE_DATABASE_URL": address})) as parts:
            assert parts.ledger
