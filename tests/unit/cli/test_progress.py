"""The bar: on a terminal's stderr and nowhere else."""

import io
import sys

import pytest
from typing_extensions import override

from shared.cli.progress import progress


class Terminal(io.StringIO):
    """What a terminal would be sent."""

    @override
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stderr", "quiet", "drawn"),
    [(Terminal(), False, True), (Terminal(), True, False), (io.StringIO(), False, False)],
)
def test_a_bar_is_drawn_on_a_terminal_only(
    monkeypatch: pytest.MonkeyPatch, stderr: io.StringIO, quiet: bool, drawn: bool
) -> None:
    monkeypatch.setattr(sys, "stderr", stderr)
    monkeypatch.setenv("TERM", "xterm")
    with progress("checking", 10, quiet=quiet) as tell:
        tell(10)

    assert ("checking" in stderr.getvalue()) is drawn
