"""The outbox, how far it was cleared, the epoch of this database, and one-time tickets for streams."""

from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, LargeBinary, Table, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB, UUID
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.types import UserDefinedType

from valeo_erp.kernel.database import metadata


class TransactionId(UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction id, `xid8`: never wraps around."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """The type's name in DDL."""
        return "xid8"


ischema_names["xid8"] = TransactionId  # so that Alembic recognises the column when it compares


outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column(
        "xid",
        TransactionId,
        nullable=False,
        server_default=text("pg_current_xact_id()"),
        comment="Orders events by transaction: a reader goes only as far as the oldest one still running",
    ),
    Column("tenant_id", UUID, nullable=False),
    Column("kind", Text, nullable=False, comment="Such as invoice.posted"),
    Column("object_kind", Text, nullable=False),
    Column("object_id", UUID, nullable=False),
    Column("data", JSONB, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Index(None, "xid", "id"),
)

outbox_floor = Table(
    "outbox_floor",
    metadata,
    Column("only", Text, primary_key=True, server_default="this", comment="One row"),
    Column("xid", TransactionId, nullable=False, comment="Events up to here may have been cleared away"),
    Column("id", BigInteger, nullable=False),
)

installation = Table(
    "installation",
    metadata,
    Column("only", Text, primary_key=True, server_default="this", comment="One row"),
    Column("epoch", Text, nullable=False, comment="New after every restore: older cursors cannot be replayed"),
)

stream_ticket = Table(
    "stream_ticket",
    metadata,
    Column("digest", LargeBinary, primary_key=True, comment="sha-256 of the ticket"),
    Column("principal", JSONB, nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
)
