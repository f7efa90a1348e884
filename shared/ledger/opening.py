"""Opening a campaign: its row, and the rules that its jobs carry."""

from datetime import datetime

from sqlalchemy import Connection, case, literal, null, select, update

from shared.domain.campaign import CampaignRules
from shared.ledger.rules import SERIES_KEYS, campaign_key, read_rules, rules_columns
from shared.ledger.statements import insert_into
from shared.ledger.streams import wake_all
from shared.ledger.tables import UNFINISHED, campaign, job, standing


def open_campaign(
    tx: Connection, name: str, asked: CampaignRules | None, now: datetime
) -> tuple[int, CampaignRules]:
    """Return the campaign's id and its rules, which are those asked for if any are."""
    columns = rules_columns(asked or CampaignRules())
    opened = insert_into(tx, campaign).values(name=name, created_at=now, **columns)
    tx.execute(opened.on_conflict_do_nothing())
    # Locked, so that of two submissions of the same rows the second finds them there.
    found = select(campaign).where(campaign.c.name == name)
    row = tx.execute(found.with_for_update(key_share=True)).one()
    stored = read_rules(row)
    if asked is None or asked == stored:
        return row.id, stored
    _change(tx, row.id, asked, now)
    return row.id, asked


def _change(tx: Connection, campaign_id: int, rules: CampaignRules, now: datetime) -> None:
    """Write the rules to the campaign and to those of its jobs that they still concern."""
    tx.execute(update(campaign).where(campaign.c.id == campaign_id).values(rules_columns(rules)))
    key = job.c.connection if rules.late is None else literal(campaign_key(campaign_id))
    of_series = job.c.late_key.startswith(SERIES_KEYS)
    late_key = case((of_series, job.c.late_key), else_=key)
    tx.execute(
        update(job)
        .where(job.c.campaign_id == campaign_id, standing(*UNFINISHED))
        .values(turn=job.c.run_at if rules.ordered else null(), late_key=late_key)
    )
    wake_all(tx, campaign_id, now)
