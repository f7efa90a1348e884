"""Tags of accounts, as `dropline.toml` writes them."""

from shared.domain.account import Account
from shared.settings import tags_of
from tests.unit.settings.conftest import Read, problems_of

BREAD = Account(account_id="7", platform="instagram", username="@bread")


def test_an_account_has_the_tags_of_its_id_and_of_its_name(read: Read) -> None:
    settings = read(
        '[connections.wonda.accounts."7"]\ntags = ["fr", "food"]\n'
        '[connections.wonda.accounts."@Bread"]\ntags = ["food", "new"]\n'
        '[connections.agency.accounts."@bread"]\ntags = ["theirs"]\n'
    )

    assert tags_of(settings.accounts, "wonda", BREAD) == ("fr", "food", "new")
    assert tags_of(settings.accounts, "agency", BREAD) == ("theirs",)
    assert tags_of(settings.accounts, "genviral", BREAD) == ()


def test_what_is_no_tag_is_named(read: Read) -> None:
    table = '[connections.wonda.accounts."7"]\n'

    assert "without commas" in problems_of(read, table + 'tags = ["fr, food"]')
    assert "connections.wonda.accounts.7.tag: is not a known key; known here are tags" in (
        problems_of(read, table + 'tag = "fr"')
    )
