"""Periods and tax codes that people change: versions, and no two that hold on the same day.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.execute("create extension if not exists btree_gist")
    op.add_column("period", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.add_column("tax_code", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.execute(
        "alter table period add constraint ex_period_day "
        "exclude using gist (tenant_id with =, daterange(starts_on, ends_on, '[]') with &&)"
    )
    op.execute(
        "alter table tax_code add constraint ex_tax_code_day "
        "exclude using gist (tenant_id with =, code with =, daterange(valid_from, valid_to, '[]') with &&)"
    )
    for table in ("period", "tax_code"):
        op.execute(f"revoke delete, truncate on {table} from valeo_application")


def downgrade() -> None:
    op.execute("alter table tax_code drop constraint ex_tax_code_day")
    op.execute("alter table period drop constraint ex_period_day")
    op.drop_column("tax_code", "version")
    op.drop_column("period", "version")
    op.execute("drop extension btree_gist")
