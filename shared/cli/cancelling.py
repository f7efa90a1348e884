"""Cancelling at once all of a campaign, an account, a connection or a provider."""

import sys
from dataclasses import asdict
from typing import Annotated

import typer

from shared.cli.exits import ExitCode, tell
from shared.cli.output import emit
from shared.cli.pausing import AccountName, At, ConnectionName, ProviderName
from shared.cli.session import BY, CampaignName, Json, open_parts
from shared.domain.pause import Pausable, Target
from shared.ledger.cancels import Cancelled
from shared.producer.controlling import find_account

Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]

#: What is said of each count that is not 0.
_SAID = (
    ("in_time", "cancelled in time; nothing of them was sent"),
    ("asked", "at their provider, which is asked to cancel them"),
    ("at_provider", "too late: at a provider that cannot cancel"),
    ("being_sent", "being sent just now; cancelled should they have to wait again"),
    ("doubtful", "may be live; see `dropline jobs list --state held`"),
    ("ended", "had ended before"),
)


def cancel_campaign(name: CampaignName, as_json: Json = False) -> None:
    """Cancel all that was not sent, and ask the providers that can to cancel the rest."""
    with open_parts() as parts:
        done = parts.producer.cancel_all(Target(Pausable.CAMPAIGN, name), by=BY)
    _show(done, {"campaign": name}, name, as_json=as_json)


def cancel_account(
    account: AccountName, connection: At, yes: Yes = False, as_json: Json = False
) -> None:
    """Cancel what every campaign has for an account and was not sent; later posts still go."""
    with open_parts() as parts:
        target = find_account(parts.ledger, connection, account)
    _cancel(target, yes=yes, as_json=as_json)


def cancel_connection(name: ConnectionName, yes: Yes = False, as_json: Json = False) -> None:
    """Cancel what every campaign has for a connection and was not sent; later posts still go."""
    _cancel(Target(Pausable.CONNECTION, name), yes=yes, as_json=as_json)


def cancel_provider(name: ProviderName, yes: Yes = False, as_json: Json = False) -> None:
    """Cancel what every campaign has for a provider and was not sent; later posts still go."""
    _cancel(Target(Pausable.PROVIDER, name), yes=yes, as_json=as_json)


def _cancel(target: Target, *, yes: bool, as_json: bool) -> None:
    _require_yes(target, yes=yes, as_json=as_json)
    with open_parts() as parts:
        done = parts.producer.cancel_all(target, by=BY)
    _show(done, {"target": str(target)}, str(target), as_json=as_json)


def _require_yes(target: Target, *, yes: bool, as_json: bool) -> None:
    """Ask a person at a terminal; raises Exit where nobody has said yes."""
    asks = sys.stdin.isatty() and not as_json
    question = f"Cancel all that waits of {target}, in every campaign?"
    if yes or (asks and typer.confirm(question, err=True)):
        return
    tell("dropline: nothing was cancelled" + ("" if asks else "; say --yes to do it"))
    raise typer.Exit(ExitCode.DONE if asks else ExitCode.BAD_INPUT)


def _show(done: Cancelled, whose: dict[str, object], called: str, *, as_json: bool) -> None:
    counts = asdict(done) | {"asked": len(done.asked)}
    if as_json:
        emit({**whose, **counts})
        return
    told = [f"  {counts[key]} {words}" for key, words in _SAID if counts[key]]
    print("\n".join([f"{called}:", *told]) if told else f"{called} has no jobs to cancel")
