"""What a job of a peer does: claim, attempt, post, settle."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

CLAIM = """
    UPDATE job SET state = 'publishing', reason = 'claimed', fence = fence + 1,
        lease_owner = 'peer', lease_until = now() + interval '30 seconds'
    WHERE id = %(id)s AND state = 'queued' RETURNING post
"""
COUNT = """
    UPDATE job SET attempts = attempts + 1, last_attempt = last_attempt + 1,
        first_sent_at = coalesce(first_sent_at, now())
    WHERE id = %(id)s AND state = 'publishing' AND lease_until > now()
"""
OPEN = """
    INSERT INTO attempt (job_id, lane_id, number, fence, opened_at, memo)
    SELECT id, lane_id, last_attempt, fence, now(), '{}' FROM job WHERE id = %(id)s
"""
SETTLE = """
    UPDATE job SET state = 'succeeded', reason = 'published', settled_at = now(),
        lease_owner = NULL, lease_until = NULL, provider_status = 'PUBLISHED',
        provider_publish_id = %(publish_id)s
    WHERE id = %(id)s AND state = 'publishing'
"""
CLOSE = """
    UPDATE attempt SET closed_at = now(), outcome = 'succeeded', publish_id = %(publish_id)s
    WHERE job_id = %(id)s AND closed_at IS NULL
"""
MOVED = """
    INSERT INTO event (job_id, at, from_state, to_state, why, attempt, by)
    VALUES (%(id)s, now(), %(old)s, %(new)s, 'moved', NULL, 'peer')
"""


class Publisher:
    """Shared by all jobs of one worker process."""

    def __init__(self, width: int) -> None:
        self._pool = AsyncConnectionPool(
            os.environ["BENCH_DATABASE"], min_size=20, max_size=20, open=False
        )
        self._url = os.environ["BENCH_FAR_END"] + "/api/content/post"
        # One connection each: a shared client scans its pool for every request.
        self._clients = [
            httpx.AsyncClient(limits=httpx.Limits(max_connections=1), trust_env=False)
            for _ in range(width)
        ]

    async def start(self) -> None:
        await self._pool.open(wait=True)

    async def stop(self) -> None:
        for client in self._clients:
            await client.aclose()
        await self._pool.close()

    async def publish(self, job_id: int) -> None:
        """Carry one job out; each `_commit` is a transaction."""
        async with self._commit() as tx:
            claimed = await tx.execute(CLAIM, {"id": job_id})
            [[post]] = await claimed.fetchall()
            await tx.execute(MOVED, {"id": job_id, "old": "queued", "new": "publishing"})
        async with self._commit() as tx:
            await tx.execute(COUNT, {"id": job_id})
            await tx.execute(OPEN, {"id": job_id})
        facts = await self._post(post["caption"])
        said = {"id": job_id, "publish_id": facts["publish_id"]}
        async with self._commit() as tx:
            await tx.execute(SETTLE, said)
            await tx.execute(CLOSE, said)
            await tx.execute(MOVED, {"id": job_id, "old": "publishing", "new": "succeeded"})

    async def _post(self, caption: str) -> Any:
        client = self._clients.pop()
        try:
            answer = await client.post(self._url, json={"content": caption})
        finally:
            self._clients.append(client)
        return answer.raise_for_status().json()["data"]

    @asynccontextmanager
    async def _commit(self) -> AsyncIterator[AsyncConnection[Any]]:
        async with self._pool.connection() as tx:
            yield tx
