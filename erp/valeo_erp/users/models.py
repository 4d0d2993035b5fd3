"""The table of people who were here. Whether they may come in again is decided here, who they are is not."""

from sqlalchemy import Column, DateTime, ForeignKeyConstraint, Table, Text
from sqlalchemy.dialects.postgresql import JSONB, UUID

from valeo_erp.kernel.database import metadata

app_user = Table(
    "app_user",
    metadata,
    Column("tenant_id", UUID, primary_key=True),
    Column("subject", Text, primary_key=True, comment="The sub claim"),
    Column("name", Text, nullable=False),
    Column("roles", JSONB, nullable=False, comment="As the provider said last"),
    Column("first_seen_at", DateTime(timezone=True), nullable=False),
    Column("last_seen_at", DateTime(timezone=True), nullable=False, comment="To five minutes"),
    Column("deactivated_at", DateTime(timezone=True)),
    Column("deactivated_by", Text),
    ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
)
