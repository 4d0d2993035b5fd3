"""API keys, and the mirror of the people who signed in.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "api_key",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False, comment="Which machine holds it"),
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="sha-256 of the secret"),
        sa.Column("scopes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replaces_id", sa.UUID(), nullable=True, comment="The key that this one was made from by rotation"),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True, comment="To the minute"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_api_key_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_key_digest")),
    )
    op.create_table(
        "app_user",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False, comment="The sub claim"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "roles", postgresql.JSONB(astext_type=sa.Text()), nullable=False, comment="As the provider said last"
        ),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False, comment="To five minutes"),
        sa.Column("deactivated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deactivated_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_app_user_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("tenant_id", "subject", name=op.f("pk_app_user")),
    )
    op.execute("revoke delete, truncate on api_key from valeo_application")
    op.execute("select protect_tenant_table('api_key')")
    op.execute("select protect_tenant_table('app_user')")
    op.execute("select show_to_every_tenant('api_key')")


def downgrade() -> None:
    op.drop_table("app_user")
    op.drop_table("api_key")
