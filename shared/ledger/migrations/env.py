"""Runs migrations on the connection that shared.ledger.schema opened, in its transaction."""

from alembic import context

from shared.ledger.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
