"""Numbers out of bytes that may end anywhere: what is not there is None."""

from typing import Literal

Order = Literal["big", "little"]


def number(content: bytes, at: int, length: int, order: Order = "big") -> int | None:
    """Return the unsigned number of `length` bytes at `at`, or None where the bytes end before."""
    part = content[at : at + length] if at >= 0 else b""
    return int.from_bytes(part, order) if len(part) == length else None


def pair(
    content: bytes, first: int, second: int, length: int, order: Order = "big"
) -> tuple[int, int] | None:
    """Return two numbers of the same length, or None where either is not there."""
    one, other = number(content, first, length, order), number(content, second, length, order)
    return None if one is None or other is None else (one, other)
