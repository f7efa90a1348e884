"""The command line: `dropline`."""

from shared.cli.app import app
from shared.cli.streams import sound_streams


def main() -> None:
    """Run the command line; the entry point `dropline`."""
    with sound_streams():
        app(prog_name="dropline")


__all__ = ["app", "main"]
