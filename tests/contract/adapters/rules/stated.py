"""What a reference states of one sort of post, figure by figure, as rules of the book."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.domain.media_facts import MediaFacts
from shared.domain.post import Kind
from tests.contract.adapters.rules import (
    MB,
    Case,
    Rule,
    a_post,
    case,
    video,
)

Sort = tuple[str, Kind]

VIDEOS = frozenset({"mp4", "mov", "m4v", "webm", "avi"})

#: A value that each option takes.
VALUES: Mapping[str, Any] = {
    "ai_generated": False,
    "allow_comment": False,
    "allow_duet": False,
    "allow_stitch": False,
    "auto_add_music": True,
    "board_id": "b1",
    "brand_organic": True,
    "branded_content": False,
    "cover_index": 0,
    "cover_timestamp_ms": 0,
    "description": "Rye",
    "disclose_commercial": True,
    "link": "https://a.example",
    "music_url": "https://www.tiktok.com/@bread/video/7300",
    "post_mode": "direct",
    "privacy": "SELF_ONLY",
    "settings": {"a": 1},
    "share_to_feed": True,
    "tags": ["rye"],
    "trial_reel": True,
    "user_consent": True,
    "video_duration_s": 30,
    "video_type": "Short",
    "visibility": "public",
}

#: Each is refused somewhere.
_RARE = ("board_id", "cover_index", "video_type")


@dataclass(frozen=True, kw_only=True)
class Stated:
    """The figures of one platform and kind; `needs` keeps other rules quiet."""

    section: str
    platform: str
    kind: Kind
    files: str = ""
    caption: int
    title: int = 0
    alt_text: int = 0
    hashtags: int | None = None
    options: str = ""
    inbox: bool = False
    image_mb: int | None = None
    #: In bytes where it is no whole number of megabytes.
    video_max: int | None = None
    seconds: tuple[float, float] | None = None
    #: Durations outside are refused by some versions only.
    seconds_doubtful: bool = False
    needs: Mapping[str, Any] = field(default_factory=dict)

    def rules(self, without: Sort, others: Mapping[str, Sort] | None = None) -> Iterator[Rule]:
        """Yield the rules; `without` offers none of the options, but for those of `others`."""
        yield self._caption()
        yield from self._count()
        yield self._title()
        yield from self._alt_texts()
        yield from self._hashtags()
        yield from self._files()
        for name in self.options.split():
            elsewhere = (others or {}).get(name, without)
            yield self._offered(name, elsewhere)
        rare = next(each for each in _RARE if each not in self.options.split())
        yield self._rule(
            f"there is no {rare}", f"options.{rare}", options=({rare: VALUES[rare]}, {})
        )
        if "post_mode" in self.options.split():
            yield self._inbox(without)
        yield from self._sizes()
        yield from self._durations()

    def _case(self, *extensions: str, **changes: Any) -> Case:
        options = {**self.needs.get("options", {}), **changes.pop("options", {})}
        more = {**self.needs, **changes} | ({"options": options} if options else {})
        return case(self.platform, self.kind, *extensions, **more)

    def _rule(self, words: str, at: str, *, warning: bool = False, **pairs: Any) -> Rule:
        """Make a rule of changes that come in pairs: what is refused, what is taken."""
        wrong = {name: each[0] for name, each in pairs.items()}
        right = {name: each[1] for name, each in pairs.items()}
        return Rule(
            section=self.section,
            words=words,
            field=at,
            rejects=self._case(**wrong),
            accepts=self._case(**right),
            warning=warning,
        )

    def _caption(self) -> Rule:
        most = self.caption
        return self._rule(
            f"a caption has at most {most}", "caption", caption=("x" * (most + 1), "x" * most)
        )

    def _count(self) -> Iterator[Rule]:
        if self.kind is Kind.CAROUSEL:
            return
        one = self._case().post.media
        more = (*one, *(one or a_post(self.platform, Kind.IMAGE).media))
        for wrong in (more,) if self.kind is Kind.TEXT else ((), more):
            words = f"{self.kind} has {len(one)} files, not {len(wrong)}"
            yield self._rule(words, "media", media=(wrong, one))

    def _title(self) -> Rule:
        if not self.title:
            return self._rule("there is no title", "title", title=("R", ""))
        sizes = ("x" * (self.title + 1), "x" * self.title)
        return self._rule(f"a title has at most {self.title} characters", "title", title=sizes)

    def _alt_texts(self) -> Iterator[Rule]:
        if self.kind is Kind.TEXT:
            return
        if not self.alt_text:
            yield self._rule("there are no alt texts", "alt_texts", alt_texts=(("a",), ()))
            return
        sizes = (("x" * (self.alt_text + 1),), ("x" * self.alt_text,))
        words = f"an alt text has at most {self.alt_text} characters"
        yield self._rule(words, "alt_texts[0]", alt_texts=sizes)

    def _hashtags(self) -> Iterator[Rule]:
        if self.hashtags is not None:
            tags = ("#rye " * (self.hashtags + 1), "#rye " * self.hashtags)
            yield self._rule(f"at most {self.hashtags} hashtags", "caption", caption=tags)

    def _files(self) -> Iterator[Rule]:
        rest = ("jpg",) if self.kind is Kind.CAROUSEL else ()
        for each in self.files.split():
            good = (each, *((each,) if rest and each in VIDEOS else rest))
            yield Rule(
                section=self.section,
                words=f"a file is .{each}, not .bmp",
                field="media[0]",
                rejects=self._case("bmp", *rest),
                accepts=self._case(*good),
            )

    def _offered(self, name: str, elsewhere: Sort) -> Rule:
        options = {name: VALUES[name]}
        return Rule(
            section=self.section,
            words=f"{name} is offered",
            field=f"options.{name}",
            rejects=case(*elsewhere, options=options),
            accepts=self._case(options=options),
        )

    def _inbox(self, without: Sort) -> Rule:
        there = {"post_mode": "inbox"}
        if not self.inbox:
            modes = (there, {"post_mode": "direct"})
            return self._rule("there is no inbox", "options.post_mode", options=modes)
        return Rule(
            section=self.section,
            words="the inbox is offered",
            field="options.post_mode",
            rejects=case(*without, options=there),
            accepts=self._case(options=there),
        )

    def _sizes(self) -> Iterator[Rule]:
        image = None if self.image_mb is None else self.image_mb * MB
        files = set(self.files.split())
        for most, format_ in ((image, "jpg"), (self.video_max, "mp4")):
            if most is not None and format_ in files:
                sizes = (
                    MediaFacts(format=format_, size_bytes=most + 1),
                    MediaFacts(format=format_, size_bytes=most),
                )
                yield self._rule(f"a {format_} has at most {most} bytes", "media[0]", facts=sizes)

    def _durations(self) -> Iterator[Rule]:
        if self.seconds is None or not VIDEOS & set(self.files.split()):
            return
        least, most = self.seconds
        for wrong, right in ((least - 0.1, least), (most + 0.1, most)):
            words = f"a video lasts {least:g} to {most:g} s, not {wrong:g}"
            facts = (video(wrong), video(right))
            yield self._rule(words, "media[0]", warning=self.seconds_doubtful, facts=facts)
