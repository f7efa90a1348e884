"""Reads what a media file is from its first bytes; total: no bytes raise, they only tell less.

Libraries of this kind want the whole file, and raise where it ends early.
"""

from shared.preflight.files.sniffing import HEAD_BYTES, TAIL_BYTES, Seen, read_head, read_tail

__all__ = ["HEAD_BYTES", "TAIL_BYTES", "Seen", "read_head", "read_tail"]
