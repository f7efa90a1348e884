"""Pausing and resuming: the commands of campaigns, accounts, connections and providers."""

import getpass
from typing import Annotated

import typer

from shared.cli.output import emit, instant, shown
from shared.cli.session import BY, CampaignName, Json, open_parts
from shared.cli.shapes import Shape
from shared.domain.pause import Pausable, Pause, Target
from shared.producer.controlling import find_account

Why = Annotated[str, typer.Option("--why", metavar="TEXT", help="Told to whoever asks.")]
AccountName = Annotated[str, typer.Argument(metavar="ACCOUNT", help="Its id, or @username.")]
At = Annotated[str, typer.Option("--connection", metavar="NAME", help="The account's connection.")]
ConnectionName = Annotated[str, typer.Argument(metavar="NAME", help="The connection.")]
ProviderName = Annotated[str, typer.Argument(metavar="NAME", help="The provider.")]


def pause_campaign(name: CampaignName, why: Why = "", as_json: Json = False) -> None:
    """Send nothing more of a campaign until it is resumed; what is being sent finishes."""
    _pause(Target(Pausable.CAMPAIGN, name), why, as_json=as_json)


def resume_campaign(name: CampaignName, as_json: Json = False) -> None:
    """Let a paused campaign go on, paced by limits and its late policy."""
    _resume(Target(Pausable.CAMPAIGN, name), as_json=as_json)


def pause_account(
    account: AccountName, connection: At, why: Why = "", as_json: Json = False
) -> None:
    """Send nothing more to an account until it is resumed; what is being sent finishes."""
    _pause(_account(account, connection), why, as_json=as_json)


def resume_account(account: AccountName, connection: At, as_json: Json = False) -> None:
    """Let a paused account go on, paced by limits and late policies."""
    _resume(_account(account, connection), as_json=as_json)


def pause_connection(name: ConnectionName, why: Why = "", as_json: Json = False) -> None:
    """Send nothing more by a connection until it is resumed; what is being sent finishes."""
    _pause(Target(Pausable.CONNECTION, name), why, as_json=as_json)


def resume_connection(name: ConnectionName, as_json: Json = False) -> None:
    """Let a paused connection go on, paced by limits and late policies."""
    _resume(Target(Pausable.CONNECTION, name), as_json=as_json)


def pause_provider(name: ProviderName, why: Why = "", as_json: Json = False) -> None:
    """Send nothing more to a provider until it is resumed; what is being sent finishes."""
    _pause(Target(Pausable.PROVIDER, name), why, as_json=as_json)


def resume_provider(name: ProviderName, as_json: Json = False) -> None:
    """Let a paused provider go on, paced by limits and late policies."""
    _resume(Target(Pausable.PROVIDER, name), as_json=as_json)


def pause_line(pause: Pause) -> str:
    """Say what is paused, by whom, since when and why."""
    since = f" since {shown(pause.since)}" if pause.since else ""
    why = f": {shown(pause.why)}" if pause.why else ""
    return f"{shown(pause.target)} is paused by {shown(pause.by)}{since}{why}"


def pause_shape(pause: Pause) -> Shape:
    return {
        "kind": str(pause.target.kind),
        "name": pause.target.name,
        "account": pause.target.account_id or None,
        "by": pause.by,
        "since": instant(pause.since),
        "why": pause.why or None,
    }


def resume_command(target: Target) -> str:
    """Return the command that lifts a pause."""
    if target.kind is Pausable.ACCOUNT:
        whose = f"{target.account_id} --connection {target.name}"
        return f"dropline accounts resume {whose}"
    group = "campaign" if target.kind is Pausable.CAMPAIGN else f"{target.kind}s"
    return f"dropline {group} resume {target.name}"


def _pause(target: Target, why: str, *, as_json: bool) -> None:
    with open_parts() as parts:
        done = parts.producer.pause(target, why=why, by=_who())
    if as_json:
        emit({"target": str(target), "paused": done.new, "handed_back": done.handed_back})
    elif done.new:
        back = f"; {done.handed_back} came back from the queue" if done.handed_back else ""
        print(f"{target} is paused{back}")
    else:
        print(f"{target} was paused already")


def _resume(target: Target, *, as_json: bool) -> None:
    with open_parts() as parts:
        done = parts.producer.resume(target)
    if as_json:
        emit({"target": str(target), "resumed": done})
    else:
        print(f"{target} goes on" if done else f"{target} was not paused")


def _account(named: str, connection: str) -> Target:
    with open_parts() as parts:
        return find_account(parts.ledger, connection, named)


def _who() -> str:
    """Return whom others may ask about a pause."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return BY
