"""`dropline accounts list`: tags and what they choose."""

from tests.unit.cli.conftest import Shell

CONFIG = """
[connections.wonda.accounts."7"]
tags = ["fr", "food"]
[connections.wonda.accounts."@CAKE"]
tags = ["food"]
"""


def configured(dropline: Shell, text: str = CONFIG) -> Shell:
    (dropline.home / "dropline.toml").write_text(text)
    return dropline


def chosen(dropline: Shell, *options: str) -> list[str]:
    said = dropline("accounts", "list", *options, "--json")
    assert said.code == 0
    return [line["account"] for line in said.lines]


def test_accounts_are_listed_with_their_tags(dropline: Shell) -> None:
    lines = configured(dropline)("accounts", "list", "--json").lines

    assert {line["account"]: line["tags"] for line in lines} == {"7": ["fr", "food"], "8": ["food"]}
    assert "fr food" in dropline("accounts", "list").out


def test_accounts_are_chosen_by_tag(dropline: Shell) -> None:
    configured(dropline)

    assert chosen(dropline, "--tag", "food") == ["7", "8"]
    assert chosen(dropline, "--tag", "fr") == ["7"]
    assert chosen(dropline, "--tag", "food", "--tag", "fr") == ["7"]
    assert chosen(dropline, "--tag", "de") == []
