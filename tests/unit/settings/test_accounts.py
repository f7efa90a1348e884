"""What `dropline.toml` says of single accounts: caps, tags and slots, by id or by name."""

from datetime import timedelta

import pytest

from shared.domain.account import Account
from shared.domain.limit import Limit, Reach, Unit, Window
from shared.settings import tags_of
from tests.unit.settings.conftest import Read, problems_of

BREAD = Account(account_id="7", platform="instagram", username="Bread")
CAKE = Account(account_id="8", platform="instagram", username="cake")

FILE = """
[connections.wonda.accounts."7"]
tags = ["fr", "food"]
limits = [{posts = 25, per = "24h", window = "rolling"}]

[connections.wonda.accounts."@bread"]
tags = ["food", "vip"]
slots = {zone = "Europe/Paris", times = ["09:00"]}
"""


def test_a_cap_of_an_account_counts_that_account_alone(read: Read) -> None:
    settings = read(FILE)

    assert settings.accounts["wonda"]["7"].limits == (
        Limit(
            requests=25,
            unit=Unit.POSTS,
            per=timedelta(hours=24),
            window=Window.ROLLING,
            reach=Reach.ACCOUNT,
            source="configured",
        ),
    )
    assert settings.accounts["wonda"]["@bread"].timetable is not None


def test_tags_are_found_by_id_and_by_name_each_once(read: Read) -> None:
    accounts = read(FILE).accounts

    assert tags_of(accounts, "wonda", BREAD) == ("fr", "food", "vip")
    assert tags_of(accounts, "wonda", CAKE) == ()
    assert tags_of(accounts, "wahdx", BREAD) == ()


def test_an_account_has_one_table_however_it_is_written(read: Read) -> None:
    nested = '[connections.wonda.accounts."7"]\ntags = ["fr"]\n'
    assert "wonda/7 has two tables" in problems_of(read, nested + '[accounts."wonda/7"]\n')
    by_name = '[connections.wonda.accounts."@Bread"]\n[connections.wonda.accounts."@bread"]\n'
    assert "has two tables" in problems_of(read, by_name)
    assert "has no name" in problems_of(read, '[connections.wonda.accounts."@"]\n')


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("caps = 3", "caps", "known here are limits, slots, tags"),
        ("tags = ['two words']", "tags.0", "is not a tag"),
        ("tags = ['a,b']", "tags.0", "is not a tag"),
        ("limits = [{posts = 1, per = '1h', every = 2}]", "limits.0.every", "requests, posts"),
        (
            "limits = [{posts = 1, per = '1h', scope = 'connection'}]",
            "limits.0",
            "leave scope out",
        ),
    ],
)
def test_what_is_wrong_with_an_account_is_told_with_its_place(
    read: Read, text: str, place: str, said: str
) -> None:
    problems = problems_of(read, f'[connections.wonda.accounts."@bread"]\n{text}\n')
    assert f"connections.wonda.accounts.@bread.{place}" in problems
    assert said in problems
