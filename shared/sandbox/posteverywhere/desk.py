"""The post endpoints: create, read, list, change, cancel, make live, try again."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from shared.sandbox.exchange import Answer, Json, RefusedError, Request
from shared.sandbox.fields import Fields
from shared.sandbox.port import ProviderSandbox
from shared.sandbox.posteverywhere.listing import Listing
from shared.sandbox.posteverywhere.media import Shelf
from shared.sandbox.posteverywhere.posts import Destination, Post, Wish, to_ms
from shared.sandbox.posteverywhere.timeline import Timeline
from shared.sandbox.posteverywhere.wire import Envelope
from shared.sandbox.posteverywhere.wishes import Reader

_BULK_MOST, _RETRY_MOST = 50, 200
_LEAST_NOTICE = timedelta(minutes=1)
_OLD_STATUSES = {"publishing": "published", "partially_failed": "published", "failed": "published"}
_SETTLED = frozenset({"published", "partially_failed"})
_RETRY_FILTERS = (
    "post_ids",
    "account_id",
    "platform",
    "failed_after",
    "failed_before",
    "max_attempts",
)


class Desk:
    """All posts of the key; every call first lets the clock do what is due."""

    def __init__(self, sandbox: ProviderSandbox, envelope: Envelope, shelf: Shelf) -> None:
        self._sandbox = sandbox
        self._world = sandbox.world
        self._envelope = envelope
        self._shelf = shelf
        self._reader = Reader(sandbox, envelope, shelf)
        self._timeline = Timeline(sandbox)
        self.listing = Listing(envelope, self._reader.instant, self._status)
        self.kept: dict[str, Post] = {}
        self._moving: dict[str, Post] = {}

    def advance(self) -> None:
        for post in list(self._moving.values()):
            self._timeline.advance(post)
            if not post.is_moving:
                del self._moving[post.post_id]

    def alive(self) -> list[Post]:
        return [post for post in self.kept.values() if not post.deleted]

    def create(self, request: Request) -> Answer:
        post = self._store(self._reader.wish(self._envelope.parsed(request)))
        return self._envelope.success(self._created(post), 201)

    def create_bulk(self, request: Request) -> Answer:
        fields = self._envelope.fields(request)
        bodies = fields.listed("posts") or []
        fields.close()
        if not 1 <= len(bodies) <= _BULK_MOST:
            raise self._envelope.invalid(f"posts must be 1 to {_BULK_MOST}")
        results = [self._one_of_bulk(index, body) for index, body in enumerate(bodies)]
        good = sum(result["ok"] for result in results)
        summary = {"total": len(results), "succeeded": good, "failed": len(results) - good}
        status = 201 if good == len(results) else 207 if good else 422
        return self._envelope.success({"summary": summary, "results": results}, status)

    def read(self, request: Request) -> Answer:
        return self._envelope.success(self._described(self._asked(request)))

    def results(self, request: Request) -> Answer:
        post = self._asked(request)
        results = [destination.as_result() for destination in post.destinations]
        status = self._status(post)
        return self._envelope.success(
            {"post_id": post.post_id, "post_status": status, "results": results}
        )

    def listed(self, request: Request) -> Answer:
        limit, offset = self.listing.page(request.query)
        now = self._world.clock.now()
        seen = [post for post in self.alive() if post.visible_from <= now]
        old = self._sandbox.switched_on("ignore_filters") is not None
        chosen = self.listing.chosen(seen, request.query, old=old)
        page = chosen[offset : offset + limit]
        pagination: Json = {"limit": limit, "offset": offset}
        if not self._is_old():
            more = offset + limit < len(chosen)
            pagination |= {"has_more": more, "total": len(chosen)}
        posts = [self._described(post) for post in page]
        return self._envelope.success({"posts": posts, "pagination": pagination})

    def change(self, request: Request) -> Answer:
        post = self._asked(request)
        if self._status(post) not in {"scheduled", "draft"}:
            raise self._fixed(post)
        body = self._envelope.parsed(request)
        if not isinstance(body, dict) or not body:
            raise self._envelope.invalid("at least one field is needed")
        given = {"scheduled_for": body["scheduled_at"]} if "scheduled_at" in body else {}
        now_is = post.wish.as_json() | {"draft": post.wish.draft}
        self._replace(post, self._reader.wish(now_is | body | given))
        return self._envelope.success(self._described(post))

    def delete(self, request: Request) -> Answer:
        post = self._asked(request)
        published = any(d.status == "published" for d in post.destinations)
        if published and "delete_on_platforms" not in request.query:
            raise self._fixed(post)
        post.deleted = True
        return self._envelope.success({"post_id": post.post_id, "deleted": True})

    def schedule(self, request: Request) -> Answer:
        post = self._asked(request)
        if not post.wish.draft:
            raise self._envelope.invalid("only a draft can be scheduled")
        fields = self._envelope.fields(request)
        at = self._chosen_moment(fields)
        accounts = fields.listed("account_ids")
        timezone = fields.text("timezone") or post.wish.timezone
        fields.close()
        chosen = accounts or [int(account_id) for account_id in post.wish.account_ids]
        account_ids = self._reader.account_ids(chosen)
        wish = replace(
            post.wish, draft=False, scheduled_for=at, timezone=timezone, account_ids=account_ids
        )
        self._reader.check_platforms(wish)
        self._replace(post, wish)
        return self._envelope.success(self._described(post))

    def retry(self, request: Request) -> Answer:
        post = self._asked(request)
        fields = Fields(self._envelope.parsed(request) or {}, self._envelope.bad)
        only = fields.listed("account_ids")
        fields.close()
        wanted = post.wish.account_ids if only is None else self._reader.account_ids(only)
        again = [d for d in post.destinations if d.has_failed and d.account_id in wanted]
        self._queue_again([(post, destination) for destination in again])
        return self._envelope.success(
            {
                "post_id": post.post_id,
                "retried_count": len(again),
                "destinations": [destination.as_json() for destination in again],
                "next_step": "Poll the results.",
            }
        )

    def retry_failed(self, request: Request) -> Answer:
        fields = self._envelope.fields(request)
        keep = self._retry_filter(fields)
        again = [
            (post, destination)
            for post in self.alive()
            for destination in post.destinations
            if destination.has_failed and keep(post, destination)
        ]
        self._queue_again(again)
        rows = [_retried(post, destination) for post, destination in again]
        message = f"{len(rows)} destinations queued again"
        return self._envelope.success(
            {"retried_count": len(rows), "destinations": rows, "message": message}
        )

    def uses(self, media_id: str) -> bool:
        return any(
            media_id in post.wish.media_ids and self._status(post) == "scheduled"
            for post in self.alive()
        )

    def _store(self, wish: Wish) -> Post:
        if self._timeline.breaks(wish):
            message = "Identical content has failed 5 times. Change it before posting again."
            raise self._envelope.no(422, "permanent_failure_circuit_breaker", message)
        now = to_ms(self._world.clock.now())
        named = (wish.account_ids[0] if wish.account_ids else "", wish.content)
        post = Post(
            sequence=self._world.next_sequence(),
            post_id=self._world.new_uuid(),
            wish=wish,
            created_at=now,
            updated_at=now,
            visible_from=self._sandbox.visible_from(*named),
        )
        post.destinations = self._destinations(wish)
        self.kept[post.post_id] = self._moving[post.post_id] = post
        return post

    def _replace(self, post: Post, wish: Wish) -> None:
        post.wish, post.destinations = wish, self._destinations(wish)
        post.updated_at = self._world.clock.now()
        self._moving[post.post_id] = post

    def _destinations(self, wish: Wish) -> list[Destination]:
        at = wish.scheduled_for or self._world.clock.now()
        accounts = [self._sandbox.accounts[account_id] for account_id in wish.account_ids]
        return [
            Destination(self._world.new_uuid(), one.id, one.username, one.platform, at)
            for one in accounts
        ]

    def _one_of_bulk(self, index: int, body: Any) -> Json:
        try:
            post = self._store(self._reader.wish(body))
        except RefusedError as refused:
            error = refused.answer.body["error"] | {"status": refused.answer.status}
            return {"index": index, "ok": False, "error": error}
        return {"index": index, "ok": True, "post": self._created(post)}

    def _created(self, post: Post) -> Json:
        """Answer 201 for unhealthy accounts as well: they fail afterwards (S)."""
        count, status = len(post.destinations), post.status_at(self._world.clock.now())
        verb = {"draft": "Draft", "scheduled": "Scheduled"}.get(status, "Publishing")
        created = post.as_json(status)
        if self._is_old():
            del created["post_id"]
            return created | {"post_group_id": post.post_id, "destinations": count}
        return created | {"accounts_count": count, "message": f"{verb}, {count} destinations"}

    def _described(self, post: Post) -> Json:
        found = (self._shelf.find(media_id) for media_id in post.wish.media_ids)
        described = post.as_json(self._status(post))
        return described | {
            "platform_content": post.wish.platform_content or {},
            "media": [media.brief() for media in found if media is not None],
            "destinations": [destination.as_json() for destination in post.destinations],
        }

    def _status(self, post: Post) -> str:
        status = post.status_at(self._world.clock.now())
        return _OLD_STATUSES.get(status, status) if self._is_old() else status

    def _is_old(self) -> bool:
        return self._sandbox.switched_on("old_shapes") is not None

    def _asked(self, request: Request) -> Post:
        post_id = request.params["post_id"]
        post = self.kept.get(post_id)
        if post is None or post.deleted:
            raise self._envelope.missing("Post", post_id)
        return post

    def _fixed(self, post: Post) -> RefusedError:
        status = post.status_at(self._world.clock.now())
        if status in _SETTLED:
            return self._envelope.no(409, "post_already_published", "The post is published.")
        return self._envelope.invalid(f"The post is {status}.")

    def _chosen_moment(self, fields: Fields) -> datetime | None:
        value, at_once = fields.text("scheduled_for"), fields.flag("publish_now")
        if (value is None) == (not at_once):
            raise self._envelope.invalid("give scheduled_for or publish_now: true")
        if value is None:
            return None
        at = self._reader.instant("scheduled_for", value)
        if at < self._world.clock.now() + _LEAST_NOTICE:
            raise self._envelope.invalid("scheduled_for must be at least a minute ahead")
        return at

    def _queue_again(self, again: list[tuple[Post, Destination]]) -> None:
        for post, destination in again:
            destination.queue(self._world.clock.now())
            self._moving[post.post_id] = post

    def _retry_filter(self, fields: Fields) -> Callable[[Post, Destination], bool]:
        if not any(fields.given(name) for name in _RETRY_FILTERS):
            raise self._envelope.invalid(f"one of {', '.join(_RETRY_FILTERS)} is needed")
        post_ids = fields.listed("post_ids")
        account_id, platform = fields.number("account_id"), fields.text("platform")
        after, before = (
            self._optional(fields, "failed_after"),
            self._optional(fields, "failed_before"),
        )
        most = fields.number("max_attempts")
        fields.close()
        if post_ids is not None and len(post_ids) > _RETRY_MOST:
            raise self._envelope.invalid(f"post_ids must be at most {_RETRY_MOST}")

        def keep(post: Post, destination: Destination) -> bool:
            at = destination.failed_at
            return (
                (post_ids is None or post.post_id in post_ids)
                and (account_id is None or destination.account_id == str(account_id))
                and platform in {None, destination.platform}
                and (after is None or (at is not None and at >= after))
                and (before is None or (at is not None and at <= before))
                and (most is None or destination.attempts <= most)
            )

        return keep

    def _optional(self, fields: Fields, name: str) -> datetime | None:
        value = fields.text(name)
        return self._reader.instant(name, value) if value else None


def _retried(post: Post, destination: Destination) -> Json:
    return {
        "destination_id": destination.destination_id,
        "post_id": post.post_id,
        "platform": destination.platform,
        "new_status": destination.status,
    }
