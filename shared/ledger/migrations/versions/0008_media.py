"""Files at providers, uploaded once for all jobs of a connection."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
WORDS = sa.String()


def upgrade() -> None:
    op.create_table(
        "media",
        sa.Column("connection", WORDS, primary_key=True),
        sa.Column("content", WORDS, primary_key=True),
        sa.Column("media_id", WORDS),
        sa.Column("ready", sa.Boolean(), nullable=False),
        sa.Column("uploaded_at", INSTANT),
        sa.Column("expires_at", INSTANT),
        sa.Column("taken_by", WORDS),
        sa.Column("taken_until", INSTANT),
    )
    op.create_table(
        "media_source",
        sa.Column("source", WORDS, primary_key=True),
        sa.Column("content", WORDS, nullable=False),
        sa.Column("read_at", INSTANT, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("media_source")
    op.drop_table("media")
