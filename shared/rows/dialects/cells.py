"""The cells of one row of another tool's table, by what they are for, made into a draft."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from shared.rows.defaults import DateOrder
from shared.rows.dialects.draft import Draft
from shared.rows.dialects.per_platform import PerPlatform
from shared.rows.dialects.times import read_time
from shared.rows.dialects.uses import Use
from shared.rows.dialects.words import addresses, listed, media_of, platform_word, truth
from shared.rows.found import Note
from shared.rows.texts import read_flag

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a dialect and its file say about every row."""

    dialect: str
    #: As people write it.
    tool: str
    #: Why a row without a time cannot be taken; '' = the tool publishes it at once.
    timeless: str
    #: Whether such a row is a draft there, rather than in want of a time.
    timeless_is_draft: bool
    #: The zone of times that name none, where there is one.
    zone: str
    dates: DateOrder | None
    #: The tool's words for sorts of posts, and ours.
    kinds: Mapping[str, str]


@dataclass(slots=True)
class Cells:
    """Cells that say something, with the names of their columns."""

    terms: Terms
    uses: defaultdict[Use, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    ours: dict[str, str] = field(default_factory=dict)
    per_platform: dict[str, str] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    #: Why the row is not to be published at all.
    skipped: str = ""

    def draft(self, ours: Mapping[str, object]) -> Draft:
        """Return what the cells say; `skipped` is known afterwards."""
        per_platform = PerPlatform.of(self.per_platform)
        draft = Draft(
            dialect=self.terms.dialect,
            caption=self._caption(),
            title=self._first(Use.TITLE),
            link="\n".join(self._links()),
            media=[each for cell in self._all(Use.MEDIA) for each in media_of(cell)],
            alt_texts=self._alt_texts(),
            zone=self._first(Use.ZONE).strip() or self.terms.zone,
            kind=self._kind(),
            platforms=self._platforms(ours),
            profiles=[each for cell in self._all(Use.PROFILES) for each in listed(cell)],
            ours=dict(ours),
            per_platform=per_platform,
            notes=self.notes,
        )
        self._time(draft)
        return draft

    def _all(self, use: Use) -> list[str]:
        return [cell for _, cell in self.uses[use]]

    def _first(self, use: Use) -> str:
        return next(iter(self._all(use)), "")

    def _caption(self) -> str:
        caption, *rest = self._first(Use.TEXT_AND_CAPTIONS).split("||")
        if any(each.strip() for each in rest):
            message = "has captions of single pictures after ||, which are left out"
            self._note(Use.TEXT_AND_CAPTIONS, message, warning=True)
        return self._first(Use.TEXT) or (caption.rstrip() if rest else caption)

    def _links(self) -> Iterator[str]:
        for cell in self._all(Use.LINK):
            yield from (word for each in addresses(cell) for word in each.split())

    def _alt_texts(self) -> list[str]:
        cell = self._first(Use.ALT_TEXTS)
        return [each.strip() for each in cell.split("||")] if cell else []

    def _kind(self) -> str:
        word = self._first(Use.KIND).strip().lower()
        if word and word not in self.terms.kinds:
            known = ", ".join(self.terms.kinds)
            message = f"{word!r} has no counterpart here; known are {known}"
            self._note(Use.KIND, message)
        return self.terms.kinds.get(word, "")

    def _platforms(self, ours: Mapping[str, object]) -> list[str]:
        stated = [each for cell in self._all(Use.PLATFORMS) for each in listed(cell)]
        stated += [str(ours["platform"])] if ours.get("platform") else []
        return list(dict.fromkeys(map(platform_word, stated)))

    def _time(self, draft: Draft) -> None:
        """Read when it goes: at a time, at once, or not at all."""
        draft.time = self._read(Use.TIME, self._moment, "")
        times = draft.per_platform.times
        for platform, cell in times.items():
            times[platform] = self._noted(f"schedule_time_{platform}", cell, self._moment, "")
        timed = bool(self.uses[Use.TIME] or times)
        now, queue = self._read(Use.NOW, truth, False), self._read(Use.QUEUE, truth, False)  # noqa: FBT003
        if self._read(Use.DRAFT, truth, False):  # noqa: FBT003
            self.skipped = f"is a draft in {self.terms.tool} and is not loaded"
        elif now and (timed or queue):
            self._note(Use.NOW, f"contradicts the {'time' if timed else 'queue'} of the row")
        elif queue and timed:
            self._note(Use.QUEUE, "contradicts the time of the row")
        elif queue:
            draft.queue = True
        elif not now and not timed and not _asks_for_slot(draft.ours):
            self._without_time()

    def _without_time(self) -> None:
        if any(not each.warning for each in self.notes):
            return  # what is wrong may be the word that would say when
        if self.terms.timeless and self.terms.timeless_is_draft:
            self.skipped = self.terms.timeless
        elif self.terms.timeless:
            self.notes.append(Note("run_at", self.terms.timeless))

    def _moment(self, cell: str) -> str:
        return read_time(cell, self.terms.dates)

    def _read(self, use: Use, reader: Callable[[str], Value], default: Value) -> Value:
        for name, cell in self.uses[use]:
            return self._noted(name, cell, reader, default)
        return default

    def _noted(self, name: str, cell: str, reader: Callable[[str], Value], default: Value) -> Value:
        try:
            return reader(cell)
        except ValueError as wrong:
            self.notes.append(Note(name, str(wrong)))
            return default

    def _note(self, use: Use, message: str, *, warning: bool = False) -> None:
        self.notes.append(Note(self.uses[use][0][0], message, warning))


def _asks_for_slot(ours: Mapping[str, object]) -> bool:
    """Whether our own column `queue` says yes, or what nobody can read, which is told later."""
    try:
        return read_flag(ours.get("queue") or "")
    except ValueError:
        return True
