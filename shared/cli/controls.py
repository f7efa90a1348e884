"""`campaign cancel` and `campaign set`: a whole campaign ended, or given other rules."""

from dataclasses import asdict

from shared.cli.output import emit, show_table
from shared.cli.rules import AskedRules, Jitter, Late, Ordered, PriorityOption, Spacing
from shared.cli.session import BY, CampaignName, Json, open_parts
from shared.cli.shapes import Shape
from shared.domain.campaign import CampaignRules
from shared.domain.duration import show_duration
from shared.ledger.cancels import Cancelled

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
        done = parts.producer.cancel_campaign(name, by=BY)
    counts = _counts(done)
    if as_json:
        emit({"campaign": name, **counts})
        return
    told = [f"  {counts[key]} {words}" for key, words in _SAID if counts[key]]
    print("\n".join([f"{name}:", *told]) if told else f"{name} has no jobs")


def set_rules(  # noqa: PLR0917 - one option each
    name: CampaignName,
    priority: PriorityOption = None,
    ordered: Ordered = None,
    spacing: Spacing = None,
    jitter: Jitter = None,
    late: Late = None,
    as_json: Json = False,
) -> None:
    """Change the rules of a campaign for all that waits; without options, show them."""
    asked = AskedRules.read(priority, ordered, spacing, jitter, late)
    with open_parts() as parts:
        campaigns = parts.ledger.campaigns
        campaigns.counts(name)  # raises UnknownName
        before = campaigns.rules(name)
        rules = asked.over(before)
        if rules != before:
            campaigns.set_rules(name, rules, now=parts.clock.now())
    shape = _shape(rules)
    if as_json:
        emit({"campaign": name, **shape})
    else:
        show_table(list(shape), [list(shape.values())])


def _counts(done: Cancelled) -> Shape:
    return asdict(done) | {"asked": len(done.asked)}


def _shape(rules: CampaignRules) -> Shape:
    return {
        "priority": str(rules.priority),
        "ordered": rules.ordered,
        "spacing": show_duration(rules.spacing),
        "jitter": show_duration(rules.jitter),
        "late": None if rules.late is None else str(rules.late),
    }
