"""The tables of policies, and of the approvals that a policy asks for beside the last one."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

from valeo_erp.kernel.database import metadata

policy = Table(
    "policy",
    metadata,
    Column("tenant_id", UUID, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("state", Text, nullable=False),
    Column("rules", JSONB, nullable=False),
    Column("note", Text, nullable=False, comment="Why, by its author"),
    Column("created_by", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("activated_by", Text),
    Column("activated_at", DateTime(timezone=True)),
    CheckConstraint("state in ('draft', 'active', 'retired')", name="state"),
    CheckConstraint("(state = 'draft') = (activated_by is null)", name="activated"),
    CheckConstraint("activated_by <> created_by", name="second_person"),
    ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
    Index("uq_policy_active", "tenant_id", unique=True, postgresql_where=text("state = 'active'")),
)

document_approval = Table(
    "document_approval",
    metadata,
    Column("tenant_id", UUID, primary_key=True),
    Column("document_id", UUID, primary_key=True),
    Column("at", DateTime(timezone=True), primary_key=True),
    Column("approver", Text, nullable=False),
    Column("content_hash", LargeBinary, nullable=False),
    ForeignKeyConstraint(["tenant_id", "document_id"], ["document.tenant_id", "document.id"]),
)
