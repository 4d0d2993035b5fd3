"""The table of tenants, with what §14 UStG wants to know of the supplier."""

from sqlalchemy import CheckConstraint, Column, DateTime, Table, Text, func
from sqlalchemy.dialects.postgresql import UUID

from valeo_erp.kernel.database import metadata

tenant = Table(
    "tenant",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("slug", Text, nullable=False, unique=True, comment="The value of the tenant claim"),
    Column("name", Text, nullable=False),
    Column("street", Text, nullable=False),
    Column("postal_code", Text, nullable=False),
    Column("city", Text, nullable=False),
    Column("country", Text, nullable=False),
    Column("vat_id", Text, nullable=False),
    Column("tax_number", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("bank_name", Text, nullable=False),
    Column("iban", Text, nullable=False),
    Column("bic", Text, nullable=False),
    Column("register_entry", Text, nullable=False, comment="Court, number and managing directors (§35a GmbHG)"),
    Column("chart", Text, nullable=False, server_default="skr03", comment="Of accounts: skr03 or skr04"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("chart in ('skr03', 'skr04')", name="chart"),
)
