"""One job in full: what it posts, how it stands, its attempts and every move it made."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.bootstrap import Parts
from shared.cli.output import show_table, shown
from shared.cli.shapes import Shape, attempt_shape, event_shape, job_shape
from shared.domain.job import Attempt, Event, Job
from shared.domain.outcome import Fault

_CAPTION_SHOWN = 200
_MEMO_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Portrait:
    """A job with its attempts, its events and the job that retries it."""

    job: Job
    attempts: Sequence[Attempt]
    events: Sequence[Event]
    retried_by: int | None
    #: Why it is where it is.
    sentence: str

    def shape(self) -> Shape:
        post = self.job.post.to_json()
        return job_shape(self.job) | {
            "post": {
                key: post[key] for key in ("caption", "title", "media", "alt_texts", "options")
            },
            "retried_by": self.retried_by,
            "explanation": self.sentence,
            "attempt_log": [attempt_shape(attempt) for attempt in self.attempts],
            "events": [event_shape(event) for event in self.events],
        }


def read_portrait(parts: Parts, job_id: int) -> Portrait:
    """Return everything known of a job; raises UnknownName."""
    jobs = parts.ledger.jobs
    return Portrait(
        job=jobs.get(job_id),
        attempts=jobs.attempts(job_id),
        events=jobs.events(job_id),
        retried_by=jobs.retries_of(job_id),
        sentence=parts.producer.explain(job_id).sentence,
    )


def show_portrait(portrait: Portrait) -> None:
    for name, value in _facts(portrait):
        print(f"{name + ':':<16}{shown(value)}")
    if portrait.attempts:
        print()
        columns = ("attempt", "opened", "closed", "outcome", "error", "memo")
        show_table(columns, [_attempt(attempt) for attempt in portrait.attempts])
    print()
    columns = ("at", "from", "to", "why", "attempt", "by")
    show_table(columns, [_event(event) for event in portrait.events])


def _facts(portrait: Portrait) -> Iterator[tuple[str, object]]:
    job = portrait.job
    yield "job", f"{job.id} (ref {job.ref}, campaign {job.campaign})"
    yield "state", job.state
    yield "because", portrait.sentence
    yield "at", f"{job.connection} ({job.provider}), {job.post.platform} {job.post.account_id}"
    yield "kind", job.post.kind
    yield "caption", _cut(job.post.caption, _CAPTION_SHOWN)
    yield "media", " ".join(str(media.to_json()) for media in job.post.media) or None
    optional = {
        "options": dict(job.post.options) or None,
        "not after": job.not_after,
        "first sent": job.first_sent_at,
        "settled": job.settled_at,
        "provider status": job.provider_status,
        "publish id": job.provider_publish_id,
        "permalink": job.permalink,
        "error": _error(job.fault),
        "retry of": job.retry_of,
        "retried by": portrait.retried_by,
    }
    yield "run at", job.run_at
    yield "due at", job.due_at
    yield "attempts", f"{job.attempts}, deferrals {job.deferrals}"
    yield from ((name, value) for name, value in optional.items() if value is not None)


def _error(fault: Fault | None) -> str | None:
    if fault is None:
        return None
    code = f" ({fault.code})" if fault.code else ""
    return f"{fault.error_class}{code}: {fault.message}"


def _attempt(attempt: Attempt) -> tuple[object, ...]:
    error, memo = _error(attempt.fault), _memo(attempt.memo)
    return attempt.number, attempt.opened_at, attempt.closed_at, attempt.outcome, error, memo


def _memo(memo: Mapping[str, Any]) -> str:
    """Name what was written down before sending, without its body."""
    return _cut(" ".join(memo), _MEMO_SHOWN)


def _event(event: Event) -> tuple[object, ...]:
    return event.at, event.from_state, event.to_state, event.why, event.attempt, event.by


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 3]}..."
