"""Jobs that make files in the background, and the parts of their files.

Workers take jobs of whichever tenant, so these tables show their rows to them; people see their own.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"

STATES = "state in ('waiting', 'running', 'done', 'failed', 'cancelled', 'expired')"


def upgrade() -> None:
    op.create_table(
        "export_job",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("wish", postgresql.JSONB(), nullable=False, comment="What file is wanted"),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("principal", postgresql.JSONB(), nullable=False, comment="Who asked, with the roles of that moment"),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("expires_at", sa.DateTime(timezone=True)),
        sa.Column("done", sa.Integer(), nullable=False, server_default="0", comment="Documents so far"),
        sa.Column("total", sa.Integer(), comment="Documents altogether"),
        sa.Column("attempts", sa.SmallInteger(), nullable=False, server_default="0"),
        sa.Column("leased_by", sa.Text()),
        sa.Column("leased_until", sa.DateTime(timezone=True)),
        sa.Column("file", postgresql.JSONB(), comment="Name, media type, length, sha-256 in hex, snapshot"),
        sa.Column("problem", sa.Text(), comment="Why it failed"),
        sa.Column("link_digest", sa.LargeBinary(), comment="sha-256 of the one-time link"),
        sa.Column("link_until", sa.DateTime(timezone=True)),
        sa.CheckConstraint(STATES, name=op.f("ck_export_job_state")),
        sa.CheckConstraint(
            "(state = 'done') <= (file is not null and expires_at is not null)", name=op.f("ck_export_job_done")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_export_job")),
    )
    op.create_index(
        "ix_export_job_open",
        "export_job",
        ["requested_at"],
        postgresql_where=sa.text("state in ('waiting', 'running')"),
    )
    op.create_index(
        "ix_export_job_link",
        "export_job",
        ["link_digest"],
        unique=True,
        postgresql_where=sa.text("link_digest is not null"),
    )
    op.create_table(
        "export_part",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("job_id", sa.UUID(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "job_id"],
            ["export_job.tenant_id", "export_job.id"],
            name=op.f("fk_export_part_tenant_id_export_job"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "job_id", "position", name=op.f("pk_export_part")),
        comment="The file of a finished job",
    )
    for table in ("export_job", "export_part"):
        op.execute(f"select protect_tenant_table('{table}')")
        op.execute(f"select show_to_every_tenant('{table}', 'all')")


def downgrade() -> None:
    op.drop_table("export_part")
    op.drop_table("export_job")
