"""Logs: what looks like a key never reaches a line, ours or a library's."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from shared import logs
from shared.sandbox.discovery import provider_sandboxes

SECRET = "0123456789abcdef0123456789ab"  # noqa: S105 - nobody's


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Bearer {SECRET}",
        f"authorization: bearer   {SECRET}, next",
        f"headers={{'x-api-key': '{SECRET}'}}",
        f'"X-API-Key": "{SECRET}"',
        f"sk_{SECRET}",
        f"the key pe_live_{SECRET} is wrong",
        f"https://h/?key=gva_live_x1.{SECRET}",
    ],
)
def test_what_looks_like_a_key_is_cut_out(text: str) -> None:
    said = logs.redact(text)
    assert SECRET not in said
    assert "[redacted]" in said


@pytest.mark.parametrize("text", ["", "a plain sentence", "skip sk_1", "bearers of news"])
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert logs.redact(text) == text


def test_the_keys_of_all_providers_are_known_by_their_look() -> None:
    keys = [kind.key for kind in provider_sandboxes()]
    assert len(keys) == 4
    for key in keys:
        assert key not in logs.redact(f"the key {key} is not good enough")


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = list(root.handlers), root.level, structlog.get_config()
    logs.configure("json", "info")
    (sink,) = root.handlers
    assert isinstance(sink, logging.StreamHandler)
    stream = io.StringIO()
    sink.setStream(stream)
    yield stream
    root.handlers[:], root.level = before[0], before[1]
    structlog.configure(**before[2])


def break_off() -> None:
    raise ValueError(f"sk_{SECRET}")


def test_events_exceptions_and_libraries_are_redacted(
    written: io.StringIO,
) -> None:
    ours, theirs = logs.logger("ours"), logging.getLogger("theirs")
    ours.warning("broken", why=f"Bearer {SECRET}", times=3)
    ours.warning("deep", headers={"Authorization": [f"Bearer {SECRET}"]})
    ours.warning("an exception", why=ValueError(f"sk_{SECRET}"))
    theirs.warning("sent %s", f"sk_{SECRET}")
    try:
        break_off()
    except ValueError:
        ours.exception("it raised")
        theirs.exception("theirs raised")
    lines = written.getvalue().splitlines()
    assert len(lines) == 6
    for line in lines:
        assert SECRET not in line
        assert "[redacted]" in line
        assert json.loads(line)["timestamp"]
    assert json.loads(lines[0])["times"] == 3
    assert "break_off" in json.loads(lines[5])["exception"]
