"""Jobs and the files that they made, in parts: any replica can hand them out."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

from valeo_erp.kernel.database import metadata

export_job = Table(
    "export_job",
    metadata,
    Column("tenant_id", UUID, primary_key=True),
    Column("id", UUID, primary_key=True),
    Column("state", Text, nullable=False),
    Column("wish", JSONB, nullable=False, comment="What file is wanted"),
    Column("requested_by", Text, nullable=False),
    Column("principal", JSONB, nullable=False, comment="Who asked, with the roles of that moment"),
    Column("requested_at", DateTime(timezone=True), nullable=False),
    Column("finished_at", DateTime(timezone=True)),
    Column("expires_at", DateTime(timezone=True)),
    Column("done", Integer, nullable=False, server_default="0", comment="Documents so far"),
    Column("total", Integer, comment="Documents altogether"),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("leased_by", Text),
    Column("leased_until", DateTime(timezone=True)),
    Column("file", JSONB, comment="Name, media type, length, sha-256 in hex, snapshot"),
    Column("problem", Text, comment="Why it failed"),
    Column("link_digest", LargeBinary, comment="sha-256 of the one-time link"),
    Column("link_until", DateTime(timezone=True)),
    CheckConstraint("state in ('waiting', 'running', 'done', 'failed', 'cancelled', 'expired')", name="state"),
    CheckConstraint("(state = 'done') <= (file is not null and expires_at is not null)", name="done"),
    Index("ix_export_job_open", "requested_at", postgresql_where=text("state in ('waiting', 'running')")),
    Index("ix_export_job_link", "link_digest", unique=True, postgresql_where=text("link_digest is not null")),
)
export_part = Table(
    "export_part",
    metadata,
    Column("tenant_id", UUID, primary_key=True),
    Column("job_id", UUID, primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
    ForeignKeyConstraint(["tenant_id", "job_id"], ["export_job.tenant_id", "export_job.id"]),
    comment="The file of a finished job",
)
