"""Campaigns, connections and providers can be paused, not only accounts."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
WORDS = sa.String()


def upgrade() -> None:
    op.create_table(
        "pause",
        sa.Column("kind", WORDS, primary_key=True),
        sa.Column("name", WORDS, primary_key=True),
        sa.Column("campaign_id", ID, sa.ForeignKey("campaign.id")),
        sa.Column("by", WORDS, nullable=False),
        sa.Column("why", WORDS, nullable=False),
        sa.Column("since", INSTANT, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("pause")
