"""Payments, and the documents that they settle."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import UUID

from valeo_erp.kernel.database import metadata

payment = Table(
    "payment",
    metadata,
    Column("tenant_id", UUID, primary_key=True),
    Column("id", UUID, primary_key=True),
    Column("number", Text, nullable=False),
    Column("direction", Text, nullable=False, comment="incoming or outgoing"),
    Column("party_id", UUID, nullable=False),
    Column("paid_on", Date, nullable=False),
    Column("amount", Numeric(15, 2), nullable=False, comment="Negative on a reversal"),
    Column("reference", Text, nullable=False, server_default="", comment="What stood on the bank statement"),
    Column("reverses_id", UUID, comment="The payment that this one takes back"),
    Column("recorded_by", Text, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("direction in ('incoming', 'outgoing')", name="direction"),
    CheckConstraint("(amount > 0) = (reverses_id is null) and amount <> 0", name="amount"),
    UniqueConstraint("tenant_id", "number"),
    UniqueConstraint("tenant_id", "reverses_id"),
    ForeignKeyConstraint(["tenant_id", "party_id"], ["party.tenant_id", "party.id"]),
    ForeignKeyConstraint(["tenant_id", "reverses_id"], ["payment.tenant_id", "payment.id"]),
    Index("ix_payment_list", "tenant_id", "paid_on", "id"),
)

payment_match = Table(
    "payment_match",
    metadata,
    Column("tenant_id", UUID, primary_key=True),
    Column("payment_id", UUID, primary_key=True),
    Column("document_id", UUID, primary_key=True),
    Column("amount", Numeric(15, 2), nullable=False, comment="What of the payment settles the document"),
    Column("cash_discount", Numeric(15, 2), nullable=False, server_default="0", comment="What is not paid any more"),
    Column("matched_by", Text, nullable=False),
    Column("matched_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("amount > 0 and cash_discount >= 0", name="amounts"),
    ForeignKeyConstraint(["tenant_id", "payment_id"], ["payment.tenant_id", "payment.id"]),
    ForeignKeyConstraint(["tenant_id", "document_id"], ["document.tenant_id", "document.id"]),
    Index("ix_payment_match_document", "tenant_id", "document_id"),
)
