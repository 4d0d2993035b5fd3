"""Sessions of the web page: on the server, so that they hold over replicas and can be ended."""

from sqlalchemy import Column, DateTime, Index, LargeBinary, Table, func
from sqlalchemy.dialects.postgresql import JSONB

from valeo_erp.kernel.database import metadata

web_session = Table(
    "web_session",
    metadata,
    Column("digest", LargeBinary, primary_key=True, comment="sha-256 of the cookie"),
    Column("principal", JSONB, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Index(None, "expires_at"),
)
