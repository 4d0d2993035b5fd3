"""The table of prices."""

from sqlalchemy import CheckConstraint, Column, Date, DateTime, ForeignKeyConstraint, Index, Numeric, Table, Text, text
from sqlalchemy.dialects.postgresql import UUID, ExcludeConstraint

from valeo_erp.kernel.database import metadata

price = Table(
    "price",
    metadata,
    Column("tenant_id", UUID, primary_key=True),
    Column("id", UUID, primary_key=True),
    Column("side", Text, nullable=False, comment="sales or purchase"),
    Column("item_id", UUID, nullable=False),
    Column("party_id", UUID, comment="Empty: for everybody who has no price of its own"),
    Column("unit_price", Numeric(19, 6), nullable=False),
    Column("price_base", Numeric(15, 4), nullable=False, comment="For so many of the item's units"),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date, comment="The last day; empty: until further notice"),
    Column("created_by", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    ForeignKeyConstraint(["tenant_id", "item_id"], ["item.tenant_id", "item.id"]),
    ForeignKeyConstraint(["tenant_id", "party_id"], ["party.tenant_id", "party.id"]),
    CheckConstraint("side in ('sales', 'purchase')", name="side"),
    CheckConstraint("unit_price >= 0 and price_base > 0", name="amount"),
    CheckConstraint("valid_to is null or valid_to >= valid_from", name="validity"),
    ExcludeConstraint(
        ("tenant_id", "="),
        ("item_id", "="),
        ("side", "="),
        (text("coalesce(party_id, '00000000-0000-0000-0000-000000000000'::uuid)"), "="),
        (text("daterange(valid_from, valid_to, '[]')"), "&&"),
        using="gist",
        name="ex_price_day",
    ),
    Index("ix_price_of_item", "tenant_id", "item_id", "side", "party_id", "valid_from"),
)
