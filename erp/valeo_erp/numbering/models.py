"""Number series, their counters by year, every number ever given, and those that were voided."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import UUID

from valeo_erp.kernel.database import metadata

number_series = Table(
    "number_series",
    metadata,
    Column("tenant_id", UUID, primary_key=True),
    Column("document_kind", Text, primary_key=True),
    Column("prefix", Text, nullable=False, comment="INV gives INV-2026-00001"),
    Column("version", Integer, nullable=False, server_default="1"),
    UniqueConstraint("tenant_id", "prefix"),
    CheckConstraint("prefix ~ '^[A-Z]{2,8}$'", name="prefix"),
    ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
)

number_counter = Table(
    "number_counter",
    metadata,
    Column("tenant_id", UUID, primary_key=True),
    Column("document_kind", Text, primary_key=True),
    Column("year", SmallInteger, primary_key=True),
    Column("last", BigInteger, nullable=False),
    Column("last_date", Date, nullable=False, comment="Dates never fall within a series"),
    Column("start", BigInteger, nullable=False, server_default="1", comment="The first sequence of the year"),
    Column("closed_at", DateTime(timezone=True)),
    Column("closed_by", Text),
    CheckConstraint("last > 0", name="last"),
    CheckConstraint("start >= 1 and last >= start - 1", name="start"),
    CheckConstraint("(closed_at is null) = (closed_by is null)", name="closed"),
    ForeignKeyConstraint(["tenant_id", "document_kind"], ["number_series.tenant_id", "number_series.document_kind"]),
)

number_given = Table(
    "number_given",
    metadata,
    Column("tenant_id", UUID, primary_key=True),
    Column("document_kind", Text, primary_key=True),
    Column("year", SmallInteger, primary_key=True),
    Column("sequence", BigInteger, primary_key=True),
    Column("number", Text, nullable=False),
    Column("document_id", UUID, nullable=False),
    Column("document_date", Date, nullable=False),
    UniqueConstraint("tenant_id", "number"),
    UniqueConstraint("tenant_id", "document_id"),
    ForeignKeyConstraint(["tenant_id", "document_kind"], ["number_series.tenant_id", "number_series.document_kind"]),
)

number_void = Table(
    "number_void",
    metadata,
    Column("tenant_id", UUID, primary_key=True),
    Column("document_kind", Text, primary_key=True),
    Column("year", SmallInteger, primary_key=True),
    Column("sequence", BigInteger, primary_key=True),
    Column("number", Text, nullable=False),
    Column("reason", Text, nullable=False, comment="Why no document of this system carries it"),
    Column("voided_by", Text, nullable=False),
    Column("voided_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("tenant_id", "number"),
    ForeignKeyConstraint(["tenant_id", "document_kind"], ["number_series.tenant_id", "number_series.document_kind"]),
)
