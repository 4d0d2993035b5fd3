"""The table of periods."""

from sqlalchemy import CheckConstraint, Column, Date, DateTime, ForeignKeyConstraint, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import UUID, ExcludeConstraint

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
    Column("version", Integer, nullable=False, server_default="1"),
    CheckConstraint("ends_on >= starts_on", name="order"),
    CheckConstraint("state in ('open', 'closed')", name="state"),
    ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
    ExcludeConstraint(
        ("tenant_id", "="), (text("daterange(starts_on, ends_on, '[]')"), "&&"), using="gist", name="ex_period_day"
    ),
)
