"""The adapters of Wonda and WAHDX against the sandbox: every kind, stored once, as it was meant."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from typing_extensions import override

from shared.domain.lost import Absent, Ambiguous, Found
from shared.domain.outcome import Accepted, Deferred, Failed, Outcome, Receipt, Succeeded, Uncertain
from shared.domain.post import Kind, Media, Post
from shared.domain.status import Status, Verdict
from shared.provider import Lost, Order, Provider, Publish
from shared.providers import provider_named
from shared.sandbox.clock import SandboxClock
from shared.sandbox.server import Sandbox
from shared.wire.wire import Wire
from tests.support.wires import Wires

PLATFORM_TIME = timedelta(seconds=2)


class HandClock(SandboxClock):
    """Stands still until it is moved on; a pause moves it on."""

    def __init__(self) -> None:
        super().__init__()
        self._now = super().now()

    @override
    def now(self) -> datetime:
        return self._now

    @override
    def pause(self, real: timedelta) -> None:
        self._now += real


@dataclass(frozen=True, slots=True)
class Bench:
    """One adapter facing the sandbox."""

    provider: Provider
    sandbox: Sandbox
    clock: HandClock
    wires: Wires

    def account(self, platform: str) -> str:
        accounts = self.provider.accounts(self.wires.open())
        healthy = (a for a in accounts if a.platform == platform and a.can_post)
        return next(healthy).account_id

    def post(self, platform: str, kind: Kind, *names: str, **more: Any) -> Post:
        media = tuple(Media(url=self.sandbox.media_url(name)) for name in names)
        fields: dict[str, Any] = {"caption": f"Rye {platform} {kind!s}", "media": media, **more}
        return Post(platform=platform, account_id=self.account(platform), kind=kind, **fields)

    def publish(self, post: Post, wire: Wire | None = None) -> Outcome:
        return self.provider.publish(Order(job_id=1, post=post), wire or self.wires.open())

    def receipt(self, post: Post) -> Receipt:
        outcome = self.publish(post)
        assert isinstance(outcome, Accepted | Succeeded), outcome
        return outcome.receipt

    def status(self, receipt: Receipt, post: Post) -> Status:
        publish = Publish(publish_id=receipt.publish_id, post=post, sent_at=self.clock.now())
        return self.provider.statuses([publish], self.wires.open())[receipt.publish_id]

    def lost(self, post: Post, **more: Any) -> Lost:
        return Lost(post=post, memo=self.wires.gate.memos[-1], sent_at=self.clock.now(), **more)


def bench(name: str) -> Iterator[Bench]:
    clock = HandClock()
    provider = provider_named(name)
    with (
        Sandbox(clock=clock, media_delay=PLATFORM_TIME) as sandbox,
        Wires(provider, sandbox.base_urls[name], sandbox.api_keys[name]) as wires,
    ):
        yield Bench(provider, sandbox, clock, wires)


@pytest.fixture
def wonda() -> Iterator[Bench]:
    yield from bench("wonda")


@pytest.fixture
def wahdx() -> Iterator[Bench]:
    yield from bench("wahdx")


SLIDES = ("1.jpg", "2.jpg", "3.jpg")
PUBLIC = {"privacy": "PUBLIC_TO_EVERYONE"}
INBOX = {"post_mode": "inbox"}
VIDEO_OPTIONS = {"allow_comment": False, "allow_duet": False, "allow_stitch": True}
DISCLOSURE = {"disclose_commercial": True, "brand_organic": True, "branded_content": False}

Case = tuple[str, Kind, tuple[str, ...], dict[str, Any]]

WONDA_KINDS: list[Case] = [
    ("instagram", Kind.CAROUSEL, tuple(f"{n}.jpg" for n in range(10)), {}),
    ("instagram", Kind.IMAGE, ("1.png",), {"alt_texts": ("A loaf",)}),
    ("instagram", Kind.VIDEO, ("clip.mp4",), {"options": {"share_to_feed": True}}),
    ("instagram", Kind.STORY, ("1.jpg",), {"caption": ""}),
    ("instagram", Kind.STORY, ("clip.mov",), {}),
    ("tiktok", Kind.CAROUSEL, tuple(f"{n}.webp" for n in range(35)), {"options": PUBLIC}),
    ("tiktok", Kind.CAROUSEL, SLIDES, {"options": {**INBOX, "cover_index": 2}}),
    ("tiktok", Kind.VIDEO, ("clip.webm",), {"options": {**PUBLIC, "ai_generated": False}}),
    ("tiktok", Kind.VIDEO, ("clip.mp4",), {"options": {**VIDEO_OPTIONS, **DISCLOSURE}}),
    ("tiktok", Kind.VIDEO, ("clip.mp4",), {"options": INBOX}),
]

PHOTO_OPTIONS = {"cover_index": 1, "auto_add_music": False, "ai_generated": True}
WAHDX_KINDS: list[Case] = [
    (
        "tiktok",
        Kind.CAROUSEL,
        tuple(f"{n}.jpg" for n in range(35)),
        {"title": "Rye", "options": {**PUBLIC, **PHOTO_OPTIONS}},
    ),
    ("tiktok", Kind.CAROUSEL, SLIDES, {"options": {**INBOX, **PUBLIC}}),
    ("tiktok", Kind.IMAGE, ("1.webp",), {}),
    ("tiktok", Kind.VIDEO, ("clip.mp4",), {"options": {**PUBLIC, "cover_timestamp_ms": 1500}}),
    ("tiktok", Kind.VIDEO, ("clip.mp4",), {"options": VIDEO_OPTIONS}),
    ("tiktok", Kind.VIDEO, ("clip.mov",), {"options": INBOX}),
    ("instagram", Kind.CAROUSEL, SLIDES, {}),
    ("instagram", Kind.IMAGE, ("1.jpg",), {}),
    ("instagram", Kind.VIDEO, ("clip.mp4",), {"options": {"share_to_feed": True}}),
    ("threads", Kind.CAROUSEL, SLIDES, {}),
    ("threads", Kind.VIDEO, ("clip.m4v",), {}),
    ("facebook", Kind.IMAGE, ("1.png",), {}),
    ("facebook", Kind.VIDEO, ("clip.avi",), {}),
]


def settles(bench: Bench, case: Case) -> dict[str, Any]:
    """Publish one post, let the platform take its time, and return the one row stored."""
    platform, kind, names, more = case
    post = bench.post(platform, kind, *names, **more)
    assert [p for p in bench.provider.check(post, None) if not p.warning] == []

    outcome = bench.publish(post)
    assert isinstance(outcome, Accepted | Succeeded), outcome
    synchronous = (platform, kind) in bench.provider.capabilities.synchronous
    assert isinstance(outcome, Succeeded) is synchronous
    if isinstance(outcome, Accepted):
        assert bench.status(outcome.receipt, post).verdict is Verdict.PENDING
        bench.clock.pause(PLATFORM_TIME)
    status = bench.status(outcome.receipt, post)
    assert status.verdict is Verdict.SUCCEEDED
    assert status.delivered_to_inbox is post.inbox
    if platform != "tiktok":
        assert status.permalink

    (row,) = bench.sandbox.stored()
    assert row["account_id"] == post.account_id
    assert row["caption"] == post.caption
    return row


@pytest.mark.parametrize("case", WONDA_KINDS)
def test_every_kind_of_wonda_settles_and_is_stored_once(case: Case, wonda: Bench) -> None:
    row = settles(wonda, case)

    assert row["kind"] == case[1]
    assert row["options"]["filenames"] == list(case[2])


@pytest.mark.parametrize("case", WAHDX_KINDS)
def test_every_kind_of_wahdx_settles_and_is_stored_once(case: Case, wahdx: Bench) -> None:
    row = settles(wahdx, case)

    assert row["kind"] == case[1]
    assert list(row["media"]) == [wahdx.sandbox.media_url(name) for name in case[2]]


def test_accounts_that_cannot_post_are_told_apart(wonda: Bench, wahdx: Bench) -> None:
    at_wonda = wonda.provider.accounts(wonda.wires.open())
    at_wahdx = wahdx.provider.accounts(wahdx.wires.open())

    assert [a.platform for a in at_wonda if a.inbox_only] == ["tiktok"]
    assert [a.platform for a in at_wonda if not a.can_post] == ["instagram"]
    expired = {a.platform for a in at_wahdx if not a.can_post}
    assert expired == {"tiktok", "instagram", "threads", "facebook"}


@pytest.mark.parametrize("kind", [Kind.CAROUSEL, Kind.VIDEO])
def test_a_lost_answer_is_found_and_then_polled_by_its_row(kind: Kind, wonda: Bench) -> None:
    names = SLIDES if kind is Kind.CAROUSEL else ("clip.mp4",)
    post = wonda.post("tiktok", kind, *names, options=PUBLIC)
    wonda.sandbox.add_fault("lost_answer", provider="wonda", call="publish")

    assert isinstance(wonda.publish(post), Uncertain)
    sighting = wonda.provider.find(wonda.lost(post), wonda.wires.open())
    assert isinstance(sighting, Found)
    wonda.clock.pause(PLATFORM_TIME)
    receipt = Receipt(publish_id=sighting.status.publish_id, provider_status="")

    assert wonda.status(receipt, post).verdict is Verdict.SUCCEEDED
    assert [row["publish_id"] for row in wonda.sandbox.stored()] == [receipt.publish_id]


def test_a_call_that_never_arrived_is_absent(wonda: Bench) -> None:
    post = wonda.post("instagram", Kind.IMAGE, "1.jpg")
    wonda.receipt(post)
    wonda.sandbox.add_fault("drop_before", provider="wonda", call="publish")

    assert isinstance(wonda.publish(post), Uncertain)
    assert wonda.provider.find(wonda.lost(post), wonda.wires.open()) == Absent()


def test_two_rows_that_cannot_be_told_apart_are_ambiguous(wonda: Bench) -> None:
    post = wonda.post("instagram", Kind.IMAGE, "1.jpg")
    wonda.sandbox.add_fault("lost_answer", provider="wonda", call="publish")
    wonda.publish(post)
    lost = wonda.lost(post)
    wonda.receipt(post)

    sighting = wonda.provider.find(lost, wonda.wires.open())
    assert isinstance(sighting, Ambiguous)
    claimed = frozenset(sighting.publish_ids[:1])
    other = wonda.provider.find(replace(lost, claimed=claimed), wonda.wires.open())

    assert isinstance(other, Found)
    assert other.status.publish_id == sighting.publish_ids[1]


def test_a_row_that_appears_late_is_absent_and_then_found(wonda: Bench) -> None:
    post = wonda.post("instagram", Kind.CAROUSEL, *SLIDES)
    wonda.sandbox.add_fault("late_listing", provider="wonda", call="publish", seconds=20)
    wonda.sandbox.add_fault("lost_answer", provider="wonda", call="publish")
    wonda.publish(post)
    lost = wonda.lost(post)

    assert wonda.provider.find(lost, wonda.wires.open()) == Absent()
    wonda.clock.pause(timedelta(seconds=30))

    assert isinstance(wonda.provider.find(lost, wonda.wires.open()), Found)


def test_media_still_processing_at_wonda_defer_and_are_not_uploaded_again(wonda: Bench) -> None:
    post = wonda.post("instagram", Kind.CAROUSEL, *SLIDES)
    wonda.sandbox.add_fault("unprocessed_media", provider="wonda", call="publish")
    first = wonda.wires.open()

    assert isinstance(wonda.publish(post, first), Deferred)
    assert isinstance(wonda.publish(post, wonda.wires.open(prepared=first.prepared)), Succeeded)
    calls = [each["call"] for each in wonda.sandbox.requests()]
    assert calls.count("upload") == 1
    assert len(wonda.sandbox.stored()) == 1


def test_the_history_shows_what_was_published_newest_first(wonda: Bench) -> None:
    posts = [wonda.post("instagram", Kind.IMAGE, "1.jpg", caption=f"Day {n}") for n in range(3)]
    began = wonda.clock.now() - timedelta(seconds=1)
    for post in posts:
        wonda.receipt(post)
        wonda.clock.pause(timedelta(seconds=1))

    listed = wonda.provider.history(posts[0].account_id, began, wonda.wires.open())

    assert [row.caption for row in listed] == ["Day 2", "Day 1", "Day 0"]


@pytest.mark.parametrize("platform", ["tiktok", "instagram"])
def test_a_platform_that_refuses_a_post_of_wahdx_fails_it(platform: str, wahdx: Bench) -> None:
    post = wahdx.post(platform, Kind.VIDEO, "clip.mp4")
    wahdx.sandbox.add_fault("refuse_publish", provider="wahdx", code="spam_risk_too_many_posts")

    outcome = wahdx.publish(post)

    if isinstance(outcome, Accepted):
        wahdx.clock.pause(PLATFORM_TIME)
        fault = wahdx.status(outcome.receipt, post).fault
    else:
        assert isinstance(outcome, Failed)
        fault = outcome.fault
    assert fault is not None
    assert "spam_risk_too_many_posts" in fault.message


def test_many_publishes_of_wahdx_are_polled_by_one_call(wahdx: Bench) -> None:
    posts = [wahdx.post("tiktok", Kind.VIDEO, "clip.mp4", caption=f"Day {n}") for n in range(5)]
    publishes = [
        Publish(publish_id=wahdx.receipt(post).publish_id, post=post, sent_at=wahdx.clock.now())
        for post in posts
    ]
    wahdx.clock.pause(PLATFORM_TIME)
    before = len(wahdx.sandbox.requests())

    answers = wahdx.provider.statuses(publishes, wahdx.wires.open())

    assert {status.verdict for status in answers.values()} == {Verdict.SUCCEEDED}
    assert set(answers) == {publish.publish_id for publish in publishes}
    assert len(wahdx.sandbox.requests()) == before + 1
