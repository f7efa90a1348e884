"""Habits: how long publishes take to settle; polls are found by connection."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
WORDS = sa.String()

ASKED = "state IN ('in_progress', 'held')"


def upgrade() -> None:
    op.create_table(
        "habit",
        sa.Column("connection", WORDS, primary_key=True),
        sa.Column("platform", WORDS, primary_key=True),
        sa.Column("kind", WORDS, primary_key=True),
        sa.Column("weights", sa.JSON(), nullable=False),
        sa.Column("learnt_at", INSTANT, nullable=False),
    )
    op.drop_index("ix_job_poll", "job")
    index("ix_job_poll", "job", ["connection", "next_poll_at"], where=ASKED)


def index(name: str, table: str, columns: list[str], *, where: str) -> None:
    partial = sa.text(where)
    op.create_index(name, table, columns, sqlite_where=partial, postgresql_where=partial)


def downgrade() -> None:
    op.drop_index("ix_job_poll", "job")
    index("ix_job_poll", "job", ["next_poll_at"], where=ASKED)
    op.drop_table("habit")
