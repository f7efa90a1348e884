"""Many at once: threads and processes together never take more than a window holds."""

import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.queues import Queue

from shared.domain.limit import Limit, Reach, Window
from tests.support.limiters import MINUTE, Field, redis_field

WINDOWS = (
    Limit(requests=300, per=MINUTE, window=Window.SLIDING),
    Limit(requests=250, per=MINUTE, reach=Reach.ACCOUNT),
)


def test_threads_of_several_instances_take_exactly_what_there_is(ground: Field) -> None:
    limiters = [ground.limiter(*WINDOWS) for _ in range(2)]
    ground.limiter().epoch()

    with ThreadPoolExecutor(8) as pool:
        granted = list(pool.map(ground.calls, limiters * 4))

    assert sum(granted) == 250


def test_a_429_of_one_thread_stops_all_others(ground: Field) -> None:
    limiter = ground.limiter()
    ground.call(limiter, ground.reply(429, retry_after=5))

    with ThreadPoolExecutor(8) as pool:
        granted = list(pool.map(lambda each: ground.calls(each, most=50), [limiter] * 8))

    assert sum(granted) == 0


def test_processes_together_take_exactly_what_there_is(redis_url: str) -> None:
    with redis_field(redis_url) as field:
        field.limiter(*WINDOWS).epoch()
    spawn = multiprocessing.get_context("spawn")
    counted: Queue[int] = spawn.Queue()
    hammers = [spawn.Process(target=hammer, args=(redis_url, counted)) for _ in range(3)]

    for process in hammers:
        process.start()
    granted = [counted.get(timeout=60) for _ in hammers]
    for process in hammers:
        process.join(timeout=60)

    assert sum(granted) == 250
    assert [process.exitcode for process in hammers] == [0, 0, 0]


def hammer(url: str, counted: "Queue[int]") -> None:
    with redis_field(url) as field:
        limiter = field.limiter(*WINDOWS)
        counted.put(field.calls(limiter))
