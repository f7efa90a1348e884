"""Wonda's jobs of single publishes, and the schedule of those that wait for their time (D)."""

from datetime import UTC

from shared.sandbox.clock import iso_ms
from shared.sandbox.exchange import Answer, Json, Request
from shared.sandbox.port import ProviderSandbox
from shared.sandbox.wonda.problem import not_found, problem, refused
from shared.sandbox.wonda.publish import Publish

_TERMINAL = {"succeeded", "failed", "canceled"}


class Jobs:
    """The single publishes, by job id."""

    def __init__(self, port: ProviderSandbox, publishes: dict[str, Publish]) -> None:
        self._port = port
        self._publishes = publishes

    def get(self, request: Request) -> Answer:
        row, now = self._find(request), self._port.world.clock.now()
        status = row.status(now)
        code, message = row.error(now)
        finished_at = iso_ms(row.timeline.ends_at) if status in _TERMINAL else None
        body: Json = {
            "outputJobId": row.job_id,
            "status": status,
            "errorCode": code,
            "errorMessage": message,
            "createdAt": iso_ms(row.created_at),
            "finishedAt": finished_at,
        }
        return Answer(200, body | (row.ids() if status == "succeeded" else {}))

    def scheduled(self, request: Request) -> Answer:
        del request
        self._need_schedules()
        now = self._port.world.clock.now()
        waiting = [row for row in self._publishes.values() if row.status(now) == "scheduled"]
        waiting.sort(key=lambda row: row.timeline.begins_at)
        return Answer(200, {"items": [_scheduled_row(row) for row in waiting]})

    def cancel(self, request: Request) -> Answer:
        self._need_schedules()
        row = self._find(request)
        if row.status(self._port.world.clock.now()) != "scheduled":
            return problem(409, "conflict", "The job has already started or ended")
        row.canceled = True
        return Answer(200, {"outputJobId": row.job_id, "status": "canceled"})

    def _find(self, request: Request) -> Publish:
        job_id = request.params["outputJobId"]
        found = next((row for row in self._publishes.values() if row.job_id == job_id), None)
        if found is None:
            raise not_found("Job")
        return found

    def _need_schedules(self) -> None:
        if self._port.switched_on("scheduling_disabled") is not None:
            raise refused(403, "feature_disabled", "Scheduled publishing is not enabled")


def scheduled_answer(row: Publish) -> Json:
    """Give the instant back with its offset, as the sample shows."""
    due = row.timeline.begins_at.astimezone(UTC).isoformat(timespec="seconds")
    return {"outputJobId": row.job_id, "status": "scheduled", "scheduledFor": due}


def _scheduled_row(row: Publish) -> Json:
    return scheduled_answer(row) | {"platform": row.wish.platform, "caption": row.wish.caption}
