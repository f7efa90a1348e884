"""Fingerprints: failures of one cause, whatever ids, figures and names their messages hold."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

LENGTH = 8

#: What differs between two messages of one cause, by what stands for it; the first that fits wins.
_PARTICULARS = (
    (re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s\"'<>]+", re.IGNORECASE), "<url>"),
    (re.compile(r"\"[^\"\n]*\"|`[^`\n]*`|“[^”\n]*”|(?<!\w)'[^'\n]*'(?!\w)"), "<quoted>"),
    (re.compile(r"(?<!\w)@[\w.]*\w"), "<name>"),
    (re.compile(r"[\w-]*\d(?:[\w-]|[.,:](?=\d))*"), "<n>"),
)
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """So many jobs that failed of the same, with the message and the id of one of them."""

    error_class: str
    code: str | None
    message: str
    jobs: int
    example: int

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.error_class, self.code, self.message)


def fingerprint(error_class: str, code: str | None, message: str) -> str:
    """Return a short hash that is the same for every failure of one cause."""
    said = "\0".join((error_class, code or "", generalised(message)))
    encoded = said.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(encoded, digest_size=LENGTH // 2).hexdigest()


def generalised(message: str) -> str:
    """Return a message without its ids, numbers, URLs, @names and quoted parts."""
    for particular, stand_in in _PARTICULARS:
        message = particular.sub(stand_in, message)
    return _BLANKS.sub(" ", message).strip().casefold()


def grouped(failures: Iterable[Failures]) -> list[Failures]:
    """Return one group for each fingerprint, the greatest first; the commonest message speaks."""
    found: dict[str, list[Failures]] = {}
    for each in failures:
        found.setdefault(each.fingerprint, []).append(each)
    groups = [_together(each) for each in found.values()]
    return sorted(groups, key=lambda each: (-each.jobs, each.fingerprint))


def _together(alike: list[Failures]) -> Failures:
    first = max(alike, key=lambda each: (each.jobs, -each.example))
    return Failures(
        error_class=first.error_class,
        code=first.code,
        message=first.message,
        jobs=sum(each.jobs for each in alike),
        example=first.example,
    )
