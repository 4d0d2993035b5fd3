"""The table of items."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Integer,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

from valeo_erp.kernel.database import metadata

item = Table(
    "item",
    metadata,
    Column("tenant_id", UUID, primary_key=True),
    Column("id", UUID, primary_key=True),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("number", Text, nullable=False),
    Column("name", Text, nullable=False, comment="German, as it is printed"),
    Column("name_en", Text, nullable=False),
    Column("unit", Text, nullable=False, comment="t, dt, kg, l or piece"),
    Column("price_base", Numeric(15, 4), nullable=False, comment="The price is for so many units, such as 100 kg"),
    Column("list_price", Numeric(19, 6), nullable=False),
    Column("tax_code", Text, nullable=False),
    Column("revenue_account", Text, nullable=False),
    Column(
        "purchase_price", Numeric(19, 6), nullable=False, server_default="0", comment="For the price base, when bought"
    ),
    Column("cost_account", Text, nullable=False, server_default="3200", comment="Where purchases are booked"),
    Column("tolerance", Numeric(7, 4), nullable=False, server_default="0", comment="Per cent of over-delivery"),
    Column("grain", JSONB, comment="Terms of settlement: base moisture, shrinkage, base impurity, drying price"),
    Column("active", Boolean, nullable=False, server_default="true"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("unit in ('t', 'dt', 'kg', 'l', 'piece')", name="unit"),
    CheckConstraint("price_base > 0", name="price_base"),
    CheckConstraint("list_price >= 0", name="list_price"),
    CheckConstraint("purchase_price >= 0", name="purchase_price"),
    CheckConstraint("tolerance between 0 and 100", name="tolerance"),
    UniqueConstraint("tenant_id", "number"),
    ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
)
