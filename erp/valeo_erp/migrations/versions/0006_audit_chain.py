"""The chain over the audit trail.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "audit_link",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.UUID(), nullable=False, comment="No foreign key: a removed entry must leave its link"),
        sa.Column(
            "salt", sa.LargeBinary(), nullable=True, comment="Empty once the personal part of the entry is erased"
        ),
        sa.Column("personal_digest", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_audit_link_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("tenant_id", "sequence", name=op.f("pk_audit_link")),
        sa.UniqueConstraint("tenant_id", "entry_id", name=op.f("uq_audit_link_tenant_id_entry_id")),
    )
    op.execute("revoke update, delete, truncate on audit_link from valeo_application")
    op.execute(
        "create trigger append_only before update or delete on audit_link for each row execute function refuse_change()"
    )
    op.execute(
        "create trigger append_only_truncate before truncate on audit_link "
        "for each statement execute function refuse_change()"
    )
    op.execute("select protect_tenant_table('audit_link')")


def downgrade() -> None:
    op.drop_table("audit_link")
