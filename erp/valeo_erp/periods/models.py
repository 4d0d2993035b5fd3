"""The table of periods."""

from sqlalchemy import CheckConstraint, Column, Date, DateTime, ForeignKeyConstraint, Table, Text
from sqlalchemy.dialects.postgresql import UUID

from valeo_erp.kernel.database import metadata

period = Table(
    "period",
    metadata,
    Column("tenant_id", UUID, primary_key=True),
    Column("starts_on", Date, primary_key=True),
    Column("ends_on", Date, nullable=False),
    Column("state", Text, nullable=False, server_default="open"),
    Column("closed_at", DateTime(timezone=True)),
    Column("closed_by", Text),
    CheckConstraint("ends_on >= starts_on", name="order"),
    CheckConstraint("state in ('open', 'closed')", name="state"),
    ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
)
