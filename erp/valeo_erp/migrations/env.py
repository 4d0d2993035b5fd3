"""Alembic's entry: runs on the connection that `migrate` hands over, in one transaction for all steps."""

from alembic import context

from valeo_erp.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    compare_type=True,
    compare_server_default=False,
)
with context.begin_transaction():
    context.run_migrations()
