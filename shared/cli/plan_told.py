"""A plan as a person reads it and as scripts do."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from shared.cli.output import instant, show_table
from shared.cli.plan_picture import Drawing, write_picture
from shared.cli.shapes import Shape
from shared.cli.timeline import show_timeline
from shared.domain.duration import show_duration
from shared.plan.model import Place, Question
from shared.plan.outcome import Plan, PlannedPost, WindowUsed
from shared.plan.remedies import Remedy

#: Rows of each table for people; scripts get all.
ROWS = 12


@dataclass(frozen=True, slots=True)
class Told:
    """One plan with what was asked of it."""

    plan: Plan
    question: Question
    deadline: datetime | None
    zone: ZoneInfo | None
    #: None = nobody asked for any.
    advised: Sequence[Remedy] | None
    #: What people call accounts.
    names: Mapping[Place, str] = field(default_factory=dict)
    #: Posts of the file that are out or on their way, and so no part of the plan.
    sent: int = 0

    def shape(self) -> Shape:
        """Return the plan as one JSON object."""
        found = self.plan
        return {
            "fits": found.fits(self.deadline),
            "posts": len(found.posts),
            "sent_already": self.sent,
            "start": instant(found.start),
            "deadline": instant(self.deadline),
            "finish_at": instant(found.finish_at),
            "behind": len(found.behind(self.deadline)),
            "never_out": [_missing_shape(each) for each in found.missing],
            "lateness_s": self._lateness(),
            "binding": found.binding,
            "waits_s": {why: round(seconds, 3) for why, seconds in found.waits.items()},
            "windows": [_window_shape(each) for each in found.windows],
            "lanes": [
                {
                    "connection": each.connection,
                    "account": each.account,
                    "posts": each.posts,
                    "first_sent_at": instant(each.first),
                    "last_out_at": instant(each.last),
                }
                for each in found.lanes()
            ],
            "stops": [
                {"connection": place[0], "account": place[1], "why": stop.why, "lift": stop.lift}
                for place, stop in self.question.stops.items()
            ],
            "beside": {
                "waiting": found.waiting,
                "recurring": found.recurring,
                "recurring_until": instant(found.recurring_until),
            },
            "would_fit": [{"what": each.what, "how": each.words} for each in self.advised or ()],
            "seed": self.question.seed,
        }

    def say(self) -> None:
        """Print the plan."""
        for line in self.lines():
            print(line)
        _show_windows(self.plan.fullest())
        show_timeline(self.plan, self.deadline, self.zone, self.names)

    def draw(self, path: Path) -> None:
        """Write the picture. Raises InputError where it cannot be written."""
        drawing = Drawing(
            plan=self.plan,
            deadline=self.deadline,
            zone=self.zone or UTC,
            names=self.names,
            lines=[f"{self._verdict()} ({len(self.plan.posts)} posts)", *self.lines()],
        )
        write_picture(path, drawing)

    def lines(self) -> Iterator[str]:
        found, late = self.plan, self._lateness()
        accounts = len(found.lanes())
        yield f"{len(found.posts)} posts on {accounts} accounts, from {self._at(found.start)}"
        if found.finish_at is not None:
            took = show_duration(found.finish_at - found.start)
            what = "the last that comes out" if found.missing else "finish"
            yield f"{what}: {self._at(found.finish_at)} ({took} after the start)"
        yield from self._beside()
        yield self._verdict()
        yield (
            f"late: {late['late']} by more than a minute;"
            f" {', '.join(f'{name} {_span(late[name])}' for name in ('p50', 'p95', 'max'))}"
        )
        if found.binding:
            yield f"what holds it back most: {found.binding}"
        reasons = _counted(found.missing)
        for reason, count in reasons[:ROWS]:
            yield f"not out: {count} x {reason}"
        if len(reasons) > ROWS:
            yield f"... and for {len(reasons) - ROWS} other reasons; --json lists all"
        for each in self.advised or ():
            yield f"it would fit with {each.what}: {each.words}"
        if self.advised is not None and not self.advised and not found.fits(self.deadline):
            yield "it would not fit with more hours, accounts, connections, threads or less spacing"

    def _beside(self) -> Iterator[str]:
        found = self.plan
        told = [
            f"{count} posts {what}"
            for count, what in (
                (found.waiting, "that wait already"),
                (found.recurring, "that series bring until then"),
            )
            if count
        ]
        if told:
            yield f"beside {' and '.join(told)}; --alone leaves these out"
        if found.recurring_until is not None:
            until = self._at(found.recurring_until)
            yield f"series bring more than is planned: none of theirs is counted from {until} on"

    def _verdict(self) -> str:
        behind = len(self.plan.behind(self.deadline))
        by = "" if self.deadline is None else f" by {self._at(self.deadline)}"
        return f"does not fit: {behind} posts are not out{by}" if behind else f"fits: all out{by}"

    def _at(self, moment: datetime) -> str:
        """Say a moment in the zone that was named, else in UTC."""
        local = moment.astimezone(self.zone or UTC)
        zone = self.zone.key if self.zone else "UTC"
        return f"{local:%a %Y-%m-%d %H:%M:%S} {zone}"

    def _lateness(self) -> Shape:
        found = self.plan
        return {
            "late": len(found.late),
            "p50": round(found.lateness(0.5).total_seconds(), 3),
            "p95": round(found.lateness(0.95).total_seconds(), 3),
            "max": round(found.lateness(1.0).total_seconds(), 3),
        }


def _span(seconds: float) -> str:
    return show_duration(timedelta(seconds=round(seconds)))


def _show_windows(windows: Sequence[WindowUsed]) -> None:
    shown = windows[:ROWS]
    columns = ("window", "most at once", "full", "in all")
    show_table(
        columns,
        [(each.words, each.peak, f"{each.share:.0%}", each.total) for each in shown],
    )
    if len(windows) > len(shown):
        print(f"... and {len(windows) - len(shown)} windows less full; --json lists all")


def _counted(posts: Sequence[PlannedPost]) -> list[tuple[str, int]]:
    counts: dict[str, int] = {}
    for each in posts:
        why = each.reason or "it waits for one that never ends"
        counts[why] = counts.get(why, 0) + 1
    return sorted(counts.items(), key=lambda each: -each[1])


def _missing_shape(post: PlannedPost) -> Shape:
    return {
        "ref": post.ref,
        "connection": post.connection,
        "account": post.account,
        "state": str(post.state),
        "reason": post.reason or None,
        "attempts": post.attempts,
    }


def _window_shape(window: WindowUsed) -> Shape:
    return {
        "window": window.words,
        "connection": window.connection,
        "account": window.account,
        "limit": window.limit,
        "peak": window.peak,
        "total": window.total,
    }
