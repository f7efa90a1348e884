"""The streams that a command was given: some are closed, and some readers go away early."""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

from shared.cli.exits import ExitCode, tell

#: What writing to a disk that is full, or to a stream that is closed, ends with.
_UNWRITABLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF})


@contextmanager
def sound_streams() -> Iterator[None]:
    """Run a command on streams that can be used; raises SystemExit where they cannot any more."""
    _open_those_closed()
    for stream in (sys.stdout, sys.stderr):
        # A name with bytes of another encoding is shown, not stumbled over.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        _say_no_more(sys.stdout)
        raise SystemExit(ExitCode.NO_READER) from None
    except OSError as wrong:
        if wrong.errno not in _UNWRITABLE or wrong.filename is not None:
            raise
        _say_no_more(sys.stdout)
        tell(f"dropline: the output cannot be written: {wrong.strerror}")
        raise SystemExit(ExitCode.UNREACHABLE) from None


def is_unicode(stream: TextIO) -> bool:
    """Whether every character can be written to a stream."""
    return (stream.encoding or "").lower().replace("-", "").startswith("utf")


def _open_those_closed() -> None:
    """Let `<&-` and `>&-` mean /dev/null, as no file that is opened later should take their place.

    Python has None for a stream that was closed when it started.
    """
    sys.stdin = sys.stdin or open(os.devnull, encoding="utf-8")  # noqa: PTH123, SIM115
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115


def _say_no_more(stream: TextIO) -> None:
    """Send what is left to /dev/null: the end of the interpreter would stumble over it again."""
    with suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
