"""Golden exchanges, written by hand from the contract sheets: both ends are checked against them.

A module of this folder holds `PROVIDER` and `EXCHANGES`, a list in the order of sending. `{name}`
in a path, a body or an answer stands for what an earlier exchange saved under that name, or for
`{origin}`, the sandbox's own address (its media host). An answer is a shape: the same keys, the
same values, except where a placeholder stands. The sandbox must answer so; an adapter must
understand every answer of that shape.
"""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Placeholder:
    """A value that differs from run to run; `sample` is one of its kind."""

    name: str
    sample: Any

    def fits(self, value: Any) -> bool:
        match self.name:
            case "uuid":
                return _parses(uuid.UUID, value)
            case "iso":
                return _parses(datetime.fromisoformat, value)
            case "text":
                return isinstance(value, str) and value != ""
            case "picture":
                return isinstance(value, str) and value.startswith("data:image/png;base64,")
            case "number":
                return isinstance(value, int) and not isinstance(value, bool)
            case _:
                return True


ANY = Placeholder("any", None)
UUID = Placeholder("uuid", "019f0a11-2c4e-7c21-9a51-1d5c0b7c1e01")
ISO = Placeholder("iso", "2026-06-20T10:00:00.000Z")
TEXT = Placeholder("text", "some text")
PICTURE = Placeholder("picture", "data:image/png;base64,iVBORw0KGgo=")
NUMBER = Placeholder("number", 1500)


@dataclass(frozen=True)
class OneOf:
    """One of these values, the first of which is the sample."""

    values: tuple[Any, ...]


@dataclass(frozen=True)
class Each:
    """A list that is not empty and whose every element has this shape."""

    shape: Any


@dataclass(frozen=True)
class File:
    """One part of an upload form."""

    part: str
    filename: str
    content_type: str
    content: bytes = b"golden bytes\r\n--not-a-boundary\r\n"


@dataclass(frozen=True)
class Exchange:
    """One request and the answer that the sheet promises for it."""

    name: str
    method: str
    path: str
    status: int
    answer: Any
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    #: Parts of a form instead of a JSON body.
    files: tuple[File, ...] = ()
    #: Sent without the provider's key.
    anonymous: bool = False
    #: name -> place in the answer, e.g. {"job": "outputJobId", "first": "items.0.id"}.
    saves: Mapping[str, str] = field(default_factory=dict)
    #: Headers that the answer must have; a placeholder or a text.
    answer_headers: Mapping[str, Any] = field(default_factory=dict)
    #: Faults of the sandbox that are set just before this request.
    faults: tuple[Mapping[str, Any], ...] = ()
    #: Sandbox time that passes before this request.
    after_s: float = 0.0


def filled(shape: Any, saved: Mapping[str, str]) -> Any:
    """Put what was saved in the place of its name."""
    if isinstance(shape, str):
        return re.sub(r"\{(\w+)\}", lambda name: saved.get(name[1], name[0]), shape)
    if isinstance(shape, dict):
        return {filled(key, saved): filled(value, saved) for key, value in shape.items()}
    if isinstance(shape, list):
        return [filled(value, saved) for value in shape]
    return Each(filled(shape.shape, saved)) if isinstance(shape, Each) else shape


def concrete(shape: Any) -> Any:
    """Give an answer of this shape, with a sample where a placeholder stands."""
    match shape:
        case Placeholder():
            return shape.sample
        case OneOf():
            return shape.values[0]
        case Each():
            return [concrete(shape.shape)]
        case dict():
            return {key: concrete(value) for key, value in shape.items()}
        case list():
            return [concrete(value) for value in shape]
        case _:
            return shape


def mismatches(shape: Any, value: Any, where: str = "answer") -> list[str]:
    """Say where a value does not have the shape; empty when it has."""
    match shape:
        case Placeholder():
            return [] if shape.fits(value) else [f"{where}: {value!r} is no {shape.name}"]
        case OneOf():
            return [] if value in shape.values else [f"{where}: {value!r} not in {shape.values}"]
        case Each():
            return _list_mismatches([shape.shape] * max(len(value), 1), value, where)
        case dict():
            return _dict_mismatches(shape, value, where)
        case list():
            return _list_mismatches(shape, value, where)
        case _:
            return [] if shape == value else [f"{where}: {value!r} instead of {shape!r}"]


def picked(answer: Any, place: str) -> str:
    """Take the value at a dotted place."""
    for step in place.split("."):
        answer = answer[int(step)] if isinstance(answer, list) else answer[step]
    return str(answer)


def _dict_mismatches(shape: Mapping[str, Any], value: Any, where: str) -> list[str]:
    if not isinstance(value, dict) or set(shape) != set(value):
        found = sorted(value) if isinstance(value, dict) else repr(value)
        return [f"{where}: keys {found} instead of {sorted(shape)}"]
    return [
        problem
        for key, part in shape.items()
        for problem in mismatches(part, value[key], f"{where}.{key}")
    ]


def _list_mismatches(shape: list[Any], value: Any, where: str) -> list[str]:
    if not isinstance(value, list) or len(shape) != len(value):
        return [f"{where}: {value!r} instead of {len(shape)} values"]
    pairs = enumerate(zip(shape, value, strict=True))
    return [
        problem
        for place, (part, found) in pairs
        for problem in mismatches(part, found, f"{where}.{place}")
    ]


def _parses(read: Any, value: Any) -> bool:
    try:
        read(value)
    except (ValueError, TypeError, AttributeError):
        return False
    return True
