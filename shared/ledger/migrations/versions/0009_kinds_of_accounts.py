"""Accounts may say which kinds of posts they take."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("account", sa.Column("kinds", sa.JSON()))


def downgrade() -> None:
    op.drop_column("account", "kinds")
