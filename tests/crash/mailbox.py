"""The worker's end of the broker: messages taken from Redis one by one, acknowledged late."""

from functools import cache
from typing import Any

from shared.broker import PUBLISH_QUEUE, make_app


@cache
def _app(redis_url: str) -> Any:
    """Make the app once: a forked child finds it ready."""
    return make_app("dropline-crash", lambda: redis_url)


class Mailbox:
    """Takes messages as Celery's consumer does, when it is asked to."""

    def __init__(self, redis_url: str) -> None:
        app = _app(redis_url)
        self._connection: Any = app.connection_for_read()
        self._channel: Any = self._connection.default_channel
        self._queue: Any = app.amqp.queues[PUBLISH_QUEUE](self._channel)
        self._queue.declare()

    def take(self) -> Any:
        """Return the next message, which is in Redis until it is acknowledged, or None."""
        return self._queue.get(no_ack=False)

    def give_back(self) -> None:
        """Put what dead consumers never acknowledged back, as time would."""
        with self._channel.conn_or_acquire() as client:
            for tag in client.hkeys(self._channel.unacked_key):
                self._channel.qos.restore_by_tag(tag.decode(), client)

    def close(self) -> None:
        self._connection.close()
