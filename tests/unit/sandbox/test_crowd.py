"""Many clients at once: every publish is stored exactly once and nothing is mixed up."""

from concurrent.futures import ThreadPoolExecutor

import httpx

from shared.sandbox.server import Sandbox
from tests.unit.sandbox.publishing import captions, publish

CLIENTS, EACH = 8, 20


def test_a_crowd_of_clients_is_stored_once_each() -> None:
    with Sandbox() as sandbox, ThreadPoolExecutor(CLIENTS) as crowd:
        list(crowd.map(lambda number: _publish_many(sandbox, number), range(CLIENTS)))
        stored = sandbox.stored()

        assert sorted(captions(sandbox)) == sorted(_captions())

    assert len({post["publish_id"] for post in stored}) == CLIENTS * EACH
    assert [post["sequence"] for post in stored] == list(range(1, CLIENTS * EACH + 1))


def _captions() -> list[str]:
    return [f"{number}-{turn}" for number in range(CLIENTS) for turn in range(EACH)]


def _publish_many(sandbox: Sandbox, number: int) -> None:
    base_url, key = sandbox.base_urls["wahdx"], sandbox.key_headers["wahdx"]
    with httpx.Client(base_url=base_url, headers=key) as client:
        for turn in range(EACH):
            assert publish(client, f"{number}-{turn}").status_code == 200
        assert len(sandbox.stored()) >= EACH
