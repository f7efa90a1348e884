"""The settings: every variable and every key of `dropline.toml`, and what is said of wrong ones."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.bootstrap import Parts
from shared.domain.capabilities import LostAnswer
from shared.domain.release import Lateness, LatePolicy
from shared.errors import ConfigurationError, KeyMissing
from shared.settings import KNOWN_VARIABLES, is_known, read_settings
from tests.unit.settings.conftest import Read, problems_of


def test_nothing_set_means_sqlite_and_an_embedded_redis(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = read_settings({"PATH": "/bin"})
    assert settings.home == tmp_path / ".dropline"
    assert settings.database_url == f"sqlite:///{tmp_path}/.dropline/dropline.db"
    assert settings.redis_url is None
    assert settings.connections == {}
    assert (settings.log_level, settings.worker_threads, settings.flower_port) == ("info", 16, 5555)


def test_every_variable_is_read(read: Read) -> None:
    settings = read(
        HOME="/srv/dropline",
        DATABASE_URL="postgresql+psycopg://db/x",
        REDIS_URL="rediss://r/0",
        ALLOW_PRIVATE_MEDIA="Yes",
        LOG_FORMAT="console",
        LOG_LEVEL="DEBUG",
        WORKER_THREADS="3",
        FLOWER_PORT="8000",
    )
    assert settings.home == Path("/srv/dropline")
    assert settings.database_url == "postgresql+psycopg://db/x"
    assert settings.redis_url == "rediss://r/0"
    assert settings.private_media is True
    assert (settings.log_format, settings.log_level) == ("console", "debug")
    assert (settings.worker_threads, settings.flower_port) == (3, 8000)


def test_an_empty_value_counts_as_not_set(read: Read) -> None:
    settings = read(REDIS_URL="", WONDA_API_KEY="", WORKER_THREADS="")
    assert (settings.redis_url, settings.worker_threads) == (None, 16)
    assert settings.connections == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALLOW_PRIVATE_MEDIA", "perhaps"),
        ("LOG_FORMAT", "xml"),
        ("LOG_LEVEL", "loud"),
        ("WORKER_THREADS", "0"),
        ("WORKER_THREADS", "-2"),
        ("WORKER_THREADS", "many"),
        ("WORKER_THREADS", "²"),
        ("WORKER_THREADS", "9" * 5_000),
        ("FLOWER_PORT", "1.5"),
        ("FLOWER_PORT", "65536"),
    ],
)
def test_a_wrong_value_is_told_with_its_variable(read: Read, name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=f"DROPLINE_{name}.*{value}"):
        read(**{name: value})


def test_a_key_makes_a_connection_of_its_provider_s_name(read: Read) -> None:
    settings = read(WONDA_API_KEY="k", WONDA_BASE_URL="https://wonda.example.com/")
    connection = settings.connections["wonda"]
    assert (connection.provider, connection.secret()) == ("wonda", "k")
    assert connection.base_url == "https://wonda.example.com"
    assert connection.limits is None


def test_a_base_url_without_a_key_says_which_variable_is_missing(read: Read) -> None:
    connection = read(WONDA_BASE_URL="https://wonda.example.com").connections["wonda"]
    with pytest.raises(KeyMissing, match="DROPLINE_WONDA_API_KEY"):
        connection.secret()


@pytest.mark.parametrize("name", ["a?b", "a#b", "a%41 b", "é"])
def test_a_home_of_any_name_has_its_database_in_it(tmp_path: Path, name: str) -> None:
    with Parts.of(read_settings({"DROPLINE_HOME": str(tmp_path / name)})) as parts:
        parts.ledger.schema.current()
    assert (tmp_path / name / "dropline.db").is_file()


@pytest.mark.parametrize("key", ["k\n", "clé", "a\tb"])
def test_a_key_that_no_header_can_hold_is_told_and_not_shown(read: Read, key: str) -> None:
    with pytest.raises(ConfigurationError, match="DROPLINE_WONDA_API_KEY holds") as wrong:
        read(WONDA_API_KEY=key)
    assert key not in str(wrong.value)


@pytest.mark.parametrize(
    "address",
    [
        *("ftp://w.example.com", "w.example.com", "https://", "http://[::1", "http://w:x"),
        *("http://w:70000", "https://w example.com", "https://:80", "http://w\\x"),
    ],
)
def test_a_base_url_that_is_no_http_address_is_told(read: Read, address: str) -> None:
    with pytest.raises(ConfigurationError, match=r"connection wonda: .*https?://"):
        read(WONDA_BASE_URL=address)


def test_no_key_shows_in_what_is_printed(read: Read) -> None:
    settings = read(WONDA_API_KEY="sk_very_secret")
    assert "sk_very_secret" not in repr(settings)
    assert "sk_very_secret" not in str(settings.connections["wonda"])


def test_a_name_with_dashes_finds_its_variables(read: Read) -> None:
    settings = read(
        '[connections.wonda-agency]\nprovider = "wonda"\n',
        WONDA_AGENCY_API_KEY="k",
        WONDA_AGENCY_BASE_URL="https://w.example.com",
    )
    assert settings.connections["wonda-agency"].secret() == "k"
    assert settings.connections["wonda-agency"].base_url == "https://w.example.com"


def test_a_named_connection_s_variables_make_no_other_connection(read: Read) -> None:
    settings = read('[connections.wonda-agency]\nprovider = "wonda"\n', WONDA_AGENCY_API_KEY="k")
    assert set(settings.connections) == {"wonda-agency"}
    assert set(Parts.of(settings).connections) >= {"wonda-agency", "wonda", "genviral"}


def test_a_table_names_its_own_key_and_address(read: Read, tmp_path: Path) -> None:
    config = tmp_path / "own.toml"
    config.write_text(
        "[connections.second]\n"
        'provider = "genviral"\nbase_url = "https://g.example.com/api/partner/v1/"\n'
        'api_key_env = "SECOND_KEY"\n'
    )
    settings = read_settings({"DROPLINE_CONFIG": str(config), "SECOND_KEY": "k2"})
    connection = settings.connections["second"]
    assert (connection.provider, connection.secret()) == ("genviral", "k2")
    assert connection.base_url == "https://g.example.com/api/partner/v1"
    assert connection.key_variable == "SECOND_KEY"


def test_a_connection_takes_its_name_for_its_provider_s(read: Read) -> None:
    assert read("[connections.wahdx]\n").connections["wahdx"].provider == "wahdx"


def test_an_unknown_provider_is_refused_with_those_known(read: Read) -> None:
    settings = read('[connections.x]\nprovider = "nobody"\n')
    with pytest.raises(ConfigurationError, match=r"connection x: .*nobody.*genviral.*wonda"):
        _ = Parts.of(settings).connections


def test_every_policy_is_read(read: Read) -> None:
    settings = read(
        "[policies]\nmax_attempts = 7\n"
        'backoff = {first = "2s", cap = "1m30s"}\nsettle_deadline = "2d"\n'
        'late_policy = "skip after 2h"\nlost_answer = "hold"\n'
    )
    policies = settings.default_policies
    assert policies.retry.max_attempts == 7
    assert (policies.retry.first, policies.retry.cap) == (
        timedelta(seconds=2),
        timedelta(seconds=90),
    )
    assert policies.poll.deadline == timedelta(days=2)
    assert policies.late == LatePolicy(Lateness.SKIP, timedelta(hours=2))
    assert policies.lost_answer is LostAnswer.HOLD


def test_a_connection_s_policies_lie_over_those_of_all(read: Read) -> None:
    settings = read(
        '[policies]\nmax_attempts = 7\nsettle_deadline = "2d"\n'
        "[connections.wonda]\npolicies = {max_attempts = 2}\n"
    )
    policies = settings.connections["wonda"].policies
    assert policies.retry.max_attempts == 2
    assert policies.poll.deadline == timedelta(days=2)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('"90s"', timedelta(seconds=90)),
        ('"1h 30m"', timedelta(minutes=90)),
        ('"1.5h"', timedelta(minutes=90)),
        ('"250ms"', timedelta(milliseconds=250)),
        ("45", timedelta(seconds=45)),
        ("0.5", timedelta(seconds=0.5)),
    ],
)
def test_durations_are_read_as_people_write_them(
    read: Read, written: str, meant: timedelta
) -> None:
    settings = read(f"[policies]\nsettle_deadline = {written}\n")
    assert settings.default_policies.poll.deadline == meant


@pytest.mark.parametrize("written", ['"soon"', '"5 weeks"', "-1", "true", '""', "inf", '"9e9d"'])
def test_what_is_no_duration_is_told(read: Read, written: str) -> None:
    said = problems_of(read, f"[policies]\nsettle_deadline = {written}\n")
    assert "policies.settle_deadline" in said


def test_a_duration_beyond_all_time_is_told(read: Read) -> None:
    said = problems_of(read, '[policies]\nsettle_deadline = "99999999999d"\n')
    assert "longer than a hundred years" in said


@pytest.mark.parametrize("word", ["publish", "hold", "skip", "hold after 30m"])
def test_late_policies_are_words(read: Read, word: str) -> None:
    late = read(f'[policies]\nlate_policy = "{word}"\n').default_policies.late
    assert late.lateness == word.split(maxsplit=1)[0]


def test_the_polling_share_is_a_fifth_and_may_be_another_for_each_connection(read: Read) -> None:
    assert read("").default_policies.polling_share == 0.2
    settings = read(
        "[policies]\npolling_share = 0.3\n"
        "[connections.wonda]\npolicies = {polling_share = 0.5}\n[connections.wahdx]\n"
    )
    shares = {name: each.policies.polling_share for name, each in settings.connections.items()}
    assert shares == {"wonda": 0.5, "wahdx": 0.3}


@pytest.mark.parametrize("written", ["0", "1", "20", "-0.2", "true", '"0.2"', "nan"])
def test_a_polling_share_that_is_no_share_is_told(read: Read, written: str) -> None:
    said = problems_of(read, f"[policies]\npolling_share = {written}\n")
    assert "policies.polling_share: must be a number between 0 and 1, such as 0.2" in said


@pytest.mark.parametrize(
    ("text", "place", "known"),
    [
        ("sparkle = 1\n", "sparkle", "connections, policies, accounts"),
        ("[connections.x]\nurl = 'h'\n", "connections.x.url", "base_url"),
        ("[policies]\nretries = 3\n", "policies.retries", "max_attempts, backoff"),
        ("[policies]\nbackoff = {base = '1s'}\n", "policies.backoff.base", "first, cap"),
        ("[connections.x]\npolicies = {tries = 3}\n", "connections.x.policies.tries", "lost_"),
        ("[accounts.'x/1']\ncap = 3\n", "accounts.x/1.cap", "limits"),
        (
            "[connections.x]\nlimits = [{requests = 1, per = '1s', every = 2}]\n",
            "connections.x.limits.0.every",
            "requests, posts, containers, per, window, zone, scope, calls",
        ),
        ("[connections.accounts]\nsparkle = 1\n", "connections.accounts.sparkle", "provider"),
    ],
)
def test_an_unknown_key_is_told_with_those_known_there(
    read: Read, text: str, place: str, known: str
) -> None:
    said = problems_of(read, text)
    assert f"{place}: is not a known key" in said
    assert known in said


def test_everything_wrong_in_a_file_is_told_at_once(read: Read) -> None:
    text = (
        "[policies]\nmax_attempts = 0\nlate_policy = 'never'\n"
        "[connections.x]\nlimits = [{requests = -1, per = 'soon'}]\nsparkle = true\n"
    )
    said = problems_of(read, text)
    for place in (
        "policies.max_attempts",
        "policies.late_policy",
        "connections.x.limits.0.requests",
        "connections.x.limits.0.per",
        "connections.x.sparkle",
    ):
        assert place in said


@pytest.mark.parametrize("count", ["0", "-1", "1000000001", "1" + "0" * 30])
def test_a_count_that_no_counter_reaches_is_told(read: Read, count: str) -> None:
    limit = f'limits = [{{requests = {count}, per = "60s"}}]'
    said = problems_of(read, f"[policies]\nmax_attempts = {count}\n[connections.wonda]\n{limit}")
    assert "policies.max_attempts" in said
    assert "connections.wonda.limits.0.requests" in said


def test_what_is_not_toml_and_what_is_not_there_are_told(read: Read, tmp_path: Path) -> None:
    for text in ("[connections\n", f"a = {'[' * 5_000}", f"a = {'9' * 5_000}"):
        assert "is not TOML" in problems_of(read, text)
    with pytest.raises(ConfigurationError, match=r"nowhere\.toml cannot be read"):
        read_settings({"DROPLINE_CONFIG": str(tmp_path / "nowhere.toml")})


def test_the_file_in_the_working_folder_is_read_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dropline.toml").write_text("[policies]\nmax_attempts = 9\n")
    assert read_settings({"PATH": "/bin"}).default_policies.retry.max_attempts == 9


@pytest.mark.parametrize(
    ("base_url", "said", "allowed"),
    [
        ("https://api.example.com", None, False),
        ("http://127.0.0.1:9000", None, True),
        ("http://192.168.1.7/x", None, True),
        ("http://127.0.0.1:9000", "false", False),
        ("https://api.example.com", "true", True),
        (None, None, False),
    ],
)
def test_private_media_go_where_the_base_url_is_private_unless_it_is_said(
    read: Read, base_url: str | None, said: str | None, allowed: bool
) -> None:
    variables: dict[str, Any] = {"WONDA_API_KEY": "k"}
    if base_url:
        variables["WONDA_BASE_URL"] = base_url
    if said:
        variables["ALLOW_PRIVATE_MEDIA"] = said
    assert read(**variables).connections["wonda"].allows_private_media is allowed


def test_known_variables_are_told_from_unknown_ones() -> None:
    assert "DROPLINE_HOME" in KNOWN_VARIABLES
    assert is_known("DROPLINE_WONDA_AGENCY_API_KEY")
    assert not is_known("DROPLINE_HOUSE")
    assert not is_known("WONDA_API_KEY")
