"""The table of attachments, with their bytes."""

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKeyConstraint, Index, Integer, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import UUID

from valeo_erp.kernel.database import metadata

document_attachment = Table(
    "document_attachment",
    metadata,
    Column("tenant_id", UUID, primary_key=True),
    Column("id", UUID, primary_key=True),
    Column("document_id", UUID, nullable=False),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False, comment="As its content says, whatever the sender called it"),
    Column("size", Integer, nullable=False, comment="Bytes"),
    Column("sha256", LargeBinary, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("added_by", Text, nullable=False),
    Column("added_by_name", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    ForeignKeyConstraint(["tenant_id", "document_id"], ["document.tenant_id", "document.id"]),
    CheckConstraint("size = length(content) and size > 0", name="size"),
    CheckConstraint("sha256 = sha256(content)", name="sha256"),
    Index("ix_document_attachment_list", "tenant_id", "document_id", "at", "id"),
)
