"""Lists in more orders, and a search that finds any part of a text among a million documents.

Row-level security lets no operator that might tell about foreign rows look into an index first, and those of a text
search are not known to be silent. So the search is a function of the owner that looks at the served tenant itself.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

SEARCH = """
create function documents_with(wanted_kind text, wanted_text text) returns setof uuid
language sql stable security definer set search_path = valeo, pg_temp as $$
  with served as (
    select nullif(current_setting('valeo.tenant', true), '')::uuid as tenant_id
  ), pattern as (
    select '%' || replace(replace(replace(lower(wanted_text), '\\', '\\\\'), '%', '\\%'), '_', '\\_') || '%' as text
  )
  select d.id from document d
  where d.tenant_id = (select tenant_id from served) and d.kind = wanted_kind
    and d.search_text like (select text from pattern)
  union
  select d.id from party p join document d on (d.tenant_id, d.party_id) = (p.tenant_id, p.id)
  where p.tenant_id = (select tenant_id from served) and d.kind = wanted_kind and d.party is null
    and lower(p.number || ' ' || p.name) like (select text from pattern)
$$
"""

# A generated column is computed after this trigger ran: it is not compared, only what it is generated from.
KEEP_POSTED = """
create or replace function refuse_change_of_posted() returns trigger language plpgsql as $$
begin
  if old.state in ('posted', 'reversed') then
    if tg_op = 'UPDATE' and old.state = 'posted' and new.state = 'reversed' and old.reversed_by_id is null
       and to_jsonb(new) - '{{{free}}}'::text[] = to_jsonb(old) - '{{{free}}}'::text[] then
      return new;
    end if;
    raise exception 'document % is posted: % refused, reverse it instead', old.number, tg_op
      using errcode = 'restrict_violation';
  end if;
  return case tg_op when 'DELETE' then old else new end;
end $$
"""


def upgrade() -> None:
    op.execute(KEEP_POSTED.format(free="state,version,reversed_by_id,search_text"))
    op.execute("create extension if not exists pg_trgm")
    op.add_column(
        "document",
        sa.Column(
            "search_text",
            sa.Text(),
            sa.Computed(
                "lower(coalesce(number, '') || ' ' || reference || ' ' || note || ' ' || "
                "coalesce(party->>'number', '') || ' ' || coalesce(party->>'name', ''))",
                persisted=True,
            ),
            nullable=True,
            comment="What a search looks into, besides the names of parties of what is not posted yet",
        ),
    )
    op.create_index(
        "ix_document_search",
        "document",
        ["search_text"],
        postgresql_using="gin",
        postgresql_ops={"search_text": "gin_trgm_ops"},
    )
    op.create_index("ix_document_gross", "document", ["tenant_id", "kind", "gross_total", "id"])
    op.create_index("ix_document_due", "document", ["tenant_id", "kind", "due_date", "id"])
    op.execute(SEARCH)


def downgrade() -> None:
    op.execute(KEEP_POSTED.format(free="state,version,reversed_by_id"))
    op.execute("drop function documents_with(text, text)")
    op.drop_index("ix_document_due", table_name="document")
    op.drop_index("ix_document_gross", table_name="document")
    op.drop_index("ix_document_search", table_name="document")
    op.drop_column("document", "search_text")
    op.execute("drop extension pg_trgm")
