"""An answer about another publish than the one asked for settles nothing."""

from typing import Any

import pytest

from shared.domain.post import Kind
from shared.domain.status import Verdict
from shared.provider import Provider, Publish
from tests.contract.adapters import genviral_answers, posteverywhere_answers
from tests.contract.adapters.wahdx_samples import ACCOUNT, PUBLISH_ID, WAHDX
from tests.contract.adapters.wahdx_samples import post as wahdx_post
from tests.contract.adapters.wonda_samples import WONDA, known
from tests.contract.adapters.wonda_samples import post as wonda_post
from tests.support.scripted import Scripted, answered
from tests.support.wires import Wires

GENVIRAL_ONE = genviral_answers.publish_of()
POSTEVERYWHERE_ONE = posteverywhere_answers.publish_of()
WAHDX_ONE = Publish(
    publish_id=PUBLISH_ID, post=wahdx_post(kind=Kind.VIDEO), sent_at=GENVIRAL_ONE.sent_at
)

ANSWERS: dict[str, tuple[Provider, str, Publish, str, Any]] = {
    "genviral": (
        genviral_answers.GENVIRAL,
        genviral_answers.BASE,
        GENVIRAL_ONE,
        f"{genviral_answers.BASE}/posts/{GENVIRAL_ONE.publish_id}",
        {"ok": True, "data": {"id": "another", "status": "posted"}},
    ),
    "posteverywhere": (
        posteverywhere_answers.POSTEVERYWHERE,
        posteverywhere_answers.BASE,
        POSTEVERYWHERE_ONE,
        f"{posteverywhere_answers.BASE}/posts/{POSTEVERYWHERE_ONE.publish_id}",
        {"data": {"id": "another", "status": "published"}, "error": None},
    ),
    "wonda": (
        WONDA,
        "",
        known("j", wonda_post(kind=Kind.IMAGE)),
        "/api/v1/jobs/publish/j",
        {"outputJobId": "another", "status": "succeeded"},
    ),
    "wahdx": (
        WAHDX,
        "",
        WAHDX_ONE,
        f"/api/content/status/{ACCOUNT}/{PUBLISH_ID}",
        {"success": True, "data": {"publish_id": "another", "status": "PUBLISH_COMPLETE"}},
    ),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_about_another_publish_says_nothing(server: Scripted, name: str) -> None:
    provider, base, publish, path, body = ANSWERS[name]
    server.on("GET", path, answered(body))
    with Wires(provider, server.url + base) as wires:
        statuses = provider.statuses([publish], wires.open())
    assert server.unexpected == []
    assert statuses[publish.publish_id].verdict is Verdict.UNKNOWN
