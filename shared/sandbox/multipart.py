"""Reads a multipart/form-data body piece by piece: sizes and digests, never the content itself."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser

from shared.sandbox.exchange import Request

_PIECE_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the form; `head` is its first bytes, enough to tell a format."""

    name: str
    filename: str
    content_type: str
    size: int
    sha256: str
    head: bytes


def read_parts(request: Request) -> list[Part]:
    """Read every part; ValueError when the body is not multipart/form-data."""
    boundary = _boundary(request.content_type)
    request.stream.seek(0)
    lines = iter(lambda: request.stream.readline(_PIECE_BYTES), b"")
    if next(lines, b"").rstrip() != boundary:
        raise ValueError("the body does not begin with the boundary")
    parts = []
    while True:
        part, last = _read_part(lines, boundary)
        parts.append(part)
        if last:
            return parts


def _boundary(content_type: str) -> bytes:
    header = Message()
    header["Content-Type"] = content_type
    boundary = header.get_param("boundary")
    if header.get_content_type() != "multipart/form-data" or not isinstance(boundary, str):
        raise ValueError("expected multipart/form-data with a boundary")
    return b"--" + boundary.encode()


def _read_part(lines: Iterator[bytes], boundary: bytes) -> tuple[Part, bool]:
    header = BytesHeaderParser().parsebytes(b"".join(_head_lines(lines)))
    digest, size, head, pending = hashlib.sha256(), 0, b"", b""
    for line in lines:
        ending = line.rstrip() if pending.endswith(b"\r\n") or not size + len(pending) else b""
        if ending in {boundary, boundary + b"--"}:
            content = pending.removesuffix(b"\r\n")
            digest.update(content)
            size, head = size + len(content), head or content[:32]
            return _part(header, size, digest.hexdigest(), head), ending != boundary
        digest.update(pending)
        size, head = size + len(pending), head or pending[:32]
        pending = line
    raise ValueError("the body ends before its last boundary")


def _head_lines(lines: Iterator[bytes]) -> Iterator[bytes]:
    for line in lines:
        if line == b"\r\n":
            return
        yield line


def _part(header: Message, size: int, digest: str, head: bytes) -> Part:
    name = header.get_param("name", "", "content-disposition")
    return Part(
        str(name), header.get_filename() or "", header.get_content_type(), size, digest, head
    )
