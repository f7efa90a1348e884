"""WAHDX's two status calls: one publish, and many at once (S)."""

from collections import defaultdict
from datetime import datetime

from shared.sandbox.exchange import Answer, Json, Request
from shared.sandbox.fields import Fields
from shared.sandbox.port import ProviderSandbox
from shared.sandbox.wahdx.problem import invalid, problem, refused
from shared.sandbox.wahdx.publish import Publish

_MEDIA_TYPES = ("video", "photo")
_IN_FLIGHT_BYTES, _DONE_BYTES = "0", "5821041"


class Statuses:
    """Answers from the stored publishes, by account and publish id."""

    def __init__(self, port: ProviderSandbox, publishes: dict[str, Publish]) -> None:
        self._port = port
        self._publishes = publishes
        #: Posts made at the provider's dashboard, by post id.
        self.dashboard: dict[str, Publish] = {}

    def one(self, request: Request) -> Answer:
        media_type = request.query.get("mediaType")
        if media_type not in {None, *_MEDIA_TYPES}:
            return invalid("Invalid mediaType")
        account_id, publish_id = request.params["accountId"], request.params["publishId"]
        found = self._find(account_id, publish_id)
        if isinstance(found, str):
            return problem(404, found)
        now = self._port.world.clock.now()
        head = {"success": True, "accountId": account_id, "platform": found.wish.platform}
        return Answer(200, head | {"data": _single(found, media_type, now)})

    def batch(self, request: Request) -> Answer:
        body = Fields.of(request, invalid)
        checks, post_id = body.listed("checks"), body.text("postId")
        body.close()
        if (checks is None) == (post_id is None):
            return invalid("Give exactly one of checks and postId")
        if post_id is not None:
            checks = self._checks_of(post_id)
        results = [self._check(Fields(check, invalid, "checks")) for check in checks or []]
        return Answer(200, {"success": True, "data": self._grouped(results)})

    def _checks_of(self, post_id: str) -> list[Json]:
        row = self.dashboard.get(post_id)
        if row is None:
            raise refused(404, "Post not found")
        ids = {"accountId": row.wish.account.id, "publishId": row.publish_id}
        return [{**ids, "mediaType": row.wish.kind}]

    def _check(self, check: Fields) -> Json:
        account_id, publish_id = check.needed("accountId"), check.needed("publishId")
        media_type = check.choice("mediaType", _MEDIA_TYPES, None)
        check.close()
        found = self._find(account_id, publish_id)
        head: Json = {"accountId": account_id, "publishId": publish_id}
        if isinstance(found, str):
            return head | {"success": False, "error": found}
        now = self._port.world.clock.now()
        result = head | {
            "platform": found.wish.platform,
            "success": True,
            "publish_id": publish_id,
            "status": found.status(now),
            **found.urls(media_type, now),
        }
        failed = result["status"] == "FAILED"
        return result | ({"fail_reason": found.fail_reason} if failed else {})

    def _grouped(self, results: list[Json]) -> Json:
        """`byAccountId` holds successes only, and may be missing altogether (S)."""
        if self._port.switched_on("no_by_account", "status") is not None:
            return {"results": results}
        by_account: dict[str, list[Json]] = defaultdict(list)
        for result in results:
            if result["success"]:
                by_account[result["accountId"]].append(result)
        return {"results": results, "byAccountId": by_account}

    def _find(self, account_id: str, publish_id: str) -> Publish | str:
        if account_id not in self._port.accounts:
            return "Account not found"
        made_elsewhere = {row.publish_id: row for row in self.dashboard.values()}
        publish = self._publishes.get(publish_id) or made_elsewhere.get(publish_id)
        if publish is None or publish.wish.account.id != account_id:
            return "Publish not found"
        return publish


def _single(publish: Publish, media_type: str | None, now: datetime) -> Json:
    status = publish.status(now)
    row: Json = {
        "publish_id": publish.publish_id,
        "platform": publish.wish.platform,
        "status": status,
        **publish.urls(media_type, now),
    }
    if status == "FAILED":
        row["fail_reason"] = publish.fail_reason
    if publish.wish.platform == "tiktok":
        shown = [publish.post_id] if publish.shown(now) else []
        in_flight = now < publish.ends_at
        row["uploaded_bytes"] = _IN_FLIGHT_BYTES if in_flight else _DONE_BYTES
        row["data"] = {"publicaly_available_post_id": shown}
    return row
