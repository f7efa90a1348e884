"""Exit codes, and the one place where an error becomes a few lines on stderr."""

import sys
from enum import IntEnum

from shared.errors import DroplineError, InputError, PartUnreachable, WaitTimedOut


class ExitCode(IntEnum):
    """What the command line ends with; scripts hold on to these."""

    DONE = 0
    JOBS_FAILED = 1
    BAD_INPUT = 2
    DOES_NOT_FIT = 3
    LOST_ANSWERS = 4
    UNREACHABLE = 5
    TIMED_OUT = 6
    #: As shells tell of a program that a signal ended: SIGINT, SIGPIPE.
    INTERRUPTED = 130
    NO_READER = 141


#: Where several apply, the first of these is told.
_PRECEDENCE = (
    ExitCode.UNREACHABLE,
    ExitCode.TIMED_OUT,
    ExitCode.LOST_ANSWERS,
    ExitCode.JOBS_FAILED,
)


def worst(*codes: ExitCode) -> ExitCode:
    """Return the code that is told where several apply."""
    return next((code for code in _PRECEDENCE if code in codes), ExitCode.DONE)


def code_of(error: DroplineError) -> ExitCode:
    """Return the exit code of an expected error, by the tree in shared.errors."""
    match error:
        case InputError():
            return ExitCode.BAD_INPUT
        case PartUnreachable():
            return ExitCode.UNREACHABLE
        case WaitTimedOut():
            return ExitCode.TIMED_OUT
        case _:
            return ExitCode.JOBS_FAILED


def tell(message: str) -> None:
    """Say something beside the output, on stderr."""
    print(message, file=sys.stderr, flush=True)


def tell_error(error: DroplineError) -> None:
    """Say what is wrong, one problem a line."""
    # Messages may quote what a provider answered; keys are cut out wherever they come from.
    from shared.logs import redact  # noqa: PLC0415 - structlog would slow down --help

    tell(redact(f"dropline: {error}"))
    for problem in getattr(error, "problems", ()):
        tell(redact(f"  {problem}"))
