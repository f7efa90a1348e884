"""`accounts sync`: what changed, account by account, and the jobs that stop and go on with it."""

from tests.integration.connections.conftest import Said, Shell

AGENCY = """
[connections.agency]
provider = "wahdx"
api_key_env = "DROPLINE_WAHDX_API_KEY"
base_url = "{url}"
"""


def changes(said: Said) -> list[tuple[str, str, str | None]]:
    [result] = said.lines
    return [(each["change"], each["username"], each["was"]) for each in result["changes"]]


def test_a_sync_shows_who_came_went_recovered_and_changed_its_name(dropline: Shell) -> None:
    sync = ("accounts", "sync", "--connection", "wahdx")
    first = dropline(*sync, "--json")
    assert {change for change, _, _ in changes(first)} == {"added"}
    assert dropline(*sync).out.count("\n") == 2  # the counts, and nothing that changed

    accounts = list(dropline.sandbox.providers["wahdx"].accounts.values())
    sick, named = accounts[0], accounts[1]
    sick.status, named.username = "expired", "renamed"
    del dropline.sandbox.providers["wahdx"].accounts[accounts[2].id]
    said = dropline(*sync, "--json")
    assert changes(said) == [
        ("unhealthy", "harborbakery", None),
        ("renamed", "renamed", "northpiercoffee"),
        ("gone", "tideandtable", None),
    ]
    assert said.lines[0]["changes"][0]["reason"].startswith("its status is expired")

    sick.status = "active"
    table = dropline(*sync).out
    assert "healthy" in table
    assert "its status is expired" in table


def test_connections_of_one_provider_are_synced_each_for_itself(dropline: Shell) -> None:
    dropline.configure(AGENCY.format(url=dropline.sandbox.base_urls["wahdx"]))

    said = dropline("accounts", "sync", "--provider", "wahdx", "--json")

    assert [line["connection"] for line in said.lines] == ["agency", "wahdx"]
    assert [line["added"] for line in said.lines] == [36, 36]
    listed = dropline("accounts", "list", "--connection", "agency", "--json").lines
    assert {line["connection"] for line in listed} == {"agency"}


def test_what_is_said_of_accounts_that_are_not_listed_is_told(dropline: Shell) -> None:
    tables = ("wahdx", "@HarborBakery"), ("wahdx", "@harbourbakery"), ("wahdx", "4711")
    dropline.configure(
        "".join(f'[connections.{name}.accounts."{key}"]\ntags = ["fr"]\n' for name, key in tables)
    )

    said = dropline("accounts", "sync", "--connection", "wahdx")

    assert said.code == 0
    told = [line for line in said.err.splitlines() if line.startswith("warning: ")]
    assert [line.split()[3] for line in told] == [
        "connections.wahdx.accounts.@harbourbakery,",
        "connections.wahdx.accounts.4711,",
    ]
