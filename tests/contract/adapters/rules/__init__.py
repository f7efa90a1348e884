"""The checkable rules of each provider's reference, each with a post that breaks it and one not.

The figures stand here as the references have them; nothing is taken from the adapters.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from typing_extensions import override

from shared.domain.account import Account
from shared.domain.creator import Creator, check_creator, check_duration
from shared.domain.media_facts import MediaFacts
from shared.domain.post import Kind, Media, Post
from shared.domain.preflight import Problem
from shared.domain.preflight_files import check_file
from shared.provider import Provider

MB = 1024 * 1024

_EXTENSIONS = {Kind.VIDEO: "mp4"}
_COUNTS = {Kind.TEXT: 0, Kind.CAROUSEL: 2}


@dataclass(frozen=True, kw_only=True)
class Case:
    """A post with what else is known of its account and its files."""

    post: Post
    account: Account | None = None
    creator: Creator = field(default_factory=Creator)
    #: Of the first file.
    facts: MediaFacts | None = None

    def problems(self, provider: Provider) -> list[Problem]:
        found = provider.check(self.post, self.account)
        found += check_creator(self.post, self.creator)
        shape = provider.capabilities.shapes.get((self.post.platform, self.post.kind))
        if self.facts is not None and shape is not None:
            found += check_file(self.post, 0, self.facts, shape)
            found += check_duration(0, self.facts.duration, self.creator)
        return found


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule of a reference, by its section, and the field that breaks it."""

    section: str
    words: str
    field: str
    rejects: Case
    accepts: Case
    warning: bool = False

    @override
    def __str__(self) -> str:
        of = self.rejects.post
        return f"{self.section} {of.platform} {of.kind}: {self.words}"


def a_post(platform: str, kind: Kind, *extensions: str, **changes: Any) -> Post:
    """Make a post that no rule minds, but for what is changed."""
    count = _COUNTS.get(kind, 1)
    files = extensions or (_EXTENSIONS.get(kind, "jpg"),) * count
    given = {
        "account_id": "4101",
        "caption": "Rye week",
        "media": tuple(
            Media(url=f"https://cdn.example.com/{at}.{each}") for at, each in enumerate(files)
        ),
    }
    return Post(platform=platform, kind=kind, **{**given, **changes})


def case(platform: str, kind: Kind, *extensions: str, **changes: Any) -> Case:
    known = {name: changes.pop(name) for name in ("account", "creator", "facts") if name in changes}
    return Case(post=a_post(platform, kind, *extensions, **changes), **known)


def captions(
    section: str, platform: str, kinds: Iterable[Kind], most: int, unit: str = "x", **more: Any
) -> Iterator[Rule]:
    """Make a rule of `most` times `unit`, which counts as one."""
    for kind in kinds:
        yield Rule(
            section=section,
            words=f"a caption has at most {most}",
            field="caption",
            rejects=case(platform, kind, caption=unit * most + "x", **more),
            accepts=case(platform, kind, caption=unit * most, **more),
        )


def counts(
    section: str, platform: str, least: int, most: int, ext: str = "jpg", **more: Any
) -> Iterator[Rule]:
    """Make the two rules of how many files a carousel has."""
    for wrong, right in ((least - 1, least), (most + 1, most)):
        yield Rule(
            section=section,
            words=f"a carousel has {least} to {most} files, not {wrong}",
            field="media",
            rejects=case(platform, Kind.CAROUSEL, *[ext] * wrong, **more),
            accepts=case(platform, Kind.CAROUSEL, *[ext] * right, **more),
        )


def formats(
    section: str, platform: str, kind: Kind, accepted: str, refused: str, **more: Any
) -> Iterator[Rule]:
    """Make a rule of each refused extension; every accepted one is tried with one of them."""
    goods, bads = accepted.split(), refused.split()
    rest = (_EXTENSIONS.get(kind, "jpg"),) * (_COUNTS.get(kind, 1) - 1)
    for at in range(max(len(goods), len(bads))):
        good, bad = goods[at % len(goods)], bads[at % len(bads)]
        yield Rule(
            section=section,
            words=f"a file is .{good}, not .{bad}",
            field="media[0]",
            rejects=case(platform, kind, bad, *rest, **more),
            accepts=case(platform, kind, good, *rest, **more),
        )


def by_bytes(
    section: str, platform: str, kind: Kind, accepted: str, refused: str, **more: Any
) -> Rule:
    """Make a rule of what the first bytes may be, whatever the file is called."""
    return Rule(
        section=section,
        words=f"a file is {accepted} by its bytes, not {refused}",
        field="media[0]",
        rejects=case(platform, kind, facts=MediaFacts(format=refused), **more),
        accepts=case(platform, kind, facts=MediaFacts(format=accepted), **more),
    )


def sizes(section: str, platform: str, kind: Kind, most: int, **more: Any) -> Rule:
    format_ = "mp4" if kind is Kind.VIDEO else "jpg"
    return Rule(
        section=section,
        words=f"a file has at most {most} bytes",
        field="media[0]",
        rejects=case(platform, kind, facts=MediaFacts(format=format_, size_bytes=most + 1), **more),
        accepts=case(platform, kind, facts=MediaFacts(format=format_, size_bytes=most), **more),
    )


def video(seconds: float, width: int = 1080, height: int = 1920) -> MediaFacts:
    return MediaFacts(format="mp4", duration=timedelta(seconds=seconds), width=width, height=height)


def durations(
    section: str, platform: str, least: float, most: float, *, warning: bool = False, **more: Any
) -> Iterator[Rule]:
    """Make the two rules of how long a video lasts."""
    for wrong, right in ((least - 0.1, least), (most + 0.1, most)):
        yield Rule(
            section=section,
            words=f"a video lasts {least:g} to {most:g} s, not {wrong:g}",
            field="media[0]",
            rejects=case(platform, Kind.VIDEO, facts=video(wrong), **more),
            accepts=case(platform, Kind.VIDEO, facts=video(right), **more),
            warning=warning,
        )


def lacks_kind(section: str, platform: str, kind: Kind, instead: Kind, **more: Any) -> Rule:
    return Rule(
        section=section,
        words=f"{kind} is not offered",
        field="kind",
        rejects=case(platform, kind, **more),
        accepts=case(platform, instead, **more),
    )


def option(
    section: str,
    platform: str,
    kind: Kind,
    name: str,
    value: Any,
    elsewhere: tuple[str, Kind],
    **more: Any,
) -> Rule:
    """Make a rule of an option that one sort of post knows and another does not."""
    given: Mapping[str, Any] = {name: value}
    return Rule(
        section=section,
        words=f"{name} is for {' '.join(elsewhere)} only",
        field=f"options.{name}",
        rejects=case(platform, kind, options=given, **more),
        accepts=case(*elsewhere, options=given, **more),
    )


def switched_off(
    section: str, comment: Kind, duet: Kind, stitch: Kind, options: Mapping[str, Any]
) -> Iterator[Rule]:
    """Make the rules of what a TikTok creator has switched off, each on a kind that knows it."""
    off = Creator(switched_off=frozenset({"comment", "duet", "stitch"}))
    for name, kind in (("comment", comment), ("duet", duet), ("stitch", stitch)):
        on, still_off = ({**options, f"allow_{name}": each} for each in (True, False))
        yield Rule(
            section=section,
            words=f"the creator has switched {name} off",
            field=f"options.allow_{name}",
            rejects=case("tiktok", kind, options=on, creator=off),
            accepts=case("tiktok", kind, options=still_off, creator=off),
            warning=True,
        )
