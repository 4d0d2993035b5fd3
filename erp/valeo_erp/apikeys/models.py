"""The table of API keys."""

from sqlalchemy import Column, DateTime, ForeignKeyConstraint, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import JSONB, UUID

from valeo_erp.kernel.database import metadata

api_key = Table(
    "api_key",
    metadata,
    Column("tenant_id", UUID, primary_key=True),
    Column("id", UUID, primary_key=True),
    Column("name", Text, nullable=False, comment="Which machine holds it"),
    Column("digest", LargeBinary, nullable=False, unique=True, comment="sha-256 of the secret"),
    Column("scopes", JSONB, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("revoked_at", DateTime(timezone=True)),
    Column("replaces_id", UUID, comment="The key that this one was made from by rotation"),
    Column("last_used_at", DateTime(timezone=True), comment="To the minute"),
    ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
)
