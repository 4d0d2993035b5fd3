"""The register of items."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from valeo_erp.accounts.chart import Role, number_of
from valeo_erp.items.models import item
from valeo_erp.kernel.problems import Failure, invalid
from valeo_erp.kernel.register import Register
from valeo_erp.kernel.unit_of_work import Transaction
from valeo_erp.taxes.models import tax_code
from valeo_erp.tenants.repository import chart_of

ITEMS = Register("item", item, ("number", "name", "name_en"))


async def with_cost_accounts(transaction: Transaction, rows: Sequence[dict[str, Any]]) -> None:
    """Put the account of purchases of the tenant's chart where none is given."""
    left_out = [values for values in rows if values["cost_account"] is None]
    if left_out:
        chart = await chart_of(transaction.connection, transaction.tenant_id)
        for values in left_out:
            values["cost_account"] = number_of(chart, Role.COST)


async def require_tax_code(transaction: Transaction, values: dict[str, Any]) -> None:
    """Refuse an item whose tax nobody could know.

    Raises:
        Problem: 422, the tenant has no such tax code.
    """
    c = tax_code.c
    statement = select(c.code).where(c.tenant_id == transaction.tenant_id, c.code == values["tax_code"]).limit(1)
    if (await transaction.connection.execute(statement)).one_or_none() is None:
        failure = Failure("tax_code_unknown", f"There is no tax code {values['tax_code']}.", "tax_code")
        raise invalid("faulty_item", "The item can not be written like this; see the failures.", [failure])


async def unknown_tax_codes(transaction: Transaction, rows: Sequence[tuple[int, Mapping[str, Any]]]) -> list[Failure]:
    """Every row of a file whose tax nobody could know."""
    c = tax_code.c
    statement = select(c.code).where(c.tenant_id == transaction.tenant_id).distinct()
    known = set((await transaction.connection.execute(statement)).scalars())
    return [
        Failure("tax_code_unknown", f"There is no tax code {values['tax_code']}.", f"row {place}.tax_code")
        for place, values in rows
        if values["tax_code"] not in known
    ]
