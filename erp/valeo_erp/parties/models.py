"""The table of parties."""

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

party = Table(
    "party",
    metadata,
    Column("tenant_id", UUID, primary_key=True),
    Column("id", UUID, primary_key=True),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("number", Text, nullable=False, comment="The debtor or creditor number, such as 10001"),
    Column("name", Text, nullable=False),
    Column("street", Text, nullable=False),
    Column("postal_code", Text, nullable=False),
    Column("city", Text, nullable=False),
    Column("country", Text, nullable=False),
    Column("vat_id", Text),
    Column("tax_number", Text, comment="Of a supplier whom we bill in its place (§14 (4) no. 2 UStG)"),
    Column("tax_status", Text, nullable=False, server_default="regular"),
    Column("payment_days", Integer, nullable=False, server_default="14"),
    Column("cash_discount_days", Integer, nullable=False, server_default="0"),
    Column("cash_discount", Numeric(7, 4), nullable=False, server_default="0", comment="Per cent, within those days"),
    Column("credit_limit", Numeric(15, 2), comment="Of what is open, gross; empty without a limit"),
    Column("active", Boolean, nullable=False, server_default="true"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("tax_status in ('regular', 'small_business', 'flat_rate_farmer')", name="tax_status"),
    CheckConstraint("payment_days between 0 and 365", name="payment_days"),
    CheckConstraint("cash_discount_days between 0 and 365", name="cash_discount_days"),
    CheckConstraint("cash_discount between 0 and 100", name="cash_discount"),
    CheckConstraint("credit_limit >= 0", name="credit_limit"),
    UniqueConstraint("tenant_id", "number"),
    ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
)
