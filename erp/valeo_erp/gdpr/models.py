"""The tables of the GDPR desk: legal holds, and what was erased."""

from sqlalchemy import Column, DateTime, ForeignKeyConstraint, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import JSONB, UUID

from valeo_erp.kernel.database import metadata

gdpr_hold = Table(
    "gdpr_hold",
    metadata,
    Column("tenant_id", UUID, primary_key=True),
    Column("id", UUID, primary_key=True),
    Column("party_id", UUID, nullable=False),
    Column("reason", Text, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("released_by", Text),
    Column("released_at", DateTime(timezone=True)),
    ForeignKeyConstraint(["tenant_id", "party_id"], ["party.tenant_id", "party.id"]),
)

tombstone = Table(
    "tombstone",
    metadata,
    Column("tenant_id", UUID, primary_key=True),
    Column("object_kind", Text, primary_key=True),
    Column("object_id", UUID, primary_key=True),
    Column("erased_at", DateTime(timezone=True), nullable=False),
    Column("erased_by", Text, nullable=False),
    Column("certificate", JSONB, nullable=False, comment="What was erased and what is kept until when, without names"),
    Column("sha256", LargeBinary, nullable=False, comment="Of the certificate in its canonical form"),
    ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
)
