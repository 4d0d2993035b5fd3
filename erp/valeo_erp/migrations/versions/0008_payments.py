"""Payments, and which documents they settle.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "payment",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False, comment="incoming or outgoing"),
        sa.Column("party_id", sa.UUID(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=15, scale=2), nullable=False, comment="Negative on a reversal"),
        sa.Column(
            "reference", sa.Text(), server_default="", nullable=False, comment="What stood on the bank statement"
        ),
        sa.Column("reverses_id", sa.UUID(), nullable=True, comment="The payment that this one takes back"),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("direction in ('incoming', 'outgoing')", name=op.f("ck_payment_direction")),
        sa.CheckConstraint("(amount > 0) = (reverses_id is null) and amount <> 0", name=op.f("ck_payment_amount")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "party_id"], ["party.tenant_id", "party.id"], name=op.f("fk_payment_tenant_id_party_id_party")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "reverses_id"],
            ["payment.tenant_id", "payment.id"],
            name=op.f("fk_payment_tenant_id_reverses_id_payment"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_payment")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_payment_tenant_id_number")),
        sa.UniqueConstraint("tenant_id", "reverses_id", name=op.f("uq_payment_tenant_id_reverses_id")),
    )
    op.create_index("ix_payment_list", "payment", ["tenant_id", "paid_on", "id"])
    op.create_table(
        "payment_match",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("payment_id", sa.UUID(), nullable=False),
        sa.Column("document_id", sa.UUID(), nullable=False),
        sa.Column(
            "amount",
            sa.Numeric(precision=15, scale=2),
            nullable=False,
            comment="What of the payment settles the document",
        ),
        sa.Column(
            "cash_discount",
            sa.Numeric(precision=15, scale=2),
            server_default="0",
            nullable=False,
            comment="What is not paid any more",
        ),
        sa.Column("matched_by", sa.Text(), nullable=False),
        sa.Column("matched_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount > 0 and cash_discount >= 0", name=op.f("ck_payment_match_amounts")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "payment_id"],
            ["payment.tenant_id", "payment.id"],
            name=op.f("fk_payment_match_tenant_id_payment_id_payment"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "document_id"],
            ["document.tenant_id", "document.id"],
            name=op.f("fk_payment_match_tenant_id_document_id_document"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "payment_id", "document_id", name=op.f("pk_payment_match")),
    )
    op.create_index("ix_payment_match_document", "payment_match", ["tenant_id", "document_id"])
    op.execute("revoke update, delete, truncate on payment from valeo_application")
    op.execute("revoke update, truncate on payment_match from valeo_application")
    op.execute(
        "create trigger append_only before update or delete on payment for each row execute function refuse_change()"
    )
    op.execute(
        "create trigger append_only_truncate before truncate on payment "
        "for each statement execute function refuse_change()"
    )
    for table in ("payment", "payment_match"):
        op.execute(f"select protect_tenant_table('{table}')")
    op.execute(
        "insert into number_series (tenant_id, document_kind, prefix) select id, 'payment', 'PAY' from tenant "
        "on conflict do nothing"
    )


def downgrade() -> None:
    op.drop_table("payment_match")
    op.drop_table("payment")
