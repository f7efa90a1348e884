"""arq: `python -m bench.peers.with_arq FIRST LAST` enqueues; `WorkerSettings` is its worker's."""

import asyncio
import os
import sys
from typing import Any, ClassVar

from arq import create_pool
from arq.connections import RedisSettings

from bench.peers.publishing import Publisher

WIDTH = 100


async def publish(context: dict[str, Any], job_id: int) -> None:
    await context["publisher"].publish(job_id)


async def start(context: dict[str, Any]) -> None:
    context["publisher"] = Publisher(WIDTH)
    await context["publisher"].start()


async def stop(context: dict[str, Any]) -> None:
    await context["publisher"].stop()


class WorkerSettings:
    """A worker as wide as the other peers' and without stored results."""

    functions: ClassVar[list[Any]] = [publish]
    on_startup = start
    on_shutdown = stop
    max_jobs = WIDTH
    keep_result = 0
    redis_settings = RedisSettings.from_dsn(os.environ["BENCH_REDIS"])


async def enqueue(first: int, last: int) -> None:
    pool = await create_pool(WorkerSettings.redis_settings)
    for job_id in range(first, last + 1):
        await pool.enqueue_job("publish", job_id)
    await pool.aclose()


if __name__ == "__main__":
    asyncio.run(enqueue(int(sys.argv[1]), int(sys.argv[2])))
