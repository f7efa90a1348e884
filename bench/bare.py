"""Plain Celery as people use it: one message for each post, which a task sends and nothing else.

`celery -A bench.bare worker`; the far end's address is in BENCH_FAR_END, Redis' in BENCH_REDIS.
"""

import os

from celery import Celery

from shared.wire.clients import Clients

POST = "post"


def make_app(redis_url: str) -> Celery:
    """Return an app that acknowledges late and keeps no results; leave it to close it."""
    made = Celery("bare", broker=redis_url)
    made.conf.update(task_ignore_result=True, task_acks_late=True, worker_prefetch_multiplier=1)
    return made


app = make_app(os.environ.get("BENCH_REDIS", "redis://"))
_clients = Clients()


@app.task(name=POST)
def post(caption: str) -> None:
    """Send one post with the same client that Dropline sends with."""
    url = os.environ["BENCH_FAR_END"] + "/api/content/post"
    with _clients.telephone("bare") as telephone:
        telephone.client.post(url, json={"content": caption}).raise_for_status()
