"""Files are uploaded once for all posts of a connection, and again when they were forgotten."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.domain.job import Job, NewJob
from shared.domain.post import Kind, Media, Post
from shared.domain.shelf import LEASE, TRUST, digest, lease_for
from shared.domain.states import State
from tests.support.workshop import ACCOUNTS, Workshop, workshop

#: Providers that are given files, and how many calls one file takes.
CALLS = {"wonda": 1, "posteverywhere": 2, "genviral": 1}
WELL = {State.SUCCEEDED, State.IN_PROGRESS}


@pytest.fixture
def shop() -> Iterator[Workshop]:
    with workshop() as opened:
        yield opened


@pytest.fixture
def slides(tmp_path: Path) -> tuple[Media, ...]:
    paths = [tmp_path / f"{number}.jpg" for number in range(1, 4)]
    for path in paths:
        path.write_bytes(path.name.encode())
    return tuple(Media(path=str(path)) for path in paths)


def uploads(shop: Workshop, call: str = "upload") -> int:
    """Return how many requests of this sort the sandbox has answered."""
    return sum(entry["call"] == call for entry in shop.sandbox.requests())


def post(shop: Workshop, provider: str, ref: str, media: tuple[Media, ...], **more: Any) -> int:
    return shop.queued(
        provider, ref=ref, caption=f"post {ref}", kind=Kind.CAROUSEL, media=media, **more
    )


def publish(shop: Workshop, provider: str, ref: str, media: tuple[Media, ...]) -> Job:
    return shop.work(post(shop, provider, ref, media))


def why(job: Job) -> str | None:
    return job.fault.code if job.fault else None


def media_of(shop: Workshop, caption: str) -> list[Any]:
    [stored] = [each for each in shop.sandbox.stored() if each["caption"] == caption]
    return list(stored["media"])


@pytest.mark.parametrize("provider", CALLS)
def test_the_second_post_uploads_nothing(
    shop: Workshop, provider: str, slides: tuple[Media, ...]
) -> None:
    first = publish(shop, provider, "a", slides)
    asked = uploads(shop)
    # The files are the same, wherever they lie and in whatever order they go.
    elsewhere = Path(slides[0].path or "").parent / "copy.jpg"
    elsewhere.write_bytes(b"1.jpg")
    second = publish(shop, provider, "b", (slides[2], Media(path=str(elsewhere)), slides[1]))

    assert {first.state, second.state} <= WELL
    assert asked == (1 if provider == "wonda" else 3 * CALLS[provider])
    assert uploads(shop) == asked
    one, two, three = media_of(shop, "post a")
    assert media_of(shop, "post b") == [three, one, two]


def test_a_file_that_was_changed_is_another(shop: Workshop, slides: tuple[Media, ...]) -> None:
    publish(shop, "wonda", "a", slides)
    Path(slides[1].path or "").write_bytes(b"a better picture")
    publish(shop, "wonda", "b", slides)

    assert uploads(shop) == 2
    old, new = media_of(shop, "post a"), media_of(shop, "post b")
    assert (old[0], old[2]) == (new[0], new[2])
    assert old[1] != new[1]


@pytest.mark.parametrize("provider", ["wonda", "posteverywhere"])
def test_an_address_is_looked_up_again_after_a_while(shop: Workshop, provider: str) -> None:
    media = tuple(Media(url=shop.sandbox.media_url(f"{name}.jpg?sig=s3cret")) for name in "ab")
    first = publish(shop, provider, "a", media)
    asked = uploads(shop)
    publish(shop, provider, "b", media)
    assert uploads(shop) == asked

    shop.clock.move(TRUST)
    publish(shop, provider, "c", media)

    assert first.state in WELL
    # Wonda is given bytes, which are the same; PostEverywhere fetches the address anew.
    assert uploads(shop) == (asked if provider == "wonda" else 2 * asked)


@pytest.mark.parametrize("provider", CALLS)
def test_what_the_provider_has_forgotten_is_uploaded_again_once(
    shop: Workshop, provider: str, slides: tuple[Media, ...]
) -> None:
    publish(shop, provider, "a", slides)
    asked = uploads(shop)
    shop.sandbox.add_fault("forget_media", provider=provider)

    job_id = post(shop, provider, "b", slides)
    sent_back = shop.work(job_id)
    shop.release()
    done = shop.work(job_id)
    later = publish(shop, provider, "c", slides)

    assert (sent_back.state, why(sent_back)) == (State.SCHEDULED, "media_forgotten")
    assert sent_back.attempts == 0, "a deferral is free"
    assert {done.state, later.state} <= WELL
    assert uploads(shop) == 2 * asked
    assert media_of(shop, "post b") == media_of(shop, "post c")


@pytest.mark.parametrize("provider", CALLS)
def test_a_provider_that_forgets_always_is_not_served_for_ever(
    shop: Workshop, provider: str, slides: tuple[Media, ...]
) -> None:
    shop.sandbox.add_fault("forget_media", provider=provider, count=None)
    job_id = post(shop, provider, "a", slides)
    shop.work(job_id)
    asked = uploads(shop)
    shop.release()

    assert shop.work(job_id).state is State.FAILED
    assert uploads(shop) == 2 * asked


def test_an_unknown_account_costs_no_upload(shop: Workshop, slides: tuple[Media, ...]) -> None:
    """The code of a 404 is the same, so Wonda is asked which it was."""
    publish(shop, "wonda", "a", slides)
    job_id = post(shop, "wonda", "b", slides)
    del shop.sandbox.providers["wonda"].accounts[ACCOUNTS["wonda"]]

    failed = shop.work(job_id)

    assert (failed.state, why(failed)) == (State.FAILED, "not_found")
    assert (uploads(shop), uploads(shop, "media")) == (1, 3)


def test_a_slide_in_the_wrong_store_is_uploaded_again(
    shop: Workshop, slides: tuple[Media, ...]
) -> None:
    account = "a3f4c9de-1b7e-4a39-9d1b-52a5a2f3c001"
    shop.sandbox.add_fault("s3_media", count=1)
    tiktok = Post(platform="tiktok", account_id=account, kind=Kind.CAROUSEL, media=slides)
    new = NewJob(ref="t", provider="wonda", connection="wonda", post=tiktok)
    now = shop.clock.now()
    [job_id] = shop.ledger.campaigns.submit("test", [new], now=now, by="test").added
    shop.release()
    first = shop.work(job_id)
    shop.release()

    assert (first.state, why(first)) == (State.SCHEDULED, "media_forgotten")
    assert shop.work(job_id).state is State.SUCCEEDED
    assert uploads(shop) == 2


def test_nobody_knows_whether_it_was_forgotten_and_the_post_is_tried_again(
    shop: Workshop, slides: tuple[Media, ...]
) -> None:
    publish(shop, "wonda", "a", slides)
    shop.sandbox.add_fault("forget_media", provider="wonda")
    shop.sandbox.add_fault("drop_before", call="media")

    job = shop.work(post(shop, "wonda", "b", slides))

    assert (job.state, job.attempts) == (State.RETRYING, 1), "refused is never uncertain"


def test_a_file_that_another_job_uploads_is_awaited(
    shop: Workshop, slides: tuple[Media, ...]
) -> None:
    content = f"{digest('1.jpg')} image/jpeg"
    shop.ledger.media.take("wonda", [content], by="another", now=shop.clock.now())
    began = shop.clock.now()

    job_id = post(shop, "wonda", "a", slides)
    waiting = shop.work(job_id)

    assert (waiting.state, why(waiting)) == (State.SCHEDULED, "media_busy")
    assert timedelta(seconds=5) <= shop.clock.now() - began < timedelta(seconds=6)
    assert uploads(shop) == 1, "the others were uploaded meanwhile"

    # That job died: its file is uploaded by this one, and the rest is there.
    shop.clock.move(LEASE)
    shop.release()
    assert shop.work(job_id).state in WELL
    assert uploads(shop) == 2


def test_an_upload_has_time_for_its_bytes(
    shop: Workshop, slides: tuple[Media, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    leases: list[timedelta] = []
    take = shop.ledger.media.take

    def noted(*words: Any, lease: timedelta, **more: Any) -> Any:
        leases.append(lease)
        return take(*words, lease=lease, **more)

    monkeypatch.setattr(shop.ledger.media, "take", noted)
    assert publish(shop, "wonda", "a", slides).state in WELL
    size = sum(Path(each.path or "").stat().st_size for each in slides)
    assert leases == [lease_for(size)]


def test_a_failed_upload_leaves_the_file_to_others(
    shop: Workshop, slides: tuple[Media, ...]
) -> None:
    shop.sandbox.add_fault("error_before", call="upload")
    failed = shop.work(post(shop, "wonda", "a", slides))
    began = shop.clock.now()

    other = publish(shop, "wonda", "b", slides)

    assert failed.state is State.RETRYING
    assert other.state in WELL
    assert shop.clock.now() == began, "nobody waited"


def test_nothing_secret_of_an_address_is_stored(shop: Workshop) -> None:
    media = tuple(Media(url=shop.sandbox.media_url(f"{name}.jpg?sig=s3cret")) for name in "ab")
    publish(shop, "wonda", "a", media)
    publish(shop, "posteverywhere", "b", media)

    with shop.ledger._database._engine.connect() as connection:
        for table in ("media", "media_source"):
            rows = connection.exec_driver_sql(f"SELECT * FROM {table}").all()  # noqa: S608
            assert rows
            assert not any("s3cret" in str(row) or "http" in str(row) for row in rows)
