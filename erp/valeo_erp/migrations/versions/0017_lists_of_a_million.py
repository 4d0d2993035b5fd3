"""Lists of a million documents: amounts that an index may be asked for, and a search that knows a common word.

Row-level security lets no comparison into an index that is not known to be silent, and those of `numeric` are not, so
amounts are kept as whole cents, too. Writing that column for every document holds the table for as long as it takes:
about half a minute for a million.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

# Two letters are looked for at the beginning of words only: an index of three finds them there. `execute` with values
# lets the planner see the text: whether an index of letters is worth it depends on how common they are.
PATTERNS = """
create function search_patterns(wanted_text text) returns text[]
language sql immutable parallel safe as $$
  select case when length(wanted_text) > 2 then array['%' || escaped || '%', '%' || escaped || '%']
              else array[escaped || '%', '% ' || escaped || '%'] end
  from (select replace(replace(replace(lower(wanted_text), '\\', '\\\\'), '%', '\\%'), '_', '\\_') as escaped) e
$$
"""
SEARCH = """
create or replace function documents_with(wanted_kind text, wanted_text text) returns setof uuid
language plpgsql stable security definer set search_path = valeo, pg_temp as $$
declare
  served uuid := nullif(current_setting('valeo.tenant', true), '')::uuid;
  patterns text[] := search_patterns(wanted_text);
begin
  return query execute
    'select d.id from document d
     where d.tenant_id = $1 and d.kind = $2 and (d.search_text like $3 or d.search_text like $4)
     union all
     select d.id from party p join document d on (d.tenant_id, d.party_id) = (p.tenant_id, p.id)
     where p.tenant_id = $1 and d.tenant_id = $1 and d.kind = $2 and d.party is null
       and (lower(p.number || '' '' || p.name) like $3 or lower(p.number || '' '' || p.name) like $4)'
    using served, wanted_kind, patterns[1], patterns[2];
end $$
"""
ABOUT = """
create function documents_with_about(wanted_kind text, wanted_text text) returns bigint
language plpgsql volatile security definer set search_path = valeo, pg_temp as $$
declare
  served uuid := nullif(current_setting('valeo.tenant', true), '')::uuid;
  patterns text[] := search_patterns(wanted_text);
  told json;
begin
  execute 'explain (format json) select from document d
           where d.tenant_id = $1 and d.kind = $2 and (d.search_text like $3 or d.search_text like $4)'
    into told using served, wanted_kind, patterns[1], patterns[2];
  return (told->0->'Plan'->>'Plan Rows')::bigint;
end $$
"""
SEARCH_BEFORE = """
create or replace function documents_with(wanted_kind text, wanted_text text) returns setof uuid
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
    op.execute(KEEP_POSTED.format(free="state,version,reversed_by_id,search_text,gross_cents"))
    op.drop_index("ix_document_gross", table_name="document")
    op.drop_index("ix_document_search", table_name="document")
    op.add_column(
        "document",
        sa.Column(
            "gross_cents",
            sa.BigInteger(),
            sa.Computed("(gross_total * 100)::bigint", persisted=True),
            nullable=True,
            comment="The gross total, as filters and orders compare it",
        ),
    )
    op.execute("set local maintenance_work_mem = '256MB'")  # the index of letters is built in far fewer passes
    op.create_index(
        "ix_document_search",
        "document",
        ["search_text"],
        postgresql_using="gin",
        postgresql_ops={"search_text": "gin_trgm_ops"},
    )
    op.create_index("ix_document_gross", "document", ["tenant_id", "kind", "gross_cents", "id"])
    op.create_index("ix_document_term", "document", ["tenant_id", "kind", sa.text("(due_date - document_date)")])
    op.create_index(
        "ix_document_unnamed", "document", ["tenant_id", "party_id"], postgresql_where=sa.text("party is null")
    )
    op.execute("alter table document alter column search_text set statistics 500")
    op.execute(PATTERNS)
    op.execute(SEARCH)
    op.execute(ABOUT)


def downgrade() -> None:
    op.execute("drop function documents_with_about(text, text)")
    op.execute(SEARCH_BEFORE)
    op.execute("drop function search_patterns(text)")
    op.execute("alter table document alter column search_text set statistics -1")
    for index in ("ix_document_unnamed", "ix_document_term", "ix_document_gross"):
        op.drop_index(index, table_name="document")
    op.drop_column("document", "gross_cents")
    op.create_index("ix_document_gross", "document", ["tenant_id", "kind", "gross_total", "id"])
    op.execute(KEEP_POSTED.format(free="state,version,reversed_by_id,search_text"))
