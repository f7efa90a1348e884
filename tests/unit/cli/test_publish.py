"""`publish`: one job from flags."""

from shared.domain.states import State
from tests.unit.cli.conftest import URL, Shell

FLAGS = ("publish", "--provider", "wonda", "--platform", "instagram", "--account", "@Bread")
LATER = ("--at", "2100-01-01T00:00:00Z")


def test_it_prints_the_id_alone(dropline: Shell) -> None:
    said = dropline(*FLAGS, "--caption", "Hi", "--media", URL)

    assert said.code == 0
    job = dropline("jobs", "show", int(said.out), "--json").json
    assert (job["campaign"], job["account"], job["kind"]) == ("adhoc", "7", "image")
    assert job["post"]["caption"] == "Hi"


def test_every_flag_arrives(dropline: Shell) -> None:
    (dropline.home / "b.jpg").touch()
    said = dropline(
        *FLAGS,
        *("--text", "Hi", "--media", URL, "--media", "b.jpg", "--media", "id:m9"),
        *("--at", "2100-06-01T09:00", "--timezone", "Europe/Berlin", "--kind", "carousel"),
        *("--not-after", "2100-06-01T12:00", "--ref", "mine", "--campaign", "june", "--json"),
    )

    assert said.code == 0
    assert (said.json["ref"], said.json["campaign"]) == ("mine", "june")
    assert said.json["run_at"] == "2100-06-01T07:00:00.000Z"
    assert said.json["not_after"] == "2100-06-01T10:00:00.000Z"
    post = dropline("jobs", "show", said.json["id"], "--json").json["post"]
    assert post["media"] == [URL, {"path": str(dropline.home / "b.jpg")}, {"id": "m9"}]


def test_options_are_read_and_an_unknown_one_is_an_error(dropline: Shell) -> None:
    wrong = dropline(*FLAGS, "--media", URL, "--option", "colour=red", "--option", "privacy=odd")

    assert wrong.code == 2
    assert "options.colour: is not an option" in wrong.err
    assert "options.privacy: must be one of" in wrong.err
    assert dropline(*FLAGS, "--option", "colour").code == 2
    assert dropline(*FLAGS, "--option", "settings={").code == 2


def test_all_problems_come_at_once_and_nothing_is_written(dropline: Shell) -> None:
    said = dropline("publish", "--media", "gone.jpg", "--at", "soon")

    assert said.code == 2
    assert said.out == ""
    for field in ("platform", "account", "provider", "run_at"):
        assert f", {field}: " in said.err
    assert dropline("jobs", "list", "--json").lines == []


def test_the_same_ref_adds_nothing_and_another_post_under_it_is_refused(dropline: Shell) -> None:
    words = (*FLAGS, *LATER, "--media", URL, "--ref", "mine")
    first = dropline(*words, "--caption", "a")
    again = dropline(*words, "--caption", "a")
    other = dropline(*words, "--caption", "b")

    assert first.code == again.code == 0
    assert first.out == again.out
    assert other.code == 2
    assert f"belongs to job {first.out.strip()}, which differs" in other.err


def test_a_wait_says_what_became_of_it(dropline: Shell) -> None:
    words = (*FLAGS, *LATER, "--media", URL, "--ref", "mine", "--wait")
    timed_out = dropline(*words, "--timeout", "0")
    job_id = int(timed_out.out)
    told = dropline(*words, "--timeout", "0", "--json")
    assert (told.code, told.json["id"], told.json["state"]) == (6, job_id, "scheduled")
    dropline.move(job_id, State.FAILED, why="the account is gone")
    failed = dropline(*words)

    assert timed_out.code == 6
    assert failed.code == 1
    assert f"job {job_id} is failed: the account is gone" in failed.err
