"""The table of remembered results."""

from sqlalchemy import Column, DateTime, Index, LargeBinary, SmallInteger, Table, Text, func
from sqlalchemy.dialects.postgresql import JSONB, UUID

from valeo_erp.kernel.database import metadata

idempotency_result = Table(
    "idempotency_result",
    metadata,
    Column("tenant_id", UUID, primary_key=True),
    Column("actor", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("request_digest", LargeBinary, nullable=False, comment="sha-256 of method, path and body"),
    Column("status", SmallInteger, nullable=False),
    Column("headers", JSONB, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Index(None, "created_at"),
)
