"""No two prices of an item hold on the same day, for one party or for everybody else, whoever writes them.

Revision ID: 0019
Revises: 0018
"""

from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.execute(
        "alter table price add constraint ex_price_day exclude using gist ("
        "tenant_id with =, item_id with =, side with =, "
        "coalesce(party_id, '00000000-0000-0000-0000-000000000000'::uuid) with =, "
        "daterange(valid_from, valid_to, '[]') with &&)"
    )


def downgrade() -> None:
    op.execute("alter table price drop constraint ex_price_day")
