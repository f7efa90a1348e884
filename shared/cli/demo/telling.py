"""What became of the sample: every post, what happened on the way, and the sum per provider."""

from collections import Counter
from collections.abc import Iterator, Sequence

from shared.bootstrap import Parts
from shared.cli.demo.verdict import Verdict
from shared.cli.output import show_table
from shared.domain.job import Event, Job
from shared.domain.states import State

#: More posts than this to which the same happened are counted instead of named.
_NAMED = 3


def tell_outcome(parts: Parts, jobs: Sequence[Job], verdict: Verdict) -> None:
    """Print the report."""
    by_ref = sorted(jobs, key=lambda job: job.id)
    stories = {job.id: _story(parts.ledger.jobs.events(job.id)) for job in by_ref}
    columns = ("id", "post", "platform", "kind", "state", "attempts", "where, or why not")
    show_table(columns, [_row(job) for job in by_ref])
    print()
    print("On the way:")
    for told in _told(by_ref, stories):
        print(f"  {told}")
    print()
    _tell_sums(by_ref)
    print()
    if verdict.surprises:
        print("This is not what the sample says:")
        for surprise in verdict.surprises:
            print(f"  {surprise}")
    else:
        print("Every post ended as the sample says, and is stored exactly once.")


def _row(job: Job) -> tuple[object, ...]:
    where = job.permalink or ("in the creator's inbox" if job.delivered_to_inbox else "")
    if job.state is not State.SUCCEEDED:
        where = _why(job)
    return job.id, job.ref, job.post.platform, job.post.kind, job.state, job.attempts, where or "-"


def _why(job: Job) -> str:
    code = job.fault.code if job.fault else None
    return f"{job.reason} ({code})" if code else job.reason


def _story(events: Sequence[Event]) -> list[str]:
    """Return the moves that a post does not make when all goes well."""
    unusual = {State.RETRYING, State.UNCERTAIN, State.HELD}
    deferred = [
        event
        for event in events
        if event.to_state is State.SCHEDULED and event.from_state is not None
    ]
    found = [
        event
        for event in events
        if event.from_state is State.UNCERTAIN or event.to_state in unusual
    ]
    moves = sorted({*deferred, *found}, key=lambda event: event.at)
    return [f"{_word(event)}: {event.why}" for event in moves]


def _word(event: Event) -> str:
    if event.to_state is State.SCHEDULED:
        return "deferred"
    if event.from_state is State.UNCERTAIN:
        return f"reconciled, {event.to_state}"
    return str(event.to_state)


def _told(jobs: Sequence[Job], stories: dict[int, list[str]]) -> Iterator[str]:
    """Yield what happened, one line each; what happened to many posts alike is said once."""
    refs: dict[str, list[str]] = {}
    for job in jobs:
        for each in stories[job.id]:
            refs.setdefault(each, []).append(job.ref)
    for told, of in refs.items():
        whose = ", ".join(of) if len(of) <= _NAMED else f"{of[0]} and {len(of) - 1} more"
        yield f"{whose}: {told}"


def _tell_sums(jobs: Sequence[Job]) -> None:
    rows = []
    for provider in sorted({job.provider for job in jobs}):
        mine = [job for job in jobs if job.provider == provider]
        counts = Counter(job.state for job in mine)
        rows.append(
            (
                provider,
                len(mine),
                counts[State.SUCCEEDED],
                counts[State.FAILED],
                counts[State.HELD],
                sum(job.deferrals for job in mine),
                sum(max(job.attempts - 1, 0) for job in mine),
            )
        )
    columns = ("provider", "posts", "succeeded", "failed", "held", "deferrals", "retries")
    show_table(columns, rows)
