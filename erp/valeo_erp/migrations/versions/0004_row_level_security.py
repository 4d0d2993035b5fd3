"""Row-level security: a connection sees the rows of the tenant that it was told, and no others.

A later revision that adds a table with `tenant_id` calls `select protect_tenant_table('its_name')`; a test fails on one
that forgets it. The owner, who migrates, seeds and dumps, is not bound by it.

Revision ID: 0004
Revises: 0003
"""

from alembic import op

revision = "0004"
down_revision = "0003"

TABLES = (
    "audit_entry",
    "document",
    "document_line",
    "idempotency_result",
    "item",
    "journal_entry",
    "journal_head",
    "journal_line",
    "number_counter",
    "number_given",
    "number_series",
    "outbox",
    "party",
    "period",
    "print_archive",
    "tax_code",
)

FUNCTIONS = (
    """
    create function protect_tenant_table(of regclass, key text default 'tenant_id') returns void
    language plpgsql as $$
    begin
      execute format('alter table %s enable row level security', of);
      execute format(
        'create policy own_tenant on %s using (%I = nullif(current_setting(''valeo.tenant'', true), '''')::uuid)',
        of, key);
    end $$
    """,
    """
    create function show_to_every_tenant(of regclass, what text default 'select') returns void
    language plpgsql as $$
    begin
      execute format(
        'create policy every_tenant on %s for %s using
           (current_setting(''valeo.tenant'', true) = ''ffffffff-ffff-ffff-ffff-ffffffffffff'')', of, what);
    end $$
    """,
)


def upgrade() -> None:
    for function in FUNCTIONS:
        op.execute(function)
    for table in TABLES:
        op.execute(f"select protect_tenant_table('{table}')")
    op.execute("select protect_tenant_table('tenant', 'id')")
    op.execute("select show_to_every_tenant('tenant')")
    op.execute("select show_to_every_tenant('document')")
    op.execute("select show_to_every_tenant('outbox', 'all')")


def downgrade() -> None:
    for table in ("tenant", "document", "outbox"):
        op.execute(f"drop policy every_tenant on {table}")
    for table in (*TABLES, "tenant"):
        op.execute(f"drop policy own_tenant on {table}")
        op.execute(f"alter table {table} disable row level security")
    op.execute("drop function show_to_every_tenant(regclass, text)")
    op.execute("drop function protect_tenant_table(regclass, text)")
