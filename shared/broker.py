"""The doorbell: Celery on Redis. A message carries a version and ids of jobs, nothing else."""

from collections.abc import Callable, Sequence
from typing import Any

import celery
import redis
from kombu.exceptions import OperationalError

from shared.errors import PartUnreachable
from shared.logs import logger
from shared.redis_address import celery_address, open_redis

log = logger(__name__)

#: The shape of a message; one of another version is logged and dropped, the ledger rings again.
MESSAGE_VERSION = 1

#: Ids in one message: a worker takes few messages a second over a slow network, so they batch;
#: but as long as there are few, several workers should have some of them.
BATCH = 16
LARGE_BATCH = 48
MANY = 512

PUBLISH_QUEUE = "publish"
TICK_QUEUE = "ticks"
PUBLISH_TASK = "publish"
CANCEL_TASK = "cancel"

#: Of a question that a person or a start-up waits for.
_PATIENCE = {"socket_connect_timeout": 3, "socket_timeout": 3}

#: A message that nobody acknowledged comes back after this; leases must be shorter.
VISIBILITY_TIMEOUT_SECONDS = 300


def make_app(name: str, redis_url: Callable[[], str], **extra: Any) -> celery.Celery:
    """Return a Celery app whose broker address is asked for only when it is first needed."""
    app = celery.Celery(name)
    app.add_defaults(lambda: {**_settings(redis_url()), **extra})
    return app


def _settings(redis_url: str) -> dict[str, Any]:
    broker_url, transport_options = celery_address(redis_url)
    return {
        "broker_url": broker_url,
        "broker_transport_options": {
            **transport_options,
            "visibility_timeout": VISIBILITY_TIMEOUT_SECONDS,
            "socket_timeout": 10,
            "socket_connect_timeout": 5,
            "socket_keepalive": True,
            "health_check_interval": 10,
            "global_keyprefix": "dropline:",
        },
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "accept_content": ["json"],
        "task_serializer": "json",
        "task_ignore_result": True,
        "task_acks_late": True,
        "task_reject_on_worker_lost": False,
        "task_default_queue": PUBLISH_QUEUE,
        "task_create_missing_queues": True,
        "worker_prefetch_multiplier": 1,
        "worker_hijack_root_logger": False,
        "worker_redirect_stdouts": False,
        "worker_send_task_events": True,
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        "enable_utc": True,
    }


class Broker:
    """Rings workers for jobs that are queued in the ledger."""

    def __init__(self, redis_url: str) -> None:
        self._redis_url = redis_url
        self._app = make_app("dropline", lambda: redis_url)

    def ring(self, job_ids: Sequence[int]) -> bool:
        """Send messages for queued jobs; False when Redis is away (rescue rings again later)."""
        return self._send(PUBLISH_TASK, job_ids)

    def ring_cancels(self, job_ids: Sequence[int]) -> bool:
        """Ask a worker to cancel these jobs at their providers."""
        return self._send(CANCEL_TASK, job_ids)

    def _send(self, task: str, job_ids: Sequence[int]) -> bool:
        size = BATCH if len(job_ids) < MANY else LARGE_BATCH
        try:
            with self._app.producer_or_acquire() as producer:
                for start in range(0, len(job_ids), size):
                    self._app.send_task(
                        task,
                        args=[MESSAGE_VERSION, list(job_ids[start : start + size])],
                        queue=PUBLISH_QUEUE,
                        producer=producer,
                        retry=False,
                    )
        except (OperationalError, redis.RedisError, OSError) as away:
            log.warning("Redis is away; jobs are rung again later", why=str(away))
            return False
        return True

    def ping(self) -> None:
        """Raise PartUnreachable unless Redis answers."""
        self.facts()

    def facts(self) -> dict[str, str]:
        """Return the server's version, run id and eviction policy."""
        try:
            with open_redis(self._redis_url, _PATIENCE) as client:
                server: Any = client.info("server")
                memory: Any = client.info("memory")
        except (redis.RedisError, OSError) as away:
            raise PartUnreachable(f"Redis cannot be reached: {away}") from None
        return {
            "version": str(server.get("valkey_version") or server.get("redis_version")),
            "run_id": str(server.get("run_id")),
            "policy": str(memory.get("maxmemory_policy")),
        }

    def close(self) -> None:
        self._app.close()
