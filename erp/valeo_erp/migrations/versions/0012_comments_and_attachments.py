"""Comments on documents, and files at them. Both stay as they came until an erasure takes them away.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

TABLES = ("document_attachment", "document_comment")

FUNCTIONS = (
    # The application holds no grant to delete; `erase_remarks` runs as the owner.
    """
    create function refuse_change_but_removal() returns trigger language plpgsql as $$
    begin
      if tg_op = 'DELETE' and current_setting('valeo.erasing', true) = 'on' then
        return old;
      end if;
      raise exception '% is append-only: % refused', tg_table_name, tg_op using errcode = 'restrict_violation';
    end $$
    """,
    """
    create function erase_remarks(of_tenant uuid, of_party uuid) returns void
    language plpgsql security definer set search_path = valeo, pg_temp as $$
    begin
      if current_setting('valeo.tenant', true) is distinct from of_tenant::text then
        raise exception 'only the tenant itself may erase' using errcode = 'insufficient_privilege';
      end if;
      perform set_config('valeo.erasing', 'on', true);
      delete from document_comment r using document d
        where r.tenant_id = of_tenant and d.tenant_id = of_tenant and d.id = r.document_id
          and d.party_id = of_party and d.state = 'cancelled';
      delete from document_attachment r using document d
        where r.tenant_id = of_tenant and d.tenant_id = of_tenant and d.id = r.document_id
          and d.party_id = of_party and d.state = 'cancelled';
      perform set_config('valeo.erasing', '', true);
    end $$
    """,
)


def upgrade() -> None:
    op.create_table(
        "document_comment",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("document_id", sa.UUID(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(text) between 1 and 4000", name=op.f("ck_document_comment_text")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "document_id"],
            ["document.tenant_id", "document.id"],
            name=op.f("fk_document_comment_tenant_id_document_id_document"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_document_comment")),
    )
    op.create_index("ix_document_comment_list", "document_comment", ["tenant_id", "document_id", "at", "id"])
    op.create_table(
        "document_attachment",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("document_id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "media_type", sa.Text(), nullable=False, comment="As its content says, whatever the sender called it"
        ),
        sa.Column("size", sa.Integer(), nullable=False, comment="Bytes"),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("added_by_name", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("sha256 = sha256(content)", name=op.f("ck_document_attachment_sha256")),
        sa.CheckConstraint("size = length(content) and size > 0", name=op.f("ck_document_attachment_size")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "document_id"],
            ["document.tenant_id", "document.id"],
            name=op.f("fk_document_attachment_tenant_id_document_id_document"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_document_attachment")),
    )
    op.create_index("ix_document_attachment_list", "document_attachment", ["tenant_id", "document_id", "at", "id"])
    for function in FUNCTIONS:
        op.execute(function)
    op.execute("revoke execute on function erase_remarks(uuid, uuid) from public")
    op.execute("grant execute on function erase_remarks(uuid, uuid) to valeo_application")
    for table in TABLES:
        op.execute(f"revoke update, delete, truncate on {table} from valeo_application")
        op.execute(f"select protect_tenant_table('{table}')")
        op.execute(
            f"create trigger append_only before update or delete on {table} "
            "for each row execute function refuse_change_but_removal()"
        )
        op.execute(
            f"create trigger append_only_truncate before truncate on {table} "
            "for each statement execute function refuse_change()"
        )


def downgrade() -> None:
    op.execute("drop function erase_remarks(uuid, uuid)")
    for table in TABLES:
        op.drop_table(table)
    op.execute("drop function refuse_change_but_removal()")
