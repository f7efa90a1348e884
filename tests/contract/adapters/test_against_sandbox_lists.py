"""PostEverywhere's and Genviral's adapters against the sandbox: all kinds, lists, lost answers."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.clock import SystemClock
from shared.domain.lost import Absent, Ambiguous, Found
from shared.domain.outcome import Accepted, Deferred, Failed, Outcome, Uncertain
from shared.domain.post import Kind, Media, Post
from shared.domain.status import Status, Verdict
from shared.provider import Lost, Order, Provider, Publish
from shared.providers import provider_named
from shared.sandbox.clock import ManualClock
from shared.sandbox.server import Sandbox
from tests.support.wires import Wires

#: Longer than the sandbox's platforms and workers ever take.
LATER = timedelta(seconds=30)
NAMES = ("genviral", "posteverywhere")
#: What the sandbox has no account for.
WITHOUT_ACCOUNTS = {("genviral", "x"), ("genviral", "bluesky")}
SHAPES = [
    (name, platform, kind)
    for name in NAMES
    for platform, kind in provider_named(name).capabilities.shapes
    if (name, platform) not in WITHOUT_ACCOUNTS
]


@dataclass
class Bench:
    """One adapter, its sandbox and a wire between them."""

    provider: Provider
    sandbox: Sandbox
    clock: ManualClock
    wires: Wires

    def post(self, platform: str, kind: Kind, caption: str = "Rye week", **more: Any) -> Post:
        accounts = self.provider.accounts(self.wires.open())
        of_platform = [a for a in accounts if a.platform == platform and a.can_post]
        account = next(a for a in of_platform if a.account_type != "hosted")
        shape = self.provider.capabilities.shapes[platform, kind]
        post = Post(
            platform=platform,
            account_id=account.account_id,
            kind=kind,
            caption=caption,
            title="How rye rises" if shape.title_required else "",
            media=tuple(Media(url=self.sandbox.media_url(name)) for name in FILES[kind]),
            options={"board_id": "b7"} if "board_id" in shape.required_options else {},
        )
        changed = Post.from_json({**post.to_json(), **more})
        assert [p for p in self.provider.check(changed, account) if not p.warning] == []
        return changed

    def publish(self, post: Post, **order: Any) -> Outcome:
        """Publish as the worker does: deferred, it tries again later with what is prepared."""
        prepared: dict[str, Any] = {}
        for _ in range(5):
            wire = self.wires.open(prepared=prepared)
            outcome = self.provider.publish(Order(job_id=1, post=post, **order), wire)
            if not isinstance(outcome, Deferred):
                return outcome
            prepared = wire.prepared
            self.clock.advance(outcome.wait)
        raise AssertionError("it is deferred again and again")

    def accepted(self, post: Post) -> Publish:
        sent_at = self.wires.clock.now()
        outcome = self.publish(post)
        assert isinstance(outcome, Accepted), outcome
        return Publish(publish_id=outcome.receipt.publish_id, post=post, sent_at=sent_at)

    def settled(self, *publishes: Publish) -> dict[str, Status]:
        self.clock.advance(LATER)
        return dict(self.provider.statuses(publishes, self.wires.open()))

    def lost(self, post: Post, *claimed: str) -> Lost:
        memo, now = self.wires.gate.memos[-1], self.wires.clock.now()
        return Lost(post=post, memo=memo, sent_at=now, claimed=frozenset(claimed))


FILES = {
    Kind.TEXT: (),
    Kind.IMAGE: ("loaf.jpg",),
    Kind.STORY: ("loaf.jpg",),
    Kind.VIDEO: ("oven.mp4",),
    Kind.CAROUSEL: ("c.jpg", "a.jpg", "b.jpg"),
}


def bench(name: str) -> Iterator[Bench]:
    provider, clock = provider_named(name), ManualClock(SystemClock().now())
    with (
        Sandbox(clock=clock, limits=[]) as sandbox,
        Wires(provider, sandbox.base_urls[name], sandbox.api_keys[name]) as wires,
    ):
        yield Bench(provider, sandbox, clock, wires)


@pytest.fixture
def facing(name: str) -> Iterator[Bench]:
    yield from bench(name)


@pytest.fixture
def genviral() -> Iterator[Bench]:
    yield from bench("genviral")


@pytest.fixture
def posteverywhere() -> Iterator[Bench]:
    yield from bench("posteverywhere")


@pytest.mark.parametrize(("name", "platform", "kind"), SHAPES)
def test_every_kind_is_published_once_and_settles(
    name: str, platform: str, kind: Kind, facing: Bench
) -> None:
    post = facing.post(platform, kind)

    publish = facing.accepted(post)
    status = facing.settled(publish)[publish.publish_id]

    assert status.verdict is Verdict.SUCCEEDED
    assert status.permalink
    [stored] = facing.sandbox.stored()
    assert stored["publish_id"] == publish.publish_id
    assert stored["account_id"] == post.account_id
    assert (stored["platform"], stored["caption"]) == (platform, "Rye week")
    assert stored["media"] == [media.url for media in post.media]
    assert stored["kind"] == str(kind)


@pytest.mark.parametrize("name", NAMES)
def test_many_settle_by_lists(name: str, facing: Bench) -> None:
    publishes = [
        facing.accepted(facing.post("instagram", Kind.IMAGE, f"Loaf {number}"))
        for number in range(12)
    ]
    asked_before = len(facing.sandbox.requests())

    settled = facing.settled(*publishes)

    assert Counter(status.verdict for status in settled.values()) == {Verdict.SUCCEEDED: 12}
    assert len(facing.sandbox.requests()) - asked_before == 1


@pytest.mark.parametrize("name", NAMES)
def test_a_refused_publish_fails_with_its_reason(name: str, facing: Bench) -> None:
    facing.sandbox.add_fault("refuse_publish", provider=name, message="Too much rye")

    publish = facing.accepted(facing.post("instagram", Kind.IMAGE))
    status = facing.settled(publish)[publish.publish_id]

    assert status.verdict is Verdict.FAILED
    assert status.fault is not None
    assert status.fault.message == "Too much rye"


@pytest.mark.parametrize("name", NAMES)
def test_a_failure_that_passes_ends_well(name: str, facing: Bench) -> None:
    facing.sandbox.add_fault("transient_failure", provider=name)
    publish = facing.accepted(facing.post("instagram", Kind.IMAGE))
    seen = set()

    for _ in range(40):
        facing.clock.advance(timedelta(milliseconds=500))
        found = facing.provider.statuses([publish], facing.wires.open())
        seen.add(found[publish.publish_id].verdict)

    assert seen == {Verdict.PENDING, Verdict.SUCCEEDED}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("fault", ["lost_answer", "cut_answer", "error_after"])
def test_a_lost_answer_is_found(name: str, fault: str, facing: Bench) -> None:
    facing.sandbox.add_fault(fault, provider=name, call="publish")
    post = facing.post("instagram", Kind.CAROUSEL)

    assert isinstance(facing.publish(post), Uncertain)
    sighting = facing.provider.find(facing.lost(post), facing.wires.open())

    [stored] = facing.sandbox.stored()
    assert isinstance(sighting, Found)
    assert sighting.status.publish_id == stored["publish_id"]
    claimed = facing.lost(post, stored["publish_id"])
    assert facing.provider.find(claimed, facing.wires.open()) == Absent()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("fault", ["drop_before", "error_before"])
def test_what_was_never_stored_is_not_found(name: str, fault: str, facing: Bench) -> None:
    facing.sandbox.add_fault(fault, provider=name, call="publish")
    post = facing.post("instagram", Kind.CAROUSEL)

    assert isinstance(facing.publish(post), Uncertain)

    assert facing.provider.find(facing.lost(post), facing.wires.open()) == Absent()
    assert facing.sandbox.stored() == []


@pytest.mark.parametrize("name", NAMES)
def test_two_of_a_kind_are_for_a_person(name: str, facing: Bench) -> None:
    post = facing.post("facebook", Kind.TEXT)
    facing.accepted(post)
    facing.accepted(post)

    sighting = facing.provider.find(facing.lost(post), facing.wires.open())

    assert isinstance(sighting, Ambiguous)


@pytest.mark.parametrize("name", NAMES)
def test_history_shows_what_was_published(name: str, facing: Bench) -> None:
    since = facing.wires.clock.now() - timedelta(seconds=5)
    first = facing.accepted(facing.post("instagram", Kind.IMAGE, "First"))
    facing.accepted(facing.post("tiktok", Kind.VIDEO, "Elsewhere"))
    facing.clock.advance(timedelta(seconds=1))
    second = facing.accepted(facing.post("instagram", Kind.IMAGE, "Second"))

    rows = list(facing.provider.history(first.post.account_id, since, facing.wires.open()))

    assert [(row.publish_id, row.caption) for row in rows] == [
        (second.publish_id, "Second"),
        (first.publish_id, "First"),
    ]


@pytest.mark.parametrize("name", NAMES)
def test_what_has_not_gone_out_can_be_cancelled(name: str, facing: Bench) -> None:
    publish = facing.accepted(facing.post("instagram", Kind.IMAGE))

    status = facing.provider.cancel(publish, facing.wires.open())

    assert status.verdict is Verdict.CANCELLED
    assert [stored["status"] for stored in facing.sandbox.stored()] == ["deleted"]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_out_cannot_be_cancelled(name: str, facing: Bench) -> None:
    publish = facing.accepted(facing.post("instagram", Kind.IMAGE))
    facing.settled(publish)

    status = facing.provider.cancel(publish, facing.wires.open())

    assert status.verdict is Verdict.SUCCEEDED
    assert [stored["status"] for stored in facing.sandbox.stored()] != ["deleted"]


@pytest.mark.parametrize("name", NAMES)
def test_files_of_this_machine_arrive(name: str, facing: Bench, tmp_path: Path) -> None:
    paths = [tmp_path / each for each in ("b.png", "a.jpg")]
    for path in paths:
        path.write_bytes(path.name.encode() * 100)
    media = [{"path": str(path)} for path in paths]

    facing.accepted(facing.post("instagram", Kind.CAROUSEL, media=media))

    [stored] = facing.sandbox.stored()
    assert [Path(each).suffix for each in stored["media"]] == [".png", ".jpg"]


def test_a_key_makes_a_replay_safe(genviral: Bench) -> None:
    genviral.sandbox.add_fault("lost_answer", provider="genviral", call="publish")
    post = genviral.post("instagram", Kind.CAROUSEL)
    assert isinstance(genviral.publish(post), Uncertain)

    outcome = genviral.publish(post, replay=genviral.wires.gate.memos[-1])

    [stored] = genviral.sandbox.stored()
    assert isinstance(outcome, Accepted)
    assert outcome.receipt.publish_id == stored["publish_id"]


def test_the_inbox_is_no_public_place(genviral: Bench) -> None:
    publish = genviral.accepted(
        genviral.post("tiktok", Kind.CAROUSEL, options={"post_mode": "inbox"})
    )

    status = genviral.settled(publish)[publish.publish_id]

    assert (status.verdict, status.delivered_to_inbox) == (Verdict.SUCCEEDED, True)
    assert status.permalink is None


@pytest.mark.parametrize("fault", ["ignore_filters", "old_shapes"])
def test_older_services_are_understood(fault: str, posteverywhere: Bench) -> None:
    posteverywhere.sandbox.add_fault(fault, provider="posteverywhere", count=None)
    posts = [posteverywhere.post(p, Kind.IMAGE) for p in ("instagram", "threads", "facebook")]
    publishes = [posteverywhere.accepted(post) for post in posts]

    sighting = posteverywhere.provider.find(
        posteverywhere.lost(posts[2]), posteverywhere.wires.open()
    )
    settled = posteverywhere.settled(*publishes)

    assert isinstance(sighting, Found)
    assert sighting.status.publish_id == publishes[2].publish_id
    assert {status.verdict for status in settled.values()} == {Verdict.SUCCEEDED}
    assert len(settled) == 3


def test_an_older_service_gets_the_bytes_of_a_video(posteverywhere: Bench) -> None:
    posteverywhere.sandbox.add_fault("no_video_import", provider="posteverywhere", count=None)

    posteverywhere.accepted(posteverywhere.post("youtube", Kind.VIDEO))

    [stored] = posteverywhere.sandbox.stored()
    assert stored["kind"] == "video"


def test_a_film_that_cannot_be_imported_fails(posteverywhere: Bench) -> None:
    posteverywhere.sandbox.add_fault("fail_media", provider="posteverywhere")

    outcome = posteverywhere.publish(posteverywhere.post("youtube", Kind.VIDEO))

    assert isinstance(outcome, Failed)
    assert outcome.fault.code == "media_failed"
    assert posteverywhere.sandbox.stored() == []


def test_an_expired_account_fails_at_once(posteverywhere: Bench) -> None:
    post = posteverywhere.post("instagram", Kind.IMAGE)
    posteverywhere.sandbox.set_account_status("posteverywhere", post.account_id, "expired")

    publish = posteverywhere.accepted(post)
    status = posteverywhere.settled(publish)[publish.publish_id]

    assert status.verdict is Verdict.FAILED
    accounts = posteverywhere.provider.accounts(posteverywhere.wires.open())
    [account] = [a for a in accounts if a.account_id == post.account_id]
    assert not account.can_post
