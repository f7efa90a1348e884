"""Windows that are saved know what they count: requests, posts or containers."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
NUMBER = sa.Integer()
WORDS = sa.String()

KEPT = 'connection, account, "window", per_ms, calls, zone, reach, requests, source, used'
SAVED = "resets_at, saved_at"


def upgrade() -> None:
    _set_aside()
    _make(sa.Column("unit", WORDS, primary_key=True))
    op.execute(
        f"INSERT INTO learnt_limit ({KEPT}, {SAVED}, unit)"  # noqa: S608 - names of columns
        f" SELECT {KEPT}, {SAVED}, 'requests' FROM kept_limit"
    )
    op.drop_table("kept_limit")


def downgrade() -> None:
    _set_aside()
    _make()
    op.execute(
        f"INSERT INTO learnt_limit ({KEPT}, {SAVED})"  # noqa: S608 - names of columns
        f" SELECT {KEPT}, {SAVED} FROM kept_limit WHERE unit = 'requests'"
    )
    op.drop_table("kept_limit")


def _set_aside() -> None:
    """Keep the rows elsewhere: a primary key cannot be changed in SQLite."""
    op.execute("CREATE TABLE kept_limit AS SELECT * FROM learnt_limit")
    op.drop_table("learnt_limit")


def _make(*more: sa.Column[str]) -> None:
    op.create_table(
        "learnt_limit",
        *(sa.Column(name, WORDS, primary_key=True) for name in ("connection", "account")),
        sa.Column("window", WORDS, primary_key=True),
        sa.Column("per_ms", ID, primary_key=True),
        *more,
        *(sa.Column(name, WORDS, primary_key=True) for name in ("calls", "zone")),
        sa.Column("reach", WORDS, nullable=False),
        sa.Column("requests", NUMBER, nullable=False),
        sa.Column("source", WORDS, nullable=False),
        sa.Column("used", NUMBER, nullable=False),
        sa.Column("resets_at", INSTANT, nullable=False),
        sa.Column("saved_at", INSTANT, nullable=False),
    )
