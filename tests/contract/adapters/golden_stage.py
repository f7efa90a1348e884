"""A golden sheet played to an adapter: its answers from a scripted server, its requests kept."""

import email
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from shared.domain.outcome import Fault
from shared.domain.post import Media
from shared.provider import Provider
from shared.wire.answer import CallFailed, NotAdmitted
from shared.wire.wire import Wire
from tests.contract.golden import ISO, Each, Exchange, File, OneOf, Placeholder, filled, picked
from tests.support.scripted import Received, Reply, Scripted, answered
from tests.support.wires import Wires


def known(word: str) -> str:
    """Return the id that stands for whatever golden exchanges saved, or have, under this name."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, word))


def spelled(shape: Any, place: str = "", choice: int = 0) -> Any:
    """Give an answer of this shape in which every text says where it stands.

    So an adapter that reads a wrong place gives itself away. `choice` is which of several
    possible values stands in the answer.
    """
    match shape:
        case Placeholder(name="uuid"):
            return known(place.rpartition(".")[2])
        case Placeholder(name="text"):
            return place
        case Placeholder():
            return shape.sample
        case OneOf():
            return shape.values[choice % len(shape.values)]
        case Each():
            return [spelled(shape.shape, f"{place}.0", choice)]
        case _:
            return _spelled_parts(shape, place, choice)


def _spelled_parts(shape: Any, place: str, choice: int) -> Any:
    if isinstance(shape, dict):
        inside = {key: f"{place}.{key}".removeprefix(".") for key in shape}
        return {key: spelled(part, inside[key], choice) for key, part in shape.items()}
    if isinstance(shape, list):
        return [spelled(part, f"{place}.{n}", choice) for n, part in enumerate(shape)]
    return shape


@dataclass(frozen=True)
class Refusal:
    """What an adapter raised because the provider refused a call that publishes nothing."""

    fault: Fault
    again: bool


def heard(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except CallFailed as refused:
        return Refusal(refused.fault, refused.again)
    except NotAdmitted as held_back:
        return Refusal(held_back.fault, again=True)


def exchange_of(sheet: ModuleType, name: str) -> Exchange:
    exchanges: list[Exchange] = sheet.EXCHANGES
    return {exchange.name: exchange for exchange in exchanges}[name]


class Stage:
    """One adapter, and a provider that answers it from the golden sheet."""

    def __init__(
        self,
        sheet: ModuleType,
        provider: Provider,
        server: Scripted,
        folder: Path,
    ) -> None:
        self.sheet = sheet
        self.provider = provider
        self.server = server
        self.base = urlsplit(provider.base_url).path
        self.wires = Wires(provider, server.url + self.base)
        self.saved = _saved(sheet, server.url)
        self._folder = folder

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.wires.__exit__(kind, error, trace)

    def wire(self) -> Wire:
        return self.wires.open()

    def exchange(self, name: str) -> Exchange:
        return exchange_of(self.sheet, name)

    def script(self, names: Sequence[str], choice: int = 0) -> None:
        """Answer as these exchanges do, those of one route one after the other."""
        replies: dict[tuple[str, str], list[Reply]] = {}
        for exchange in map(self.exchange, names):
            reply = self.reply(exchange, choice)
            replies.setdefault((exchange.method, self.path(exchange)), []).append(reply)
        for (method, path), of_route in replies.items():
            self.server.on(method, path, *of_route)

    def reply(self, exchange: Exchange, choice: int = 0) -> Reply:
        body = spelled(filled(exchange.answer, self.saved), choice=choice)
        for name, place in exchange.saves.items():
            body = _renamed(body, _found(body, place), self.saved[name])
        body = _about(body, self._asked(exchange))
        headers = {name: spelled(shape, name) for name, shape in exchange.answer_headers.items()}
        return answered(body, exchange.status, **headers)

    def _asked(self, exchange: Exchange) -> str | None:
        """Return the id of the post that the exchange asks after by its path."""
        about_one = exchange.method == "GET" and str(exchange.path).endswith("}")
        return self.path(exchange).rpartition("/")[2] if about_one else None

    def path(self, exchange: Exchange) -> str:
        path = str(filled(exchange.path, self.saved)).partition("?")[0]
        elsewhere = path.startswith(self.server.url)
        return path.removeprefix(self.server.url) if elsewhere else self.base + path

    def query(self, exchange: Exchange) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(filled(exchange.path, self.saved)).query))

    def body(self, exchange: Exchange) -> Any:
        return list(exchange.files) or filled(exchange.body, self.saved)

    def sent(self, name: str) -> list[Received]:
        exchange = self.exchange(name)
        return self.server.asked(exchange.method, self.path(exchange))

    def file(self, name: str, content: bytes) -> Media:
        path = self._folder / name
        path.write_bytes(content)
        return Media(path=str(path))


def content_of(request: Received) -> Any:
    """Return what a request carries: parts of a form, a JSON body, a text, or nothing."""
    content_type = request.headers.get("content-type", "")
    if content_type.startswith("multipart/form-data"):
        headers = f"Content-Type: {content_type}\r\n\r\n".encode()
        return [_part(each) for each in email.message_from_bytes(headers + request.body).walk()][1:]
    if content_type == "application/json":
        return request.json
    return request.body.decode() or None


def _part(message: Message) -> File | None:
    if message.is_multipart():
        return None
    name = message.get_param("name", header="content-disposition")
    content = message.get_payload(decode=True)
    assert isinstance(content, bytes)
    return File(str(name), str(message.get_filename()), message.get_content_type(), content)


def _saved(sheet: ModuleType, origin: str) -> dict[str, str]:
    names = {name for exchange in sheet.EXCHANGES for name in exchange.saves}
    others = {"origin": origin, "upload_url": f"{origin}/storage/bytes", "at": ISO.sample}
    return {name: known(name) for name in names} | others


def _found(body: Any, place: str) -> str | None:
    """Return what stands at the place; where the shape says `each`, only the first does."""
    try:
        return picked(body, place)
    except IndexError:
        return None


def _about(body: Any, asked: str | None) -> Any:
    """Let an answer about one post be about the one that was asked for."""
    if asked is None:
        return body
    return _renamed(_renamed(body, known("id"), asked), known("post_id"), asked)


def _renamed(body: Any, old: str | None, new: str) -> Any:
    if isinstance(body, dict):
        return {key: _renamed(value, old, new) for key, value in body.items()}
    if isinstance(body, list):
        return [_renamed(value, old, new) for value in body]
    return new if body == old and old is not None else body
