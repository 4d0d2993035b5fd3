"""The GDPR desk: legal holds, tombstones, and the one way by which personal parts leave the audit trail.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"

GUARDED = ("audit_entry", "audit_link")

FUNCTIONS = (
    # An update is let through only while `erase_party` works, and only if it empties what may be personal.
    """
    create function refuse_change_but_erasure() returns trigger language plpgsql as $$
    begin
      if tg_op = 'UPDATE' and current_setting('valeo.erasing', true) = 'on' then
        if tg_table_name = 'audit_entry' then
          if to_jsonb(new) - '{reason,before,after}'::text[] = to_jsonb(old) - '{reason,before,after}'::text[]
             and num_nulls(new.reason, new.before, new.after) = 3 then
            return new;
          end if;
        elsif to_jsonb(new) - 'salt' = to_jsonb(old) - 'salt' and new.salt is null then
          return new;
        end if;
      end if;
      raise exception '% is append-only: % refused', tg_table_name, tg_op using errcode = 'restrict_violation';
    end $$
    """,
    # Runs as the owner: the application itself holds no grant to change the trail. 1397047628 is the sealer's lock.
    """
    create function erase_party(of_tenant uuid, of_party uuid) returns void
    language plpgsql security definer set search_path = valeo, pg_temp as $$
    declare gone uuid[];
    begin
      if current_setting('valeo.tenant', true) is distinct from of_tenant::text then
        raise exception 'only the tenant itself may erase' using errcode = 'insufficient_privilege';
      end if;
      perform pg_advisory_xact_lock(1397047628);
      perform set_config('valeo.erasing', 'on', true);
      gone := array(select id from document where tenant_id = of_tenant and party_id = of_party and state = 'cancelled')
              || of_party;
      update party set name = 'gelöscht / erased', street = '', postal_code = '', city = '', vat_id = null,
             active = false, version = version + 1, updated_at = now()
        where tenant_id = of_tenant and id = of_party;
      update document set note = '', reference = '', party = null
        where tenant_id = of_tenant and party_id = of_party and state = 'cancelled';
      update audit_link l set salt = null from audit_entry e
        where e.tenant_id = of_tenant and e.object_id = any (gone)
          and l.tenant_id = e.tenant_id and l.entry_id = e.id;
      update audit_entry set reason = null, before = null, after = null
        where tenant_id = of_tenant and object_id = any (gone);
      delete from idempotency_result
        where tenant_id = of_tenant and position(convert_to(of_party::text, 'UTF8') in body) > 0;
      perform set_config('valeo.erasing', '', true);
    end $$
    """,
)


def upgrade() -> None:
    op.create_table(
        "gdpr_hold",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("party_id", sa.UUID(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_by", sa.Text(), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "party_id"],
            ["party.tenant_id", "party.id"],
            name=op.f("fk_gdpr_hold_tenant_id_party_id_party"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_gdpr_hold")),
    )
    op.create_table(
        "tombstone",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("object_kind", sa.Text(), nullable=False),
        sa.Column("object_id", sa.UUID(), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased_by", sa.Text(), nullable=False),
        sa.Column(
            "certificate",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="What was erased and what is kept until when, without names",
        ),
        sa.Column("sha256", sa.LargeBinary(), nullable=False, comment="Of the certificate in its canonical form"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_tombstone_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("tenant_id", "object_kind", "object_id", name=op.f("pk_tombstone")),
    )
    op.execute("revoke delete, truncate on gdpr_hold from valeo_application")
    op.execute("revoke update, delete, truncate on tombstone from valeo_application")
    op.execute("select protect_tenant_table('gdpr_hold')")
    op.execute("select protect_tenant_table('tombstone')")
    for function in FUNCTIONS:
        op.execute(function)
    op.execute("revoke execute on function erase_party(uuid, uuid) from public")
    op.execute("grant execute on function erase_party(uuid, uuid) to valeo_application")
    for table in GUARDED:
        op.execute(f"drop trigger append_only on {table}")
        op.execute(
            f"create trigger append_only before update or delete on {table} "
            "for each row execute function refuse_change_but_erasure()"
        )


def downgrade() -> None:
    for table in GUARDED:
        op.execute(f"drop trigger append_only on {table}")
        op.execute(
            f"create trigger append_only before update or delete on {table} "
            "for each row execute function refuse_change()"
        )
    op.execute("drop function erase_party(uuid, uuid)")
    op.execute("drop function refuse_change_but_erasure()")
    op.drop_table("tombstone")
    op.drop_table("gdpr_hold")
