"""The tenant of the smoke tests: one customer, one item, one tax code. Without a number series nothing is posted."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from valeo_erp.accounts.chart import Chart, Role, number_of
from valeo_erp.identity.smoke import TENANT, TENANT_ID
from valeo_erp.items.models import item
from valeo_erp.parties.models import party
from valeo_erp.seeds.trader import seeded_id
from valeo_erp.taxes.models import tax_code
from valeo_erp.tenants.models import tenant

_ADDRESS = {"street": "Prüfweg 1", "postal_code": "00000", "city": "Probe", "country": "DE"}

TENANT_ROW = _ADDRESS | {
    "id": TENANT_ID,
    "slug": TENANT,
    "name": "Smoke test",
    "vat_id": "DE000000000",
    "tax_number": "000/000/00000",
    "phone": "-",
    "email": "smoke@valeo.invalid",
    "bank_name": "-",
    "iban": "-",
    "bic": "-",
    "register_entry": "-",
}
PARTY = _ADDRESS | {
    "tenant_id": TENANT_ID,
    "id": seeded_id(1, 0xFFF, 1),
    "number": "10001",
    "name": "Smoke test customer",
    "vat_id": None,
    "tax_status": "regular",
    "payment_days": 14,
}
ITEM = {
    "tenant_id": TENANT_ID,
    "id": seeded_id(2, 0xFFF, 1),
    "number": "1",
    "name": "Probe",
    "name_en": "Sample",
    "unit": "kg",
    "price_base": Decimal(1),
    "list_price": Decimal("10.00"),
    "tax_code": "standard",
    "revenue_account": number_of(Chart.SKR03, Role.REVENUE_STANDARD),
}
TAX_CODE = {
    "tenant_id": TENANT_ID,
    "code": "standard",
    "name": "Umsatzsteuer Regelsatz",
    "valid_from": date(2021, 1, 1),
    "valid_to": None,
    "rate": Decimal(19),
    "tax_account": number_of(Chart.SKR03, Role.OUTPUT_TAX_STANDARD),
}
ROWS: tuple[tuple[Table, Mapping[str, object]], ...] = (
    (tenant, TENANT_ROW),
    (tax_code, TAX_CODE),
    (party, PARTY),
    (item, ITEM),
)


async def add_smoke_tenant(connection: AsyncConnection) -> None:
    """Insert what is missing, as the owner of the schema, which must be at this version's head."""
    for table, row in ROWS:
        await connection.execute(insert(table).values(row).on_conflict_do_nothing())
