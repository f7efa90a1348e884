"""The named Lua files as scripts of one Redis connection, and errors in our own words."""

import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from redis.backoff import NoBackoff
from redis.commands.core import Script
from redis.exceptions import NoScriptError, RedisError
from redis.retry import Retry

from shared.combiner import Combiner
from shared.errors import LimiterUnavailable
from shared.redis_address import open_redis

#: All keys carry one hash tag: a script may touch any of them.
ROOT = "dropline:limit:{all}:"

#: What stands before each script, in this order.
_COMMON = ("windows", "looking", "adaptive")

_NAMES = ("admit", "headroom", "learn", "release", "list", "seed", "begin", "commit")

#: A command that may have run is repeated once: that counts a request twice, never not at all.
_OPTIONS = {
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "retry": Retry(NoBackoff(), 1),
}


#: A script's name and the JSON it is given.
Question = tuple[str, str]


class Scripts:
    """Runs scripts by name: JSON in, JSON out; those that threads ask for at once in one trip."""

    def __init__(self, redis_url: str) -> None:
        self._host = urlsplit(redis_url).hostname or "its socket"
        self._client = open_redis(redis_url, _OPTIONS)
        shared = "\n".join(map(_text, _COMMON))
        self._scripts: dict[str, Script] = {
            name: self._client.register_script(f"{shared}\n{_text(name)}") for name in _NAMES
        }
        self._answer = Combiner(self._answers)

    def run(self, name: str, ask: Mapping[str, Any]) -> dict[str, Any]:
        """Return a script's answer. Raises LimiterUnavailable."""
        try:
            answer = self._answer((name, json.dumps(ask, separators=(",", ":"))))
        except (RedisError, OSError) as away:
            raise LimiterUnavailable(
                f"Redis at {self._host} cannot say what is inside the limits: {away}"
            ) from away
        reply: dict[str, Any] = json.loads(answer)
        return reply

    def _answers(self, questions: Sequence[Question]) -> Sequence[bytes | Exception]:
        if len(questions) == 1:
            return [self._alone(questions[0])]
        with self._client.pipeline(transaction=False) as pipe:
            for name, ask in questions:
                pipe.evalsha(self._scripts[name].sha, 1, ROOT, ask)
            answers: list[Any] = pipe.execute(raise_on_error=False)
        return [
            self._alone(question) if isinstance(answer, NoScriptError) else answer
            for question, answer in zip(questions, answers, strict=True)
        ]

    def _alone(self, question: Question) -> bytes:
        """Run one script, which is sent along when the server does not know it."""
        name, ask = question
        answer: bytes = self._scripts[name](keys=[ROOT], args=[ask])
        return answer

    def close(self) -> None:
        self._client.close()


def _text(name: str) -> str:
    return files("shared.limits").joinpath("lua", f"{name}.lua").read_text(encoding="utf-8")
