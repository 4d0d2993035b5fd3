"""The table of the versions of the branding."""

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

branding = Table(
    "branding",
    metadata,
    Column("tenant_id", UUID, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("revision", Integer, nullable=False, comment="Counts every change of this version; its ETag"),
    Column("state", Text, nullable=False),
    Column("look", JSONB, nullable=False),
    Column("note", Text, nullable=False, comment="Why, for whoever puts it in force"),
    Column("logo_media_type", Text),
    Column("logo_sha256", LargeBinary),
    Column("logo", LargeBinary),
    Column("created_by", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("edited_by", Text, nullable=False),
    Column("edited_at", DateTime(timezone=True), nullable=False),
    Column("proposed_by", Text),
    Column("proposed_at", DateTime(timezone=True)),
    Column("activated_by", Text),
    Column("activated_at", DateTime(timezone=True)),
    CheckConstraint("state in ('draft', 'proposed', 'active', 'retired')", name="state"),
    CheckConstraint("(state = 'draft') = (proposed_by is null)", name="proposed"),
    CheckConstraint("(state in ('active', 'retired')) = (activated_by is not null)", name="activated"),
    CheckConstraint(
        "activated_by <> created_by and activated_by <> edited_by and activated_by <> proposed_by",
        name="second_person",
    ),
    CheckConstraint("num_nulls(logo, logo_sha256, logo_media_type) in (0, 3)", name="logo_whole"),
    CheckConstraint("logo_sha256 = sha256(logo)", name="logo_sha256"),
    ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
    Index("uq_branding_active", "tenant_id", unique=True, postgresql_where=text("state = 'active'")),
)
