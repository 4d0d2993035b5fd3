"""The tables of the audit trail: the entries, and the chain over them."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

from valeo_erp.kernel.database import metadata

audit_entry = Table(
    "audit_entry",
    metadata,
    Column("tenant_id", UUID, primary_key=True),
    Column("id", UUID, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("actor", Text, nullable=False, comment="The subject of the token"),
    Column("actor_name", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("object_kind", Text, nullable=False),
    Column("object_id", UUID),
    Column("outcome", Text, nullable=False),
    Column("reason", Text, comment="Given by the person, or by the rule that refused"),
    Column("before", JSONB),
    Column("after", JSONB),
    Column("correlation_id", Text, nullable=False),
    CheckConstraint("outcome in ('done', 'refused')", name="outcome"),
    ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
    Index(None, "tenant_id", "object_id", "at"),
)

audit_link = Table(
    "audit_link",
    metadata,
    Column("tenant_id", UUID, primary_key=True),
    Column("sequence", BigInteger, primary_key=True),
    Column("entry_id", UUID, nullable=False, comment="No foreign key: a removed entry must leave its link"),
    Column("salt", LargeBinary, comment="Empty once the personal part of the entry is erased"),
    Column("personal_digest", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("sealed_at", DateTime(timezone=True), nullable=False),
    ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
    UniqueConstraint("tenant_id", "entry_id"),
)
