"""The ledger: campaigns, lanes, jobs, attempts, events, accounts, limits and signs of life."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
WORDS = sa.String()
NUMBER = sa.Integer()
FLAG = sa.Boolean()

WAITING = "state IN ('scheduled', 'retrying')"
UNSENT = "state IN ('scheduled', 'retrying', 'queued')"
BUSY = "state IN ('queued', 'publishing', 'uncertain')"
ASKED = "state IN ('in_progress', 'held')"


def upgrade() -> None:
    op.create_table(
        "campaign",
        sa.Column("id", ID, primary_key=True),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.UniqueConstraint("name", name="uq_campaign_name"),
    )
    op.create_table(
        "lane",
        sa.Column("id", ID, primary_key=True),
        sa.Column("connection", WORDS, nullable=False),
        sa.Column("account_id", WORDS, nullable=False),
        sa.Column("wake_at", INSTANT),
        sa.Column("paused", FLAG, nullable=False),
        sa.Column("paused_why", WORDS, nullable=False),
        sa.Column("paused_by", WORDS, nullable=False),
        sa.Column("paused_at", INSTANT),
        sa.UniqueConstraint("connection", "account_id", name="uq_lane_account"),
    )
    index("ix_lane_wake", "lane", ["wake_at"], where="NOT paused")
    create_job()
    create_attempt()
    op.create_table(
        "event",
        sa.Column("id", ID, primary_key=True),
        sa.Column("job_id", ID, sa.ForeignKey("job.id"), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("from_state", WORDS),
        sa.Column("to_state", WORDS, nullable=False),
        sa.Column("why", WORDS, nullable=False),
        sa.Column("attempt", NUMBER),
        sa.Column("by", WORDS, nullable=False),
    )
    op.create_index("ix_event_job", "event", ["job_id", "id"])
    create_surroundings()


def create_job() -> None:
    op.create_table(
        "job",
        sa.Column("id", ID, primary_key=True),
        sa.Column("campaign_id", ID, sa.ForeignKey("campaign.id"), nullable=False),
        sa.Column("lane_id", ID, sa.ForeignKey("lane.id"), nullable=False),
        sa.Column("retry_of", ID, sa.ForeignKey("job.id")),
        sa.Column("ref", WORDS, nullable=False),
        sa.Column("provider", WORDS, nullable=False),
        sa.Column("connection", WORDS, nullable=False),
        sa.Column("account_id", WORDS, nullable=False),
        sa.Column("post", sa.JSON(), nullable=False),
        sa.Column("content_hash", WORDS, nullable=False),
        sa.Column("state", WORDS, nullable=False),
        sa.Column("reason", WORDS, nullable=False),
        sa.Column("run_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("not_after", INSTANT),
        sa.Column("attempts", NUMBER, nullable=False),
        sa.Column("deferrals", NUMBER, nullable=False),
        sa.Column("rescues", NUMBER, nullable=False),
        sa.Column("last_attempt", NUMBER, nullable=False),
        sa.Column("fence", NUMBER, nullable=False),
        sa.Column("lease_owner", WORDS),
        sa.Column("lease_until", INSTANT),
        sa.Column("provider_status", WORDS),
        sa.Column("provider_publish_id", WORDS),
        sa.Column("permalink", WORDS),
        sa.Column("delivered_to_inbox", FLAG, nullable=False),
        sa.Column("prepared", sa.JSON(), nullable=False),
        sa.Column("replay", FLAG, nullable=False),
        sa.Column("first_sent_at", INSTANT),
        sa.Column("accepted_at", INSTANT),
        sa.Column("settled_at", INSTANT),
        sa.Column("queued_at", INSTANT),
        sa.Column("rung_at", INSTANT),
        sa.Column("rings", NUMBER, nullable=False),
        sa.Column("next_poll_at", INSTANT),
        sa.Column("polls", NUMBER, nullable=False),
        sa.Column("looks", NUMBER, nullable=False),
        sa.Column("lost_at", INSTANT),
        sa.Column("next_look_at", INSTANT),
        sa.Column("hold", WORDS),
        sa.Column("cancel_requested_at", INSTANT),
        sa.Column("next_cancel_at", INSTANT),
        sa.Column("error_class", WORDS),
        sa.Column("error_code", WORDS),
        sa.Column("error_message", WORDS),
    )
    index("uq_job_ref", "job", ["campaign_id", "ref"], where="retry_of IS NULL", unique=True)
    index("uq_job_retry", "job", ["retry_of"], where="retry_of IS NOT NULL", unique=True)
    index(
        "uq_job_publish",
        "job",
        ["connection", "provider_publish_id"],
        where="provider_publish_id IS NOT NULL",
        unique=True,
    )
    op.create_index("ix_job_campaign", "job", ["campaign_id", "state"])
    index("ix_job_due", "job", ["lane_id", "due_at", "id"], where=WAITING)
    late = f"{WAITING} AND first_sent_at IS NULL AND deferrals = 0"
    index("ix_job_late", "job", ["connection", "run_at"], where=late)
    index("ix_job_not_after", "job", ["not_after"], where=f"{UNSENT} AND not_after IS NOT NULL")
    index("ix_job_busy", "job", ["lane_id", "content_hash"], where=BUSY)
    index("ix_job_rung", "job", ["rung_at"], where="state IN ('queued')")
    index("ix_job_lease", "job", ["lease_until"], where="state IN ('publishing')")
    index("ix_job_poll", "job", ["next_poll_at"], where=ASKED)
    index("ix_job_cancel", "job", ["next_cancel_at"], where="state IN ('in_progress')")
    index("ix_job_look", "job", ["next_look_at"], where="state IN ('uncertain')")
    index("ix_job_held", "job", ["lane_id"], where="state IN ('held')")


def create_attempt() -> None:
    op.create_table(
        "attempt",
        sa.Column("id", ID, primary_key=True),
        sa.Column("job_id", ID, sa.ForeignKey("job.id"), nullable=False),
        sa.Column("lane_id", ID, sa.ForeignKey("lane.id"), nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("fence", NUMBER, nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("closed_at", INSTANT),
        sa.Column("outcome", WORDS),
        sa.Column("memo", sa.JSON(), nullable=False),
        sa.Column("publish_id", WORDS),
        sa.Column("provider_status", WORDS),
        sa.Column("permalink", WORDS),
        sa.Column("error_class", WORDS),
        sa.Column("error_code", WORDS),
        sa.Column("error_message", WORDS),
        sa.UniqueConstraint("job_id", "number", name="uq_attempt_number"),
    )
    index("uq_attempt_open", "attempt", ["job_id"], where="closed_at IS NULL", unique=True)
    op.create_index("ix_attempt_lane", "attempt", ["lane_id", "opened_at"])


def create_surroundings() -> None:
    op.create_table(
        "account",
        sa.Column("connection", WORDS, primary_key=True),
        sa.Column("account_id", WORDS, primary_key=True),
        sa.Column("provider", WORDS, nullable=False),
        sa.Column("platform", WORDS, nullable=False),
        sa.Column("username", WORDS, nullable=False),
        sa.Column("display_name", WORDS, nullable=False),
        sa.Column("can_post", FLAG, nullable=False),
        sa.Column("reason", WORDS, nullable=False),
        sa.Column("inbox_only", FLAG, nullable=False),
        sa.Column("account_type", WORDS, nullable=False),
        sa.Column("caption_max", NUMBER),
        sa.Column("synced_at", INSTANT, nullable=False),
    )
    op.create_table(
        "block",
        sa.Column("connection", WORDS, primary_key=True),
        sa.Column("account", WORDS, primary_key=True),
        sa.Column("until", INSTANT, nullable=False),
        sa.Column("why", WORDS, nullable=False),
        sa.Column("saved_at", INSTANT, nullable=False),
    )
    op.create_table(
        "learnt_limit",
        sa.Column("connection", WORDS, primary_key=True),
        sa.Column("account", WORDS, primary_key=True),
        sa.Column("window", WORDS, primary_key=True),
        sa.Column("per_ms", ID, primary_key=True),
        sa.Column("calls", WORDS, primary_key=True),
        sa.Column("zone", WORDS, primary_key=True),
        sa.Column("reach", WORDS, nullable=False),
        sa.Column("requests", NUMBER, nullable=False),
        sa.Column("source", WORDS, nullable=False),
        sa.Column("used", NUMBER, nullable=False),
        sa.Column("resets_at", INSTANT, nullable=False),
        sa.Column("saved_at", INSTANT, nullable=False),
    )
    op.create_table(
        "heartbeat",
        sa.Column("name", WORDS, primary_key=True),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("beat_at", INSTANT, nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
    )
    op.create_table(
        "mark",
        sa.Column("name", WORDS, primary_key=True),
        sa.Column("value", WORDS, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
    )


def index(name: str, table: str, columns: list[str], *, where: str, unique: bool = False) -> None:
    partial = sa.text(where)
    op.create_index(
        name, table, columns, unique=unique, sqlite_where=partial, postgresql_where=partial
    )


def downgrade() -> None:
    for name in (
        "mark",
        "heartbeat",
        "learnt_limit",
        "block",
        "account",
        "event",
        "attempt",
        "job",
        "lane",
        "campaign",
    ):
        op.drop_table(name)
