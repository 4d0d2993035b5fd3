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
from sqlalchemy.dialects.postgresql import UUID

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
    Column("active", Boolean, nullable=False, server_default="true"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("unit in ('t', 'dt', 'kg', 'l', 'piece')", name="unit"),
    CheckConstraint("price_base > 0", name="price_base"),
    CheckConstraint("list_price >= 0", name="list_price"),
    UniqueConstraint("tenant_id", "number"),
    ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
)
