"""`dropline accounts link`: an account linked by its owner, who scans a code on this terminal."""

import base64
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from shared.bootstrap import Parts
from shared.cli.exits import ExitCode, tell
from shared.cli.login import Login
from shared.cli.output import emit, instant, shown
from shared.cli.session import BY, Json, open_parts
from shared.cli.waiting import LONGEST_WAIT_S
from shared.domain.linking import Link, LinkCode, LinkStage
from shared.errors import InputError, WaitTimedOut

At = Annotated[str, typer.Option("--connection", help="Link the account at this connection.")]
Timeout = Annotated[
    float,
    typer.Option(
        "--timeout",
        min=0,
        max=LONGEST_WAIT_S,
        metavar="SECONDS",
        help="Give up then; exit code 6.",
    ),
]
ImageFile = Annotated[
    Path | None, typer.Option("--image", metavar="FILE", help="Write the code to this file, too.")
]


def link(
    connection: At, timeout: Timeout = 300, image: ImageFile = None, as_json: Json = False
) -> None:
    """Link an account: show a QR code, and wait until its owner has scanned and confirmed it."""
    with open_parts() as parts:
        login = _login(parts, connection)
        code = login.code()
        with _told_of_interrupts(connection):
            _show(code, parts, image, as_json=as_json)
            last = _last_stage(login, code, timeout, as_json=as_json)
        _end(last)
        parts.sync_accounts(connection, by=BY)
    if not as_json:
        print(f"linked {_name(last)} to connection {connection}")


def _login(parts: Parts, name: str) -> Login:
    """Return a way to link there, or raise InputError naming the connections that have one."""
    connected = parts.connected(name)
    if not connected.provider.capabilities.linking:
        able = [n for n, c in parts.connections.items() if c.provider.capabilities.linking]
        raise InputError(
            f"connection {name}: {connected.provider.name} links no accounts by a code; "
            f"{', '.join(able)} can, the others do it on their own pages"
        )
    connected.connection.secret()
    parts.broker.ping()  # every request asks the limiter
    return Login(name, connected.provider, lambda: parts.wire(name), parts.clock)


def _show(code: LinkCode, parts: Parts, image: Path | None, *, as_json: bool) -> None:
    expires_at = parts.clock.now() + code.life
    if image is not None:
        _write(image, code.image)
    if as_json:
        picture = base64.b64encode(code.image).decode()
        emit({"status": "new", "expires_at": instant(expires_at), "image_base64": picture})
        return
    from shared.cli.matrix import modules_of, text_of  # noqa: PLC0415 - Pillow takes its time

    try:
        text = text_of(modules_of(code.image))
    except ValueError as wrong:
        if image is None:
            raise InputError(f"{wrong}; --image FILE writes it to a file to be opened") from None
        tell(f"dropline: {wrong}; open {image}")
    else:
        _draw(text)
    tell(f"Scan it with the app of the account, and confirm there. It expires {shown(expires_at)}.")


def _draw(text: str) -> None:
    """Print the code, black on white whatever the terminal's colours are."""
    if not sys.stdout.isatty():
        print(text, flush=True)
        return
    Console(highlight=False).print(Text(text, style="black on white", no_wrap=True), soft_wrap=True)


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as wrong:
        raise InputError(f"{path} cannot be written: {wrong.strerror or wrong}") from None


@contextmanager
def _told_of_interrupts(connection: str) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        again = f"dropline accounts sync --connection {connection}"
        tell(f"dropline: no longer waiting; should the code still be confirmed, `{again}` shows it")
        raise


def _last_stage(login: Login, code: LinkCode, timeout: float, *, as_json: bool) -> Link:
    stages = login.stages(code, timedelta(seconds=timeout))
    last = Link(stage=LinkStage.NEW)
    for last in stages:
        if as_json:
            emit(_shape(last))
        elif not last.stage.is_last:
            tell(f"The code is {last.stage}.")
    return last


def _shape(link: Link) -> dict[str, object]:
    account = link.account
    return {
        "status": str(link.stage),
        "message": link.message or None,
        "account": account.account_id if account else None,
        "username": account.username if account else None,
        "display_name": account.display_name if account else None,
    }


def _end(last: Link) -> None:
    """Raise what a code that linked nothing ends the command with."""
    if last.stage is LinkStage.EXPIRED:
        raise WaitTimedOut("the code expired before it was confirmed; the command gives a new one")
    if last.stage is LinkStage.UTILISED:
        said = last.message or "no reason was given"
        tell(
            f"dropline: the code is used up: {said}; `dropline accounts sync` shows what it linked"
        )
        raise typer.Exit(ExitCode.JOBS_FAILED)


def _name(link: Link) -> str:
    account = link.account
    return "an account" if account is None else f"@{shown(account.username)} ({account.account_id})"
