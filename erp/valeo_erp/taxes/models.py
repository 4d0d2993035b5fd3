"""The table of tax codes."""

from sqlalchemy import CheckConstraint, Column, Date, ForeignKeyConstraint, Integer, Numeric, Table, Text, text
from sqlalchemy.dialects.postgresql import UUID, ExcludeConstraint

from valeo_erp.kernel.database import metadata

tax_code = Table(
    "tax_code",
    metadata,
    Column("tenant_id", UUID, primary_key=True),
    Column("code", Text, primary_key=True, comment="Such as standard, reduced, zero"),
    Column("valid_from", Date, primary_key=True),
    Column("valid_to", Date, comment="The last day, empty while it holds"),
    Column("name", Text, nullable=False),
    Column("rate", Numeric(7, 4), nullable=False, comment="Per cent"),
    Column("tax_account", Text, nullable=False, comment="Output tax, when we sell"),
    Column("input_account", Text, comment="Input tax, when we buy; empty where there is none to deduct"),
    Column("self_assessed_rate", Numeric(7, 4), comment="Per cent that we owe and deduct ourselves when we buy"),
    Column("self_assessed_account", Text, comment="Where what we owe ourselves is booked"),
    Column("version", Integer, nullable=False, server_default="1"),
    CheckConstraint("rate between 0 and 100", name="rate"),
    CheckConstraint("valid_to is null or valid_to >= valid_from", name="validity"),
    CheckConstraint("self_assessed_rate between 0 and 100", name="self_assessed_rate"),
    CheckConstraint("(self_assessed_rate is null) = (self_assessed_account is null)", name="self_assessed_account"),
    ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
    ExcludeConstraint(
        ("tenant_id", "="),
        ("code", "="),
        (text("daterange(valid_from, valid_to, '[]')"), "&&"),
        using="gist",
        name="ex_tax_code_day",
    ),
)
