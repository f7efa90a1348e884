"""Campaigns with rules of their own, and streams: the jobs of one campaign on one lane."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
WORDS = sa.String()

WAITING = "state IN ('scheduled', 'retrying')"
UNTRIED = f"{WAITING} AND first_sent_at IS NULL AND deferrals = 0"
UNFINISHED = (
    "state IN ('scheduled', 'queued', 'publishing', 'in_progress', 'retrying', 'uncertain', 'held')"
)


def upgrade() -> None:
    for column in (
        sa.Column("priority", WORDS, nullable=False, server_default="normal"),
        sa.Column("ordered", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("spacing_ms", ID, nullable=False, server_default="0"),
        sa.Column("jitter_ms", ID, nullable=False, server_default="0"),
        sa.Column("late_policy", WORDS),
    ):
        op.add_column("campaign", column)
    op.add_column("job", sa.Column("turn", INSTANT))
    op.add_column("job", sa.Column("late_key", WORDS))
    op.execute("UPDATE job SET late_key = connection")
    _open_streams()
    op.drop_index("ix_lane_wake", "lane")
    op.drop_column("lane", "wake_at")
    op.drop_index("ix_job_due", "job")
    index("ix_job_due", "job", ["lane_id", "campaign_id", "due_at", "id"], where=WAITING)
    turn = f"{UNFINISHED} AND turn IS NOT NULL"
    index("ix_job_turn", "job", ["lane_id", "campaign_id", "turn", "id"], where=turn)
    op.drop_index("ix_job_late", "job")
    index("ix_job_late", "job", ["late_key", "run_at"], where=UNTRIED)


def _open_streams() -> None:
    op.create_table(
        "stream",
        sa.Column("id", ID, primary_key=True),
        sa.Column("lane_id", ID, sa.ForeignKey("lane.id"), nullable=False),
        sa.Column("campaign_id", ID, sa.ForeignKey("campaign.id"), nullable=False),
        sa.Column("share", WORDS, nullable=False),
        sa.Column("wake_at", INSTANT),
        sa.UniqueConstraint("lane_id", "campaign_id", name="uq_stream"),
    )
    index("ix_stream_wake", "stream", ["share", "wake_at"], where="wake_at IS NOT NULL")
    op.execute(
        "INSERT INTO stream (lane_id, campaign_id, share, wake_at)"
        " SELECT lane_id, campaign_id, campaign_id || ' ' || connection,"
        " MIN(CASE WHEN state IN ('scheduled', 'retrying') THEN due_at END)"
        " FROM job GROUP BY lane_id, campaign_id, connection"
    )
    op.execute(
        "UPDATE stream SET wake_at = NULL WHERE lane_id IN (SELECT id FROM lane WHERE paused)"
    )


def index(name: str, table: str, columns: list[str], *, where: str) -> None:
    partial = sa.text(where)
    op.create_index(name, table, columns, sqlite_where=partial, postgresql_where=partial)


def downgrade() -> None:
    for name in ("ix_job_late", "ix_job_turn", "ix_job_due"):
        op.drop_index(name, "job")
    index("ix_job_due", "job", ["lane_id", "due_at", "id"], where=WAITING)
    index("ix_job_late", "job", ["connection", "run_at"], where=UNTRIED)
    op.add_column("lane", sa.Column("wake_at", INSTANT))
    index("ix_lane_wake", "lane", ["wake_at"], where="NOT paused")
    op.execute(
        "UPDATE lane SET wake_at = (SELECT MIN(wake_at) FROM stream WHERE stream.lane_id = lane.id)"
    )
    op.drop_table("stream")
    for name in ("late_key", "turn"):
        op.drop_column("job", name)
    for name in ("late_policy", "jitter_ms", "spacing_ms", "ordered", "priority"):
        op.drop_column("campaign", name)
