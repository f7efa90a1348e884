"""The command line: `dropline`."""

from shared.cli.app import app


def main() -> None:
    """Run the command line; the entry point `dropline`."""
    app(prog_name="dropline")


__all__ = ["app", "main"]
