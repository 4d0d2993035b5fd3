"""The branding in versions; archived prints name the version that they were made with.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_table(
        "branding",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False, comment="Counts every change of this version; its ETag"),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("look", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("note", sa.Text(), nullable=False, comment="Why, for whoever puts it in force"),
        sa.Column("logo_media_type", sa.Text(), nullable=True),
        sa.Column("logo_sha256", sa.LargeBinary(), nullable=True),
        sa.Column("logo", sa.LargeBinary(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_by", sa.Text(), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("activated_by", sa.Text(), nullable=True),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state in ('draft', 'proposed', 'active', 'retired')", name=op.f("ck_branding_state")),
        sa.CheckConstraint("(state = 'draft') = (proposed_by is null)", name=op.f("ck_branding_proposed")),
        sa.CheckConstraint(
            "(state in ('active', 'retired')) = (activated_by is not null)", name=op.f("ck_branding_activated")
        ),
        sa.CheckConstraint(
            "activated_by <> created_by and activated_by <> edited_by and activated_by <> proposed_by",
            name=op.f("ck_branding_second_person"),
        ),
        sa.CheckConstraint(
            "num_nulls(logo, logo_sha256, logo_media_type) in (0, 3)", name=op.f("ck_branding_logo_whole")
        ),
        sa.CheckConstraint("logo_sha256 = sha256(logo)", name=op.f("ck_branding_logo_sha256")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_branding_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("tenant_id", "version", name=op.f("pk_branding")),
    )
    op.create_index(
        "uq_branding_active", "branding", ["tenant_id"], unique=True, postgresql_where=sa.text("state = 'active'")
    )
    op.execute("revoke delete, truncate on branding from valeo_application")
    op.execute("select protect_tenant_table('branding')")
    op.add_column(
        "print_archive",
        sa.Column(
            "branding_version",
            sa.Integer(),
            server_default="0",
            nullable=False,
            comment="0: before there was one in force",
        ),
    )


def downgrade() -> None:
    op.drop_column("print_archive", "branding_version")
    op.drop_table("branding")
