"""Journal entries, their lines, and the head of the chain."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Numeric,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import UUID

from valeo_erp.kernel.database import metadata

journal_entry = Table(
    "journal_entry",
    metadata,
    Column("tenant_id", UUID, primary_key=True),
    Column("sequence", BigInteger, primary_key=True),
    Column("document_id", UUID, nullable=False),
    Column("document_number", Text, nullable=False),
    Column("entry_date", Date, nullable=False),
    Column("text", Text, nullable=False),
    Column("posted_at", DateTime(timezone=True), nullable=False),
    Column("posted_by", Text, nullable=False),
    Column("previous_hash", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    UniqueConstraint("tenant_id", "document_id"),
    Index(None, "tenant_id", "entry_date"),
    ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
)

journal_line = Table(
    "journal_line",
    metadata,
    Column("tenant_id", UUID, primary_key=True),
    Column("sequence", BigInteger, primary_key=True),
    Column("position", SmallInteger, primary_key=True),
    Column("account", Text, nullable=False),
    Column("debit", Numeric(15, 2), nullable=False),
    Column("credit", Numeric(15, 2), nullable=False),
    Column("text", Text, nullable=False),
    CheckConstraint("debit >= 0 and credit >= 0 and (debit = 0) <> (credit = 0)", name="one_side"),
    ForeignKeyConstraint(["tenant_id", "sequence"], ["journal_entry.tenant_id", "journal_entry.sequence"]),
    Index(None, "tenant_id", "account"),
)

journal_head = Table(
    "journal_head",
    metadata,
    Column("tenant_id", UUID, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("previous_hash", LargeBinary, comment="As the last booking found it"),
    ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
)
