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
    index("ix_stream_wake", ["due_share", "wake_at"], where=AWAKE)
    index("ix_stream_asleep", ["wake_at"], where=ASLEEP)


def downgrade() -> None:
    op.drop_index("ix_stream_asleep", "stream")
    op.drop_index("ix_stream_wake", "stream")
    index("ix_stream_wake", ["share", "wake_at"], where="wake_at IS NOT NULL")
    op.drop_column("stream", "due_share")


def index(name: str, columns: list[str], *, where: str) -> None:
    partial = sa.text(where)
    op.create_index(name, "stream", columns, sqlite_where=partial, postgresql_where=partial)
