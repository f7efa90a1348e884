"""What only looks: providers, accounts, doctor, db."""

from tests.unit.cli.conftest import Shell


def test_providers_need_no_database(bare: Shell) -> None:
    lines = bare("providers", "--json").lines

    assert [line["provider"] for line in lines] == [
        "genviral",
        "posteverywhere",
        "wahdx",
        "wonda",
    ]
    for line in lines:
        assert line["shapes"]
        assert {"platform", "kind", "caption_max", "options"} <= set(line["shapes"][0])
    assert "wonda at https://" in bare("providers", "wonda").out


def test_accounts_come_with_one_verdict(dropline: Shell) -> None:
    lines = dropline("accounts", "list", "--provider", "wonda", "--json").lines

    assert [(line["account"], line["can_post"], line["reason"]) for line in lines] == [
        ("7", True, None),
        ("8", True, None),
    ]
    assert dropline("accounts", "list", "--provider", "wahdx", "--json").lines == []
    assert "bread" in dropline("accounts", "list").out


def test_doctor_names_what_is_missing_and_what_to_do(bare: Shell) -> None:
    said = bare("doctor", "--json")
    findings = {line["check"]: line for line in said.lines}

    assert said.code == 5
    assert findings["database"]["ok"]
    assert not findings["schema"]["ok"]
    assert findings["schema"]["todo"] == "run `dropline db upgrade`"
    assert not findings["redis"]["ok"]


def test_doctor_misses_the_processes_once_the_schema_is_there(dropline: Shell) -> None:
    said = dropline("doctor")

    assert said.code == 5
    for kind in ("worker", "scheduler", "beat"):
        assert f"{kind}" in said.out
    assert "start it as the Procfile says" in said.out


def test_upgrade_can_be_repeated(bare: Shell) -> None:
    first, again = bare("db", "upgrade", "--json"), bare("db", "upgrade")

    assert first.json["before"] is None
    assert again.out.endswith("already\n")
    assert bare("db", "check", "--json").json["revision"] == first.json["revision"]
