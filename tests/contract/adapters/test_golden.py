"""Every golden exchange, played to the adapter: what it sends and what it makes of the answer."""

import importlib
import pkgutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from typing_extensions import override

from shared.providers import provider_named
from tests.contract import golden
from tests.contract.adapters import understood
from tests.contract.adapters.golden_stage import Stage, content_of, exchange_of
from tests.contract.adapters.golden_uses import Use
from tests.contract.golden import Exchange, mismatches
from tests.support.scripted import Received, Scripted


@dataclass(frozen=True)
class Play:
    """One use of one golden exchange."""

    sheet: ModuleType
    use: Use

    @property
    def provider(self) -> str:
        return str(self.sheet.PROVIDER)

    @property
    def exchange(self) -> Exchange:
        return exchange_of(self.sheet, self.use.name)

    @override
    def __str__(self) -> str:
        return f"{self.provider}: {self.use.name}"


def _understood(sheet: ModuleType) -> ModuleType:
    return importlib.import_module(f"{understood.__name__}.{sheet.PROVIDER}")


SHEETS = [
    importlib.import_module(f"{golden.__name__}.{module.name}")
    for module in pkgutil.iter_modules(golden.__path__)
]
PLAYS = [Play(sheet, use) for sheet in SHEETS for use in _understood(sheet).USES]
SENDING = [play for play in PLAYS if not play.use.never]

#: Where a body has its media, at each provider.
MEDIA_KEYS = {"mediaIds", "media_ids", "mediaItems", "mediaUrls", "media_urls", "urls"}


def _turned(body: Any, key: str = "") -> Any:
    if isinstance(body, dict):
        return {name: _turned(part, name) for name, part in body.items()}
    return body[::-1] if key in MEDIA_KEYS else body


def _of_several_media() -> list[Play]:
    return [each for each in SENDING if _turned(each.exchange.body) != each.exchange.body]


@pytest.fixture
def play(request: pytest.FixtureRequest) -> Play:
    given: Play = request.param
    return given


@pytest.fixture
def stage(play: Play, server: Scripted, tmp_path: Path) -> Iterator[Stage]:
    with Stage(play.sheet, provider_named(play.provider), server, tmp_path) as stage:
        prepare = getattr(_understood(play.sheet), "scene", None)
        for scene in filter(None, (prepare, play.use.scene)):
            scene(stage)
        stage.script(play.use.script or (play.use.name,), play.use.choice)
        yield stage


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.PROVIDER)
def test_every_golden_exchange_is_used_by_its_adapter_or_excused(sheet: ModuleType) -> None:
    book = _understood(sheet)
    names = Counter(exchange.name for exchange in sheet.EXCHANGES)
    used = Counter({use.name: 1 for use in book.USES})

    assert used + Counter(dict.fromkeys(book.UNUSED, 1)) == names
    assert all(book.UNUSED.values())


@pytest.mark.parametrize("play", PLAYS, ids=str, indirect=True)
def test_an_adapter_understands_the_golden_answer(play: Play, stage: Stage) -> None:
    exchange = play.exchange
    shape = golden.filled(exchange.answer, stage.saved)
    assert mismatches(shape, stage.reply(exchange, play.use.choice).body) == []

    assert play.use.ask(stage, exchange) == play.use.makes

    assert stage.server.unexpected == []
    assert stage.sent(play.use.name) != []


@pytest.mark.parametrize("play", SENDING, ids=str, indirect=True)
def test_an_adapter_sends_the_golden_request(play: Play, stage: Stage) -> None:
    exchange = play.exchange

    play.use.ask(stage, exchange)

    assert _differences(play.use, stage, exchange) == []
    for request in stage.sent(play.use.name):
        _check_headers(stage, exchange, request)


@pytest.mark.parametrize("play", _of_several_media(), ids=str, indirect=True)
def test_media_keep_their_order_the_other_way_round_too(play: Play, stage: Stage) -> None:
    exchange = play.exchange
    turned = replace(exchange, body=_turned(exchange.body))

    play.use.ask(stage, turned)

    assert _differences(play.use, stage, turned) == []


def _differences(use: Use, stage: Stage, exchange: Exchange) -> list[str]:
    wanted = [{"query": query, "body": body} for query, body in use.requests(stage, exchange)]
    sent = [{"query": each.query, "body": content_of(each)} for each in stage.sent(use.name)]
    return mismatches(wanted, sent, use.name)


def _check_headers(stage: Stage, exchange: Exchange, request: Received) -> None:
    for name, value in exchange.headers.items():
        assert request.headers[name.lower()] == value
    keys = stage.provider.auth("key")
    if exchange.path.startswith("{upload_url}"):
        assert exchange.anonymous
        assert not {name.lower() for name in keys} & set(request.headers)
    else:
        assert {name.lower() for name in keys} <= set(request.headers)
