"""`dropline accounts`: every social account over all connections, with one health verdict."""

from collections.abc import Iterator, Sequence
from typing import Annotated

import typer

from shared.bootstrap import Parts
from shared.cli.cancelling import cancel_account
from shared.cli.exits import ExitCode, tell
from shared.cli.link import link
from shared.cli.output import emit, show_table
from shared.cli.pausing import pause_account, resume_account
from shared.cli.session import BY, Json, new_app, open_parts
from shared.cli.shapes import Shape, account_shape
from shared.domain.roster import AccountChange
from shared.errors import KeyMissing, PartUnreachable
from shared.logs import redact
from shared.providers import provider_named
from shared.settings import tags_of, unlisted

app = new_app()
app.command()(link)

ByProvider = Annotated[str | None, typer.Option("--provider", help="Only of this provider.")]
ByConnection = Annotated[str | None, typer.Option("--connection", help="Only of this connection.")]
ByTag = Annotated[
    list[str] | None,
    typer.Option("--tag", help="Only those with this tag (of dropline.toml); all, if repeated."),
]


@app.command()
def sync(
    provider: ByProvider = None, connection: ByConnection = None, as_json: Json = False
) -> None:
    """Ask the providers for their accounts and store what they say."""
    with open_parts() as parts:
        names = _chosen(parts, provider, connection)
        results = [_sync(parts, name) for name in names]
        idle = [sentence for result in results for sentence in _idle(parts, result)]
    errors = [str(result["error"]) for result in results if "error" in result]
    for error in dict.fromkeys(errors):  # what is away for several connections is told once
        tell(f"dropline: {error}")
    if as_json:
        for result in results:
            emit(result)
    else:
        columns = ("connection", "added", "changed", "gone", "held", "resumed")
        show_table(columns, [[result.get(name) for name in columns] for result in results])
        _show_changes(results)
    for sentence in idle:
        tell(f"warning: {sentence}")
    if errors:
        raise typer.Exit(ExitCode.UNREACHABLE)


@app.command("list")
def list_(
    provider: ByProvider = None,
    connection: ByConnection = None,
    tag: ByTag = None,
    as_json: Json = False,
) -> None:
    """List the accounts as they were when last asked for, with their tags of dropline.toml."""
    with open_parts() as parts:
        stored = parts.ledger.accounts.list(connection=connection, provider=provider)
        stated = parts.settings.accounts
    tagged = [(each, tags_of(stated, each.connection, each.account)) for each in stored]
    shapes = [
        account_shape(each) | {"tags": list(tags)}
        for each, tags in tagged
        if set(tag or ()) <= set(tags)
    ]
    if as_json:
        for shape in shapes:
            emit(shape)
        return
    columns = ("connection", "platform", "account", "username", "can_post", "reason", "tags")
    rows = [shape | {"tags": " ".join(shape["tags"]) or None} for shape in shapes]
    show_table(columns, [[row[name] for name in columns] for row in rows])


app.command("pause")(pause_account)
app.command("resume")(resume_account)
app.command("cancel")(cancel_account)


def _chosen(parts: Parts, provider: str | None, connection: str | None) -> list[str]:
    """Return the connections that are meant: without a name, those that have a key."""
    if connection is not None:
        return [parts.connected(connection).name]
    if provider is not None:
        provider_named(provider)  # raises UnknownName
    meant = [each for each in parts.connections.values() if provider in {None, each.provider.name}]
    keyed = [each.name for each in meant if each.connection.key is not None]
    if not keyed:
        wanted = [each.connection.key_variable for each in meant] or ["a key"]
        raise KeyMissing(f"no connection has an API key: set {' or '.join(wanted)}")
    return keyed


def _sync(parts: Parts, name: str) -> Shape:
    connected = parts.connected(name)
    said: Shape = {"connection": name, "provider": connected.provider.name}
    try:
        connected.connection.secret()  # a missing key is told before Redis is asked for
        result = parts.sync_accounts(name, by=BY)
    except PartUnreachable as away:
        return said | {"error": redact(str(away))}
    return said | {
        "added": result.added,
        "changed": result.changed,
        "gone": result.gone,
        "held": result.held,
        "resumed": result.resumed,
        "changes": [_change_shape(each) for each in result.changes],
    }


def _idle(parts: Parts, result: Shape) -> Iterator[str]:
    """Yield what dropline.toml says of accounts that a connection does not list."""
    if "error" in result:
        return
    name = result["connection"]
    listed = [each.account for each in parts.ledger.accounts.list(connection=name)]
    for key in unlisted(parts.settings.accounts, name, listed):
        table = f"connections.{name}.accounts.{key}"
        yield f"dropline.toml has {table}, which {name} does not list: nothing of it is kept to"


def _change_shape(change: AccountChange) -> Shape:
    account = change.account
    return {
        "change": str(change.change),
        "platform": account.platform,
        "account": account.account_id,
        "username": account.username,
        "was": change.was or None,
        "can_post": account.can_post,
        "reason": account.reason or None,
    }


def _show_changes(results: Sequence[Shape]) -> None:
    """Print what changed, account by account; nothing where nothing did."""
    columns = ("connection", "change", "platform", "account", "username", "was", "reason")
    changes = [
        {"connection": result["connection"], **change}
        for result in results
        for change in result.get("changes", ())
    ]
    if changes:
        print()
        show_table(columns, [[each[name] for name in columns] for each in changes])
