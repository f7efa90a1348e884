"""`history --remote`: what each provider has on record, inside the limits, or that it has none."""

from collections.abc import Callable, Iterator

import pytest

from tests.integration.connections.conftest import Said, Shell
from tests.support.remote_posts import Poster

Posts = Callable[[str], Poster]


@pytest.fixture
def poster(dropline: Shell) -> Iterator[Posts]:
    made: list[Poster] = []

    def one(provider: str) -> Poster:
        made.append(Poster(dropline.sandbox, provider))
        return made[-1]

    yield one
    for each in made:
        each.close()


def remote(dropline: Shell, connection: str, *options: str) -> Said:
    return dropline("history", "--remote", "--connection", connection, *options)


def test_a_history_is_shown_with_the_names_that_are_known(dropline: Shell, poster: Posts) -> None:
    someone = poster("wonda")
    someone.post("Rye week")
    dropline.sandbox.add_fault("refuse_publish", provider="wonda", caption="Bad", message="No rye")
    someone.post("Bad", refused=True)
    assert dropline("accounts", "sync", "--connection", "wonda").code == 0

    said = remote(dropline, "wonda", "--json")

    assert said.code == 0
    rows = {line["caption"]: line for line in said.lines}
    good, bad = rows["Rye week"], rows["Bad"]
    assert (good["connection"], good["provider"], good["platform"]) == (
        "wonda",
        "wonda",
        "instagram",
    )
    assert (good["account"], good["username"]) == (someone.accounts[0], "harbor.bakery")
    assert (good["status"], good["provider_status"]) == ("succeeded", "succeeded")
    assert good["permalink"].startswith("https://")
    assert (bad["status"], bad["error"]["class"]) == ("failed", "rejected")
    assert "@harbor.bakery" in remote(dropline, "wonda").out


def test_one_account_is_chosen_by_id_or_name_over_all_connections(
    dropline: Shell, poster: Posts
) -> None:
    someone = poster("genviral")
    someone.post("Ours")
    accounts = dropline.sandbox.providers["genviral"].accounts
    someone.post("Another's", next(a.id for a in accounts.values() if a.platform == "linkedin"))
    assert dropline("accounts", "sync", "--connection", "genviral").code == 0
    name = accounts[someone.accounts[0]].username

    for account in (someone.accounts[0], f"@{name}"):
        said = dropline("history", "--remote", "--account", account, "--json")
        assert said.code == 0
        assert [line["caption"] for line in said.lines] == ["Ours"]
    nobody = dropline("history", "--remote", "--account", "@nobody")
    assert nobody.code == 2
    assert "no account '@nobody'; `dropline accounts sync`" in nobody.err


@pytest.mark.parametrize("name", ["genviral", "posteverywhere", "wonda"])
def test_a_limit_bounds_the_pages_and_is_said(name: str, dropline: Shell, poster: Posts) -> None:
    newest = poster(name).posts("Rye", 5)

    said = remote(dropline, name, "--limit", "2", "--json")

    assert [line["caption"] for line in said.lines] == newest[:2]
    assert "stopped after 2 posts; --limit shows more" in said.err
    assert dropline.asked("history") == (2 if name == "wonda" else 1)


def test_posts_of_several_connections_are_newest_first(dropline: Shell, poster: Posts) -> None:
    makers = {name: poster(name) for name in ("genviral", "wonda", "posteverywhere")}
    for number, name in enumerate(["wonda", "posteverywhere", "genviral", "wonda"]):
        makers[name].posts(f"Rye {number} ", 1)

    said = dropline("history", "--remote", "--json", "--limit", "3")

    found = [(line["connection"], line["created_at"]) for line in said.lines]
    assert [name for name, _ in found] == ["wonda", "genviral", "posteverywhere"]
    assert found == sorted(found, key=lambda each: each[1], reverse=True)


def test_pages_spend_from_the_windows_and_what_came_before_is_shown(
    dropline: Shell, poster: Posts
) -> None:
    poster("posteverywhere").posts("Rye", 105)
    dropline.configure('[connections.posteverywhere]\nlimits = [{requests = 1, per = "1h"}]\n')

    said = remote(dropline, "posteverywhere", "--limit", "200", "--json")

    assert said.code == 5
    assert len(said.lines) == 100
    assert "cannot be read on: held back: 1 requests per 1h of posteverywhere; again at" in said.err
    assert remote(dropline, "posteverywhere").code == 5
    assert dropline.asked("history") == 1


def test_a_connection_that_breaks_off_does_not_take_the_others_along(
    dropline: Shell, poster: Posts
) -> None:
    poster("genviral").post("Here")
    poster("wonda").post("There")
    dropline.sandbox.add_fault("error_before", provider="genviral", call="history", count=None)

    said = dropline("history", "--remote", "--json")

    assert said.code == 5
    assert [line["caption"] for line in said.lines] == ["There"]
    assert "connection genviral: its history cannot be read on" in said.err


def test_where_a_provider_has_no_history_that_is_said(dropline: Shell) -> None:
    said = remote(dropline, "wahdx")

    assert said.code == 2
    assert said.err.startswith("dropline: connection wahdx: not available, wahdx has no list")
    everyone = dropline("history", "--remote", "--json")
    assert everyone.code == 0
    assert "connection wahdx: not available" in everyone.err


def test_bad_words_are_told(dropline: Shell) -> None:
    assert "say --remote" in dropline("history").err
    said = remote(dropline, "wonda", "--since", "yesterday")
    assert said.code == 2
    assert "--since 'yesterday' is not a time" in said.err
    assert remote(dropline, "nowhere").code == 2
