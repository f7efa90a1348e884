"""The post endpoints: create with replay protection, read, list, change, delete, try again."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from shared.sandbox.exchange import Answer, Json, Request
from shared.sandbox.fields import Fields
from shared.sandbox.genviral.checks import check
from shared.sandbox.genviral.files import FileStore
from shared.sandbox.genviral.posts import LISTED_STATUSES, OPEN_STATUSES, Delivery, Post, Wish
from shared.sandbox.genviral.replays import ChangedReplay, Replays
from shared.sandbox.genviral.wire import (
    invalid_payload,
    no,
    parsed,
    payload_failure,
    success,
)
from shared.sandbox.genviral.wishes import read_wish
from shared.sandbox.genviral.worker import Worker
from shared.sandbox.port import ProviderSandbox

_LIMIT_DEFAULT, _LIMIT_MOST = 50, 100
_DELETE_MOST, _RETRY_MOST, _RETRY_ACCOUNTS_MOST = 50, 20, 10
_REFUSED = "status does not allow a retry"


class Desk:
    """All posts of the key; every call first lets the worker do what is due."""

    def __init__(self, sandbox: ProviderSandbox, files: FileStore) -> None:
        self._sandbox = sandbox
        self._world = sandbox.world
        self._files = files
        self._worker = Worker(sandbox)
        self._replays = Replays()
        self.kept: dict[str, Post] = {}
        self._moving: dict[str, Post] = {}

    def advance(self) -> None:
        for post in list(self._moving.values()):
            self._worker.advance(post)
            if not post.is_moving:
                del self._moving[post.post_id]

    def create(self, request: Request) -> Answer:
        body, raw = parsed(request), request.body
        key = body.get("external_id") if isinstance(body, dict) else None
        key = key if isinstance(key, str) else None
        original = None if self._is_old() else self._original(key, raw)
        if original is not None:
            return success("Post already exists", original.brief() | {"duplicate": True})
        post = self._store(self._wish(body))
        self._replays.keep(key, raw, self._world.clock.now(), post.post_id)
        return success(f"Post {post.status}", _answered(post), 201)

    def read(self, request: Request) -> Answer:
        return success("Post retrieved", self._asked(request).as_json())

    def listed(self, request: Request) -> Answer:
        limit, status = _limit(request), request.query.get("status")
        if status is not None and status not in LISTED_STATUSES:
            raise no(400, "invalid_status", f"status must be among {', '.join(LISTED_STATUSES)}")
        now = self._world.clock.now()
        since, until = _bound(request, "since"), _bound(request, "until")
        seen = [
            post
            for post in reversed(self.kept.values())
            if not post.deleted
            and post.visible_from <= now
            and (since is None or post.created_at >= since)
            and (until is None or post.created_at <= until)
        ]
        chosen = [post for post in seen if status in {None, post.listed_as}]
        posts = [post.as_json() for post in chosen[:limit]]
        return success("Posts retrieved", {"summary": _summary(seen), "posts": posts})

    def change(self, request: Request) -> Answer:
        post, given = self._asked(request), parsed(request)
        if not isinstance(given, dict) or not given:
            raise invalid_payload("at least one field is needed")
        if post.status not in OPEN_STATUSES:
            raise no(409, "post_immutable", f"A post that is {post.status} cannot be changed")
        self._check_key(post, given)
        keeps_time = "scheduled_at" not in given
        body = {**post.wish.body, **given}
        wish = self._wish({**body, "scheduled_at": None} if keeps_time else body)
        at = post.wish.scheduled_at if keeps_time else wish.scheduled_at
        post.wish = replace(wish, scheduled_at=at, body=body)
        self._deliver(post)
        return success("Post updated", _answered(post))

    def delete(self, request: Request) -> Answer:
        fields = Fields(parsed(request), payload_failure)
        ids = fields.texts("postIds" if fields.given("postIds") else "post_ids")
        fields.close()
        if not ids:
            raise invalid_payload("postIds must be 1 to 50 ids")
        if len(ids) > _DELETE_MOST:
            raise no(400, "too_many_post_ids", f"At most {_DELETE_MOST} posts at once")
        lists: Json = {"deletedIds": [], "blockedStatuses": [], "skipped": [], "errors": {}}
        for post_id in dict.fromkeys(ids):
            self._delete_one(post_id, lists)
        return success("Posts deleted", lists)

    def retry(self, request: Request) -> Answer:
        fields = Fields(parsed(request), payload_failure)
        ids = fields.texts("post_ids")
        account_ids = fields.texts("account_ids") if fields.given("account_ids") else None
        fields.close()
        if not 1 <= len(ids) <= _RETRY_MOST:
            raise invalid_payload(f"post_ids must be 1 to {_RETRY_MOST} ids")
        if account_ids is not None and not 1 <= len(account_ids) <= _RETRY_ACCOUNTS_MOST:
            raise invalid_payload(f"account_ids must be 1 to {_RETRY_ACCOUNTS_MOST} ids")
        retried = [post_id for post_id in ids if self._retry_one(post_id, account_ids)]
        refused = {post_id: _REFUSED for post_id in ids if post_id not in retried}
        contents: Json = {"retried": len(retried), "ids": retried}
        failed = {"failed": list(refused), "errors": refused} if refused else {}
        return success("Retry queued", contents | failed)

    def _original(self, external_id: str | None, raw: bytes) -> Post | None:
        switch = self._sandbox.switched_on("key_life")
        life = self._world.clock.real(timedelta(seconds=switch.seconds)) if switch else None
        try:
            post_id = self._replays.find(external_id, raw, self._world.clock.now(), life)
        except ChangedReplay:
            message = "external_id was used with a different payload"
            raise no(409, "create_failed", message) from None
        return self.kept[post_id] if post_id is not None else None

    def _wish(self, body: Any) -> Wish:
        wish = read_wish(body, self._world.clock.now())
        accounts = [self._sandbox.accounts.get(account_id) for account_id in wish.account_ids]
        usable = [one for one in accounts if one is not None and self._sandbox.may_post(one)]
        if len(usable) != len(accounts):
            raise no(400, "unknown_accounts", "An account is not active in this scope")
        if self._sandbox.take("forget_media", "publish", wish.account_ids[0]) is not None:
            self._files.forget(wish.urls)
        check(wish, usable, self._files.is_reachable, old=self._is_old())
        return wish

    def _store(self, wish: Wish) -> Post:
        now = self._world.clock.now()
        post = Post(
            sequence=self._world.next_sequence(),
            post_id=self._world.new_uuid(),
            wish=wish,
            created_at=now.replace(microsecond=now.microsecond // 1000 * 1000),
            visible_from=self._sandbox.visible_from(wish.account_ids[0], wish.caption),
        )
        self._deliver(post)
        self.kept[post.post_id] = post
        return post

    def _deliver(self, post: Post) -> None:
        wish = post.wish
        post.deliveries = [Delivery(one, "pending", None) for one in wish.account_ids]
        for delivery in post.deliveries:
            self._worker.queue(delivery, wish.scheduled_at)
        self._moving[post.post_id] = post

    def _check_key(self, post: Post, given: Json) -> None:
        changed = given.get("external_id", post.wish.external_id) != post.wish.external_id
        if changed and not self._is_old():
            raise no(409, "external_id_immutable", "external_id cannot be changed")

    def _delete_one(self, post_id: str, lists: Json) -> None:
        post = self._alive(post_id)
        if post is None:
            lists["skipped"].append(post_id)
        elif post.status not in OPEN_STATUSES:
            lists["blockedStatuses"].append({"id": post_id, "status": post.status})
        elif fault := self._sandbox.take("delete_error", "cancel"):
            lists["errors"][post_id] = fault.message or "storage fault"
        else:
            post.deleted = True
            lists["deletedIds"].append(post_id)

    def _retry_one(self, post_id: str, account_ids: list[str] | None) -> bool:
        post = self._alive(post_id)
        if post is None or post.status not in {"failed", "partial"}:
            return False
        again = [
            delivery
            for delivery in post.deliveries
            if delivery.status == "failed"
            and (account_ids is None or delivery.account_id in account_ids)
        ]
        for delivery in again:
            delivery.attempts, delivery.error_message = 0, None
            self._worker.queue(delivery, None)
        self._moving[post_id] = post
        return bool(again)

    def _asked(self, request: Request) -> Post:
        post = self._alive(request.params["post_id"])
        if post is None:
            raise no(404, "not_found", "Post not found")
        return post

    def _alive(self, post_id: str) -> Post | None:
        post = self.kept.get(post_id)
        return None if post is None or post.deleted else post

    def _is_old(self) -> bool:
        return self._sandbox.switched_on("old_generation") is not None


def _answered(post: Post) -> Json:
    warnings = [dict(warning) for warning in post.wish.warnings]
    return post.brief() | ({"warnings": warnings} if warnings else {})


def _limit(request: Request) -> int:
    value = request.query.get("limit", "")
    wanted = int(value) if value.lstrip("-").isdigit() else _LIMIT_DEFAULT
    return min(max(wanted, 1), _LIMIT_MOST)


def _bound(request: Request, name: str) -> datetime | None:
    value = request.query.get(name)
    if value is None:
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise no(400, f"invalid_{name}", f"{name} must be an ISO 8601 time")
    return at


def _summary(posts: list[Post]) -> Json:
    """Count; `pending` is pending plus scheduled, unlike in `by_status` (D)."""
    words = Counter(post.status for post in posts)
    return {
        "total": len(posts),
        "pending": words["pending"] + words["scheduled"],
        "published": words["posted"],
        "by_status": {status: words[status] for status in LISTED_STATUSES},
    }
