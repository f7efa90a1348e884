"""`dropline up`: every part on this machine, in the foreground, until it is told to stop."""

import shlex
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Annotated

import typer

from shared.bootstrap import Parts, require_home
from shared.cli.processes import flower_auth, process_children
from shared.cli.session import new_app
from shared.cli.signals import interrupted_by_signals
from shared.cli.stack import redis_for, sandbox, sandbox_variables
from shared.settings import Settings, child_environment, read_settings
from shared.supervisor import Supervisor

app = new_app()

OnSandbox = Annotated[
    bool, typer.Option("--sandbox", help="Publish to the sandbox of all four providers.")
]


@app.command()
def up(on_sandbox: OnSandbox = False) -> None:
    with ExitStack() as stack:
        try:
            stack.enter_context(interrupted_by_signals())
            code = _run(stack, read_settings(), on_sandbox=on_sandbox)
        except KeyboardInterrupt:
            code = 0  # asked to stop before everything was up: nothing went wrong
    raise typer.Exit(code)


def _run(stack: ExitStack, settings: Settings, *, on_sandbox: bool) -> int:
    _require_sense(settings)
    variables: dict[str, str] = {}
    if on_sandbox:
        variables |= sandbox_variables(stack.enter_context(sandbox()))
    redis_url = stack.enter_context(redis_for(settings))
    with Parts.of(settings) as parts:
        parts.ledger.schema.upgrade()
    environment = _environment(settings, redis_url, variables)
    _announce(settings, environment, variables)
    return Supervisor(process_children(settings, environment)).run()


def _require_sense(settings: Settings) -> None:
    """Refuse, before a child is started, what would keep every one of them from working."""
    require_home(settings.home)
    with Parts.of(settings) as parts:
        _ = parts.connections
        if settings.redis_url is not None:
            _ = parts.redis_url


def _environment(
    settings: Settings, redis_url: str, variables: Mapping[str, str]
) -> dict[str, str]:
    auth = flower_auth(child_environment())
    return child_environment(
        DROPLINE_HOME=str(settings.home),
        DROPLINE_REDIS_URL=redis_url,
        DROPLINE_LOG_FORMAT=settings.log_format,
        FLOWER_BASIC_AUTH=auth,
        **variables,
    )


def _announce(
    settings: Settings, environment: Mapping[str, str], variables: Mapping[str, str]
) -> None:
    print("Dropline is starting; Ctrl-C stops it.")
    print(f"Flower: http://127.0.0.1:{settings.flower_port}", end="")
    print(f" as {environment['FLOWER_BASIC_AUTH']}" if _made_up(environment) else "")
    if variables:
        print("To publish to this sandbox from another terminal:")
        for name, value in variables.items():
            print(f"  export {name}={shlex.quote(value)}", flush=True)


def _made_up(environment: Mapping[str, str]) -> bool:
    return not environment.get("DROPLINE_FLOWER_AUTH")
