"""The limits of connections and the caps of accounts, as `dropline.toml` writes them."""

from datetime import timedelta

import pytest

from shared.bootstrap import Parts
from shared.domain.limit import Limit, Reach, Unit, Window
from tests.unit.settings.conftest import Read, problems_of


def test_every_form_of_a_limit_is_read(read: Read) -> None:
    settings = read(
        "[connections.wonda]\nlimits = [\n"
        '  {requests = 60, per = "60s"},\n'
        '  {requests = 10, per = 1, window = "sliding", scope = "account"},\n'
        '  {requests = 50, per = "24h", window = "rolling", scope = "account"},\n'
        '  {requests = 25, per = "1d", window = "day", zone = "Europe/Paris"},\n'
        "]\n"
    )
    assert settings.connections["wonda"].limits == (
        Limit(requests=60, per=timedelta(minutes=1), source="configured"),
        Limit(
            requests=10,
            per=timedelta(seconds=1),
            window=Window.SLIDING,
            reach=Reach.ACCOUNT,
            source="configured",
        ),
        Limit(
            requests=50,
            per=timedelta(days=1),
            window=Window.ROLLING,
            reach=Reach.ACCOUNT,
            source="configured",
        ),
        Limit(
            requests=25,
            per=timedelta(days=1),
            window=Window.DAY,
            zone="Europe/Paris",
            source="configured",
        ),
    )


def test_a_limit_may_be_one_of_posts_or_of_containers(read: Read) -> None:
    settings = read(
        "[connections.wonda]\nlimits = [\n"
        '  {posts = 25, per = "1d", window = "day"},\n'
        '  {containers = 400, per = "24h", window = "rolling", scope = "account"},\n'
        "]\n"
    )
    posts, containers = settings.connections["wonda"].limits or ()
    assert (posts.unit, posts.requests, posts.window) == (Unit.POSTS, 25, Window.DAY)
    assert (containers.unit, containers.requests) == (Unit.CONTAINERS, 400)


@pytest.mark.parametrize("figures", ["", "requests = 5, posts = 5, "])
def test_a_limit_without_one_unit_says_which_there_are(read: Read, figures: str) -> None:
    said = problems_of(read, f"[connections.wonda]\nlimits = [{{{figures}per = '60s'}}]\n")
    assert "say one of requests, posts and containers, such as posts = 25" in said


def test_an_empty_list_of_limits_assumes_none_and_no_list_the_provider_s(read: Read) -> None:
    settings = read("[connections.posteverywhere]\nlimits = []\n[connections.genviral]\n")
    connections = Parts.of(settings).connections
    assert connections["posteverywhere"].limits("4101") == ()
    assert connections["genviral"].limits(None) == connections["genviral"].provider.limits


@pytest.mark.parametrize(
    "limit",
    [
        '{requests = 0, per = "60s"}',
        '{requests = 5, per = "0s"}',
        "{requests = 5}",
        '{per = "60s"}',
        '{requests = 5, per = "60s", window = "round"}',
        '{requests = 5, posts = 5, per = "60s"}',
        '{containers = 0, per = "24h"}',
        '{posts = 5, per = "24h", calls = ["publish"]}',
        '{posts = "many", per = "24h"}',
        '{requests = 5, per = "60s", scope = "planet"}',
        '{requests = 5, per = "1d", window = "day", zone = "Mars/Olympus"}',
    ],
)
def test_a_limit_that_makes_no_sense_is_told_with_its_place(read: Read, limit: str) -> None:
    said = problems_of(read, f"[connections.wonda]\nlimits = [{limit}]\n")
    assert "connections.wonda.limits.0" in said


def test_an_account_s_caps_come_on_top_of_its_connection_s(read: Read) -> None:
    settings = read(
        "[connections.wahdx]\nlimits = []\n"
        '[accounts."wahdx/a/1"]\n'
        'limits = [{requests = 6, per = "1m", window = "sliding", scope = "account"}]\n'
    )
    connected = Parts.of(settings).connections["wahdx"]
    (cap,) = connected.limits("a/1")
    assert (cap.requests, cap.reach) == (6, Reach.ACCOUNT)
    assert connected.limits("a2") == ()
    assert connected.limits(None) == ()


def test_an_account_without_its_connection_is_refused_with_an_example(read: Read) -> None:
    assert "<connection>/<account id>" in problems_of(read, "[accounts.1234]\nlimits = []\n")
