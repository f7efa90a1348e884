"""procrastinate: `... FIRST LAST` defers a batch; `... work` is its worker."""

import asyncio
import os
import sys
import time

from procrastinate import App, PsycopgConnector

from bench.peers.publishing import Publisher

WIDTH = 100

app = App(connector=PsycopgConnector(conninfo=os.environ["BENCH_DATABASE"], max_size=20))
publisher = Publisher(WIDTH)


@app.task(name="publish")
async def publish(job_id: int) -> None:
    await publisher.publish(job_id)


async def work() -> None:
    async with app.open_async():
        await publisher.start()
        await app.run_worker_async(concurrency=WIDTH, delete_jobs="successful")


async def defer(first: int, last: int) -> None:
    """Defer one batch and print how many seconds that took."""
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        started = time.perf_counter()
        batch = [{"job_id": job_id} for job_id in range(first, last + 1)]
        await publish.batch_defer_async(*batch)
        print(time.perf_counter() - started)


if __name__ == "__main__":
    if sys.argv[1] == "work":
        asyncio.run(work())
    else:
        asyncio.run(defer(int(sys.argv[1]), int(sys.argv[2])))
