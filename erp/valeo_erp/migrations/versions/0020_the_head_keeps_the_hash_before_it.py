"""The head of the chain keeps the hash before it, so that one statement can take a place and write the entry.

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.add_column(
        "journal_head",
        sa.Column("previous_hash", sa.LargeBinary(), nullable=True, comment="As the last booking found it"),
    )


def downgrade() -> None:
    op.drop_column("journal_head", "previous_hash")
