"""The archive of issued prints."""

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKeyConstraint, Integer, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import UUID

from valeo_erp.kernel.database import metadata

print_archive = Table(
    "print_archive",
    metadata,
    Column("tenant_id", UUID, primary_key=True),
    Column("document_id", UUID, primary_key=True),
    Column("language", Text, primary_key=True),  # the key of the variant: de, en, de-letter
    Column("sha256", LargeBinary, nullable=False),
    Column("pdf", LargeBinary, nullable=False),
    Column("template_version", Text, nullable=False),
    Column("branding_version", Integer, nullable=False, server_default="0", comment="0: before there was one in force"),
    Column("rendered_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("sha256 = sha256(pdf)", name="sha256"),
    ForeignKeyConstraint(["tenant_id", "document_id"], ["document.tenant_id", "document.id"]),
)
