"""Series with their occurrences, and slots of accounts' queues."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
WORDS = sa.String()


def upgrade() -> None:
    op.create_table(
        "series",
        sa.Column("id", ID, primary_key=True),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("campaign_id", ID, sa.ForeignKey("campaign.id"), nullable=False),
        sa.Column("cron", WORDS, nullable=False),
        sa.Column("zone", WORDS, nullable=False),
        sa.Column("start_at", INSTANT),
        sa.Column("end_at", INSTANT),
        sa.Column("omissions", sa.JSON(), nullable=False),
        sa.Column("provider", WORDS, nullable=False),
        sa.Column("connection", WORDS, nullable=False),
        sa.Column("post", sa.JSON(), nullable=False),
        sa.Column("late_policy", WORDS),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("handled_until", INSTANT, nullable=False),
        sa.Column("next_at", INSTANT),
        sa.Column("wake_at", INSTANT),
        sa.UniqueConstraint("name", name="uq_series_name"),
    )
    index("ix_series_wake", ["wake_at"], where="wake_at IS NOT NULL")
    index("ix_series_late", ["id"], where="late_policy IS NOT NULL")
    op.create_table(
        "occurrence",
        sa.Column("id", ID, primary_key=True),
        sa.Column("series_id", ID, sa.ForeignKey("series.id"), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("job_id", ID, sa.ForeignKey("job.id")),
        sa.Column("why", WORDS, nullable=False),
        sa.Column("noted_at", INSTANT, nullable=False),
        sa.UniqueConstraint("series_id", "at", name="uq_occurrence"),
    )
    op.create_table(
        "slot",
        sa.Column("id", ID, primary_key=True),
        sa.Column("lane_id", ID, sa.ForeignKey("lane.id"), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("job_id", ID, sa.ForeignKey("job.id"), nullable=False),
        sa.UniqueConstraint("lane_id", "at", name="uq_slot"),
        sa.UniqueConstraint("job_id", name="uq_slot_job"),
    )
    op.create_table(
        "timetable",
        sa.Column("connection", WORDS, primary_key=True),
        sa.Column("account_id", WORDS, primary_key=True),
        sa.Column("zone", WORDS, nullable=False),
        sa.Column("times", sa.JSON(), nullable=False),
        sa.Column("set_at", INSTANT, nullable=False),
        sa.Column("set_by", WORDS, nullable=False),
    )


def index(name: str, columns: list[str], *, where: str) -> None:
    partial = sa.text(where)
    op.create_index(name, "series", columns, sqlite_where=partial, postgresql_where=partial)


def downgrade() -> None:
    for name in ("timetable", "slot", "occurrence", "series"):
        op.drop_table(name)
