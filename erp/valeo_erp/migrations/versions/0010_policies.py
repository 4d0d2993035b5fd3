"""Policies, and the approvals that they ask for.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "policy",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("rules", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("note", sa.Text(), nullable=False, comment="Why, by its author"),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("activated_by", sa.Text(), nullable=True),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state in ('draft', 'active', 'retired')", name=op.f("ck_policy_state")),
        sa.CheckConstraint("(state = 'draft') = (activated_by is null)", name=op.f("ck_policy_activated")),
        sa.CheckConstraint("activated_by <> created_by", name=op.f("ck_policy_second_person")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_policy_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("tenant_id", "version", name=op.f("pk_policy")),
    )
    op.create_index(
        "uq_policy_active", "policy", ["tenant_id"], unique=True, postgresql_where=sa.text("state = 'active'")
    )
    op.create_table(
        "document_approval",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("document_id", sa.UUID(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approver", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "document_id"],
            ["document.tenant_id", "document.id"],
            name=op.f("fk_document_approval_tenant_id_document_id_document"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "document_id", "at", name=op.f("pk_document_approval")),
    )
    op.execute("revoke delete, truncate on policy from valeo_application")
    op.execute("select protect_tenant_table('policy')")
    op.execute("select protect_tenant_table('document_approval')")


def downgrade() -> None:
    op.drop_table("document_approval")
    op.drop_table("policy")
