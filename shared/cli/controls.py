"""`campaign set`: a whole campaign given other rules."""

from shared.cli.output import emit, show_table
from shared.cli.rules import AskedRules, Jitter, Late, Ordered, PriorityOption, Spacing
from shared.cli.session import CampaignName, Json, open_parts
from shared.cli.shapes import Shape
from shared.domain.campaign import CampaignRules
from shared.domain.duration import show_duration


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


def _shape(rules: CampaignRules) -> Shape:
    return {
        "priority": str(rules.priority),
        "ordered": rules.ordered,
        "spacing": show_duration(rules.spacing),
        "jitter": show_duration(rules.jitter),
        "late": None if rules.late is None else str(rules.late),
    }
