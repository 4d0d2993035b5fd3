"""The table of comments."""

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKeyConstraint, Index, Table, Text
from sqlalchemy.dialects.postgresql import UUID

from valeo_erp.kernel.database import metadata

document_comment = Table(
    "document_comment",
    metadata,
    Column("tenant_id", UUID, primary_key=True),
    Column("id", UUID, primary_key=True),
    Column("document_id", UUID, nullable=False),
    Column("text", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("author_name", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    ForeignKeyConstraint(["tenant_id", "document_id"], ["document.tenant_id", "document.id"]),
    CheckConstraint("length(text) between 1 and 4000", name="text"),
    Index("ix_document_comment_list", "tenant_id", "document_id", "at", "id"),
)
