"""The commands by name; each is imported when it is called, so that help stays quick."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import typer
import typer.main
from typer.core import TyperCommand, TyperGroup
from typing_extensions import override

from shared.cli.exits import ExitCode, code_of, tell_error
from shared.errors import DroplineError

#: Every command with the module here that has its `app`, and what it does.
COMMANDS: Mapping[str, tuple[str, str]] = {
    "up": ("parts", "Run every part on this machine until Ctrl-C."),
    "demo": ("demo", "Publish the sample campaign on the sandbox of all four providers."),
    "db": ("db", "Bring the database's schema to this version, or check it."),
    "doctor": ("doctor", "Check every part, and say what to do about what is wrong."),
    "providers": ("providers", "Show what each provider can do, and its limits."),
    "accounts": ("accounts", "Ask providers for their accounts, or list what they said."),
    "connections": ("connections", "Stop, resume and cancel what goes by one credential."),
    "publish": ("publish", "Make one job from flags and print its id."),
    "campaign": ("campaigns", "Check and load files of jobs, wait for them, report on them."),
    "drop": ("drop", "Publish one post, or several, on many accounts, paced."),
    "series": ("series", "Posts that come again: by cron, in a time zone, each one a job."),
    "slots": ("slots", "The times at which accounts' queues go, and which are free."),
    "jobs": ("jobs", "List, show, explain, cancel, retry and resolve jobs."),
    "limits": ("limits", "Show every known window, or read what an answer says of them."),
    "history": ("history", "Show what providers have on record, whoever published it."),
    "audit": ("audit", "Check the ledger against its promises, and against the providers."),
    "reconcile": ("reconcile", "Ask now about publishes whose answers were lost."),
}


#: What Python makes of bytes that are not UTF-8; no database, JSON or provider takes it.
_UNDECODED = re.compile("[\ud800-\udfff]")


class _Later(TyperCommand):
    """Stands for a command until it is called."""

    @override
    def make_context(self, *args: Any, **kwargs: Any) -> Any:
        return self._real().make_context(*args, **kwargs)

    def _real(self) -> Any:
        name = self.name or ""
        module, summary = COMMANDS[name]
        command = typer.main.get_command(import_module(f"shared.cli.{module}").app)
        command.name, command.help = name, command.help or summary
        return command


class _Root(TyperGroup):
    """The top of the tree: where expected errors end as a line and an exit code."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        for name, (_, summary) in COMMANDS.items():
            self.add_command(_Later(name, callback=None, help=summary))

    @override
    def make_context(self, *args: Any, **kwargs: Any) -> Any:
        with _while_somebody_reads():  # --help is told here
            return super().make_context(*args, **kwargs)

    @override
    def invoke(self, ctx: Any) -> Any:
        try:
            with _while_somebody_reads():
                return super().invoke(ctx)
        except DroplineError as error:
            tell_error(error)
            raise typer.Exit(code_of(error)) from None
        except KeyboardInterrupt:
            raise typer.Exit(ExitCode.INTERRUPTED) from None

    @override
    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        for word in args:
            if _UNDECODED.search(word):
                raise typer.BadParameter(f"{word!a} is not UTF-8")
        return super().parse_args(ctx, args)


@contextmanager
def _while_somebody_reads() -> Iterator[None]:
    """End quietly when `| head` has seen enough; Typer's 1 would mean that jobs failed."""
    try:
        yield
    except BrokenPipeError:
        raise typer.Exit(ExitCode.NO_READER) from None


app = typer.Typer(
    cls=_Root,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(help="Publish social posts on time, once each, inside every limit.")
def dropline() -> None:
    pass
