"""What Alembic runs: the steps, on the connection and in the transaction of :mod:`pansentry.store.upgrade`."""

from alembic import context

from pansentry.store import schema

context.configure(
    connection=context.config.attributes["connection"], target_metadata=schema.metadata, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()
