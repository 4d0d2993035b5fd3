"""Number series, their counters by year, and every number ever given."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
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
    CheckConstraint("last > 0", name="last"),
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
