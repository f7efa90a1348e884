"""Streams that are due know so, and dispatch goes round no others."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

AWAKE = "due_share IS NOT NULL AND wake_at IS NOT NULL"
ASLEEP = "due_share IS NULL AND wake_at IS NOT NULL"


def upgrade() -> None:
    op.add_column("stream", sa.Column("due_share", sa.String()))
    op.drop_index("ix_stream_wake", "stream")
    index("ix_stream_wake", "stream", ["due_share", "wake_at"], where=AWAKE)
    index("ix_stream_asleep", "stream", ["wake_at"], where=ASLEEP)
    index("ix_stream_lane", "stream", ["lane_id", "wake_at"], where="wake_at IS NOT NULL")
    index("ix_campaign_late", "campaign", ["id"], where="late_policy IS NOT NULL")


def downgrade() -> None:
    op.drop_index("ix_campaign_late", "campaign")
    for name in ("ix_stream_lane", "ix_stream_asleep", "ix_stream_wake"):
        op.drop_index(name, "stream")
    index("ix_stream_wake", "stream", ["share", "wake_at"], where="wake_at IS NOT NULL")
    op.drop_column("stream", "due_share")


def index(name: str, table: str, columns: list[str], *, where: str) -> None:
    partial = sa.text(where)
    op.create_index(name, table, columns, sqlite_where=partial, postgresql_where=partial)
