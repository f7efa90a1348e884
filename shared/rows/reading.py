"""Reads one row: every known field, its aliases and defaults, and all that is wrong at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from shared.domain.options import read_options
from shared.domain.post import Kind, Media, infer_kind
from shared.rows.media import read_media
from shared.rows.moments import read_moment, read_zone
from shared.rows.row import Row, RowProblem
from shared.rows.texts import (
    read_flag,
    read_name,
    read_text,
    read_word,
    sound,
    sound_values,
    type_word,
)

FIELDS = (
    "ref",
    "provider",
    "connection",
    "platform",
    "account",
    "kind",
    "caption",
    "title",
    "media",
    "alt_texts",
    "run_at",
    "timezone",
    "not_after",
    "queue",
    "options",
)
ALIASES = {"text": "caption", "scheduled_at": "run_at"}

#: Fields without which the rest of the post can be checked all the same.
_APART = frozenset(
    {"ref", "run_at", "timezone", "not_after", "queue", "caption", "title", "alt_texts", "options"}
)

_UTC = ZoneInfo("UTC")

T = TypeVar("T")


def read_row(
    raw: Mapping[str, object], place: str, *, of_drop: bool = False
) -> tuple[Row | None, list[RowProblem]]:
    """Return the row and every problem it has by itself.

    A row of a drop is one post for many accounts, which it does not name.

    A row may come back, marked as flawed and without the fields that could not be read, so that
    the provider's checks can find the rest. Submit nothing while there is a problem.
    """
    reading = _Reading(raw, place, of_drop)
    row = reading.row()
    return row, reading.problems


@dataclass
class _Reading:
    raw: Mapping[str, object]
    place: str
    of_drop: bool
    ref: str = ""
    problems: list[RowProblem] = field(default_factory=list)
    #: Whether the post itself can be checked further.
    whole: bool = True
    fields: dict[str, object] = field(default_factory=dict)

    def row(self) -> Row | None:
        self.ref = _ref(self.raw)
        self._name_fields()
        self._require("ref")
        if self.of_drop:
            self._require_no_account()
        else:
            self._require_account()
        media = self._media()
        run_at, not_after = self._moments()
        row = Row(
            place=self.place,
            ref=self._read("ref", read_name, ""),
            provider=self._read("provider", read_word, None),
            connection=self._read("connection", read_name, None),
            platform=self._read("platform", read_word, ""),
            account=self._read("account", read_name, ""),
            kind=self._kind(media),
            caption=self._read("caption", read_text, ""),
            title=self._read("title", read_text, ""),
            media=media or (),
            alt_texts=self._read("alt_texts", _alt_texts, ()),
            run_at=run_at,
            not_after=not_after,
            queue=self._queue(),
            options=self._read("options", self._options, {}),
            flawed=bool(self.problems),
        )
        return row if self.whole else None

    def _name_fields(self) -> None:
        """Sort what was written under its canonical names; a null counts as absent."""
        for written, value in self.raw.items():
            name = ALIASES.get(written, written)
            if name not in FIELDS:
                known = ", ".join((*FIELDS, *ALIASES))
                message = f"is not a field; known are {known}"
                self.problems.append(RowProblem(self.place, self.ref, str(written), message))
            elif name in self.fields and value is not None:
                self._note(name, f"is given twice, as {name} and by another name for it")
            elif value is not None:
                self.fields[name] = value

    def _require_account(self) -> None:
        self._require("platform", "account")
        if "provider" not in self.fields and "connection" not in self.fields:
            self._note("provider", "say a provider or a connection")

    def _require_no_account(self) -> None:
        for name in ("account", "queue"):
            if name in self.fields:
                self._note(name, "has no place in a drop, which has accounts and times of its own")

    def _require(self, *names: str) -> None:
        for name in names:
            value = self.fields.get(name)
            if value is None or (isinstance(value, str) and not value.strip()):
                self.fields.pop(name, None)
                self._note(name, "is required")

    def _read(self, name: str, reader: Callable[[object], T], default: T) -> T:
        if name not in self.fields:
            return default
        try:
            return reader(self.fields[name])
        except ValueError as wrong:
            self._note(name, str(wrong))
            return default

    def _note(self, name: str, message: str) -> None:
        self.problems.append(RowProblem(self.place, self.ref, name, message))
        self.whole = self.whole and name.partition(".")[0] in _APART

    def _media(self) -> tuple[Media, ...] | None:
        """Return the media, or None when one of them cannot be read."""
        stated = self.fields.get("media", [])
        if not isinstance(stated, list | tuple):
            self._note("media", f"must be a list, not {type_word(stated)}")
            return None
        read = [self._one_media(f"media[{at}]", each) for at, each in enumerate(stated)]
        media = tuple(each for each in read if each is not None)
        return media if len(media) == len(read) else None

    def _one_media(self, place: str, value: object) -> Media | None:
        try:
            return read_media(value)
        except ValueError as wrong:
            self._note(place, str(wrong))
            return None

    def _kind(self, media: tuple[Media, ...] | None) -> Kind | None:
        if "kind" in self.fields:
            return self._read("kind", _kind, None)
        if media is None:
            return None
        kind = infer_kind(media)
        if kind is None:
            self._note("kind", f"cannot be told from the media; say one of {_KINDS}")
        return kind

    def _moments(self) -> tuple[datetime | None, datetime | None]:
        zone = self._read("timezone", read_zone, None)
        # An unreadable zone is one problem, not one more for each time that needs it.
        stand_in = _UTC if zone is None and "timezone" in self.fields else zone

        def read(value: object) -> datetime | None:
            return read_moment(value, stand_in)

        run_at = self._read("run_at", read, None)
        not_after = self._read("not_after", read, None)
        if run_at and not_after and not_after < run_at:
            self._note("not_after", "is before run_at")
        return run_at, not_after

    def _queue(self) -> bool:
        queue = self._read("queue", read_flag, False)  # noqa: FBT003 - the default
        if queue and "run_at" in self.fields:
            self._note("queue", "takes the account's next free slot; leave out run_at")
        return queue

    def _options(self, value: object) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise ValueError(f"must be an object, not {type_word(value)}")  # noqa: TRY004
        sound_values(value)
        options, wrong = read_options(value)
        for name, message in wrong:
            self._note(f"options.{name}", message)
        return options


_KINDS = ", ".join(Kind)


def _ref(raw: Mapping[str, object]) -> str:
    try:
        return read_name(raw["ref"])
    except (KeyError, ValueError):
        return ""


def _kind(value: object) -> Kind:
    word = read_word(value)
    if word not in list(Kind):
        raise ValueError(f"must be one of {_KINDS}, not {value!r}")
    return Kind(word)


def _alt_texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise ValueError(f"must be a list of texts, not {type_word(value)}")  # noqa: TRY004
    texts = tuple("" if each is None else each for each in value)
    if not all(isinstance(each, str) for each in texts):
        raise ValueError("must be a list of texts")
    return tuple(sound(each) for each in texts)
