"""Price lists by validity.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "price",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False, comment="sales or purchase"),
        sa.Column("item_id", sa.UUID(), nullable=False),
        sa.Column("party_id", sa.UUID(), nullable=True, comment="Empty: for everybody who has no price of its own"),
        sa.Column("unit_price", sa.Numeric(19, 6), nullable=False),
        sa.Column("price_base", sa.Numeric(15, 4), nullable=False, comment="For so many of the item's units"),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True, comment="The last day; empty: until further notice"),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("side in ('sales', 'purchase')", name=op.f("ck_price_side")),
        sa.CheckConstraint("unit_price >= 0 and price_base > 0", name=op.f("ck_price_amount")),
        sa.CheckConstraint("valid_to is null or valid_to >= valid_from", name=op.f("ck_price_validity")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"], ["item.tenant_id", "item.id"], name=op.f("fk_price_tenant_id_item_id_item")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "party_id"], ["party.tenant_id", "party.id"], name=op.f("fk_price_tenant_id_party_id_party")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_price")),
    )
    op.create_index("ix_price_of_item", "price", ["tenant_id", "item_id", "side", "party_id", "valid_from"])
    op.execute("revoke delete, truncate on price from valeo_application")
    op.execute("select protect_tenant_table('price')")


def downgrade() -> None:
    op.drop_table("price")
