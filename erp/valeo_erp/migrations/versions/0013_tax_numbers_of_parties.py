"""Parties have a tax number: that of a supplier stands on the credit that we write in its place.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column(
        "party",
        sa.Column(
            "tax_number",
            sa.Text(),
            nullable=True,
            comment="Of a supplier whom we bill in its place (§14 (4) no. 2 UStG)",
        ),
    )


def downgrade() -> None:
    op.drop_column("party", "tax_number")
