"""Number series that people set up: versions, where a year begins, years that are closed, numbers that were voided.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

# Numbers are given in the hot path without a look at the voids; a void looks at the numbers that were given.
REFUSE_VOID_OF_GIVEN = """
create function refuse_void_of_given() returns trigger language plpgsql as $$
begin
  if exists (select from valeo.number_given g
             where (g.tenant_id, g.document_kind, g.year, g.sequence)
                 = (new.tenant_id, new.document_kind, new.year, new.sequence)) then
    raise exception 'number % was given to a document: it can not be voided', new.number
      using errcode = 'restrict_violation';
  end if;
  return new;
end $$
"""


def upgrade() -> None:
    op.add_column("number_series", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.add_column(
        "number_counter",
        sa.Column(
            "start", sa.BigInteger(), server_default="1", nullable=False, comment="The first sequence of the year"
        ),
    )
    op.add_column("number_counter", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("number_counter", sa.Column("closed_by", sa.Text(), nullable=True))
    op.create_check_constraint(op.f("ck_number_counter_start"), "number_counter", "start >= 1 and last >= start - 1")
    op.create_check_constraint(
        op.f("ck_number_counter_closed"), "number_counter", "(closed_at is null) = (closed_by is null)"
    )
    op.create_table(
        "number_void",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("document_kind", sa.Text(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False, comment="Why no document of this system carries it"),
        sa.Column("voided_by", sa.Text(), nullable=False),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "document_kind"],
            ["number_series.tenant_id", "number_series.document_kind"],
            name=op.f("fk_number_void_tenant_id_document_kind_number_series"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "document_kind", "year", "sequence", name=op.f("pk_number_void")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_number_void_tenant_id_number")),
    )
    op.execute(REFUSE_VOID_OF_GIVEN)
    op.execute(
        "create trigger voids_are_of_no_document before insert on number_void "
        "for each row execute function refuse_void_of_given()"
    )
    op.execute("revoke update, delete, truncate on number_void from valeo_application")
    op.execute(
        "create trigger append_only before update or delete on number_void "
        "for each row execute function refuse_change()"
    )
    op.execute(
        "create trigger append_only_truncate before truncate on number_void "
        "for each statement execute function refuse_change()"
    )
    op.execute("select protect_tenant_table('number_void')")


def downgrade() -> None:
    op.drop_table("number_void")
    op.execute("drop function refuse_void_of_given()")
    op.drop_constraint(op.f("ck_number_counter_closed"), "number_counter")
    op.drop_constraint(op.f("ck_number_counter_start"), "number_counter")
    for column in ("closed_by", "closed_at", "start"):
        op.drop_column("number_counter", column)
    op.drop_column("number_series", "version")
