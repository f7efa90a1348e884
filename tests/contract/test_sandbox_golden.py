"""Every golden exchange, sent to the live sandbox over real HTTP."""

import importlib
import pkgutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import httpx
import pytest

from shared.sandbox.clock import ManualClock
from shared.sandbox.server import Sandbox
from tests.contract import golden
from tests.contract.golden import Exchange, concrete, filled, mismatches, picked

MODULES = [
    importlib.import_module(f"{golden.__name__}.{module.name}")
    for module in pkgutil.iter_modules(golden.__path__)
]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 6, 20, 10, 0, tzinfo=UTC))


@pytest.fixture
def sandbox(clock: ManualClock) -> Iterator[Sandbox]:
    with Sandbox(clock=clock) as running:
        yield running


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.PROVIDER)
def test_the_sandbox_answers_as_the_sheet_says(
    module: ModuleType, sandbox: Sandbox, clock: ManualClock
) -> None:
    saved = {"origin": sandbox.url}
    problems: list[str] = []

    with httpx.Client(base_url=sandbox.base_urls[module.PROVIDER]) as client:
        for exchange in module.EXCHANGES:
            clock.advance(timedelta(seconds=exchange.after_s))
            answer = _send(client, sandbox, module.PROVIDER, exchange, saved)
            found = _problems(exchange, answer, saved)
            problems += [f"{exchange.name}: {problem}" for problem in found]
            for name, place in exchange.saves.items() if not found else ():
                saved[name] = picked(answer.json(), place)

    assert problems == []


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.PROVIDER)
def test_a_golden_answer_has_its_own_shape_when_made_concrete(module: ModuleType) -> None:
    for exchange in module.EXCHANGES:
        assert mismatches(exchange.answer, concrete(exchange.answer)) == []


def test_the_names_of_exchanges_are_unique() -> None:
    for module in MODULES:
        names = [exchange.name for exchange in module.EXCHANGES]
        assert len(names) == len(set(names))


def test_a_shape_refuses_a_missing_key_and_a_wrong_value() -> None:
    shape = {"id": golden.UUID, "rows": golden.Each({"n": golden.NUMBER})}

    assert mismatches(shape, {"id": golden.UUID.sample}) != []
    assert mismatches(shape, {"id": "x", "rows": [{"n": 1}]}) != []
    assert mismatches(shape, {"id": golden.UUID.sample, "rows": []}) != []
    assert mismatches(shape, {"id": golden.UUID.sample, "rows": [{"n": 1}]}) == []


def _send(
    client: httpx.Client,
    sandbox: Sandbox,
    provider: str,
    exchange: Exchange,
    saved: dict[str, str],
) -> httpx.Response:
    for fault in exchange.faults:
        sandbox.add_fault(**{"provider": provider, **fault})
    key = {} if exchange.anonymous else sandbox.key_headers[provider]
    forms = [(f.part, (f.filename, f.content, f.content_type)) for f in exchange.files]
    body = filled(exchange.body, saved)
    return client.request(
        exchange.method,
        filled(exchange.path, saved),
        headers={**key, **exchange.headers},
        **({"files": forms} if forms else {} if body is None else {"json": body}),
    )


def _problems(exchange: Exchange, answer: httpx.Response, saved: dict[str, str]) -> list[str]:
    found: Any = answer.json() if answer.content else None
    if answer.status_code != exchange.status:
        return [f"status {answer.status_code} instead of {exchange.status}: {found}"]
    headers = [
        problem
        for name, shape in exchange.answer_headers.items()
        for problem in mismatches(shape, answer.headers.get(name), name)
    ]
    return headers + mismatches(filled(exchange.answer, saved), found)
