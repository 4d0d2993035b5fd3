"""Puts the demo traders into an empty or already seeded database: same rows, same ids, every time.

`hofmann.json` and `brandt.json` hold who they are and what they trade, `trade.json` what both share. They name accounts
by their roles; the chart that was chosen says which numbers these are.
"""

import json
from datetime import date, timedelta
from decimal import Decimal
from importlib.resources import files
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import Table, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from valeo_erp.accounts.chart import Chart, Role, number_of
from valeo_erp.items.models import item
from valeo_erp.kernel.clock import Clock, business_date, system_clock
from valeo_erp.kernel.database import connector
from valeo_erp.kernel.settings import Credentials, Settings
from valeo_erp.migrations.provision import OWNER
from valeo_erp.numbering.models import number_series
from valeo_erp.parties.models import party
from valeo_erp.periods.models import period
from valeo_erp.taxes.models import tax_code
from valeo_erp.tenants.models import tenant

TRADERS = ("hofmann", "brandt")
TENANT, _PARTY, _ITEM = range(3)


def seeded_id(noun: int, trader: int, ordinal: int) -> UUID:
    """The fixed identifier of a seeded row, in the form of a UUID version 7."""
    return UUID(f"01980000-{noun:04x}-7000-8{trader:03x}-{ordinal:012x}")


def demo_tenants() -> list[UUID]:
    """The tenants that `seed` makes: in production there is none of them."""
    return [seeded_id(TENANT, 0, ordinal + 1) for ordinal in range(len(TRADERS))]


async def seed(settings: Settings, clock: Clock = system_clock, chart: Chart = Chart.SKR03) -> dict[str, int]:
    """Insert whatever is missing; nothing that is there is changed, so that a trader keeps the chart of the first time.

    Returns:
        How many rows were added, by table.
    """
    owner = Credentials(settings.owner_credentials_dir)
    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=connector(settings, owner, "valeo-erp seed", role=OWNER, lock_timeout="5s"),
        poolclass=NullPool,
    )
    added: dict[str, int] = {}
    async with engine.begin() as connection:
        for ordinal, trader in enumerate(TRADERS):
            for table, rows in _rows_of(
                trader, ordinal, business_date(clock()), await _chart(connection, ordinal, chart)
            ):
                added[table.name] = added.get(table.name, 0) + await _add(connection, table, rows)
    await engine.dispose()
    return added


async def _add(connection: AsyncConnection, table: Table, rows: list[dict[str, Any]]) -> int:
    statement = insert(table).values(rows).on_conflict_do_nothing().returning(table.c[0])
    return len((await connection.execute(statement)).all())


async def _chart(connection: AsyncConnection, ordinal: int, wanted: Chart) -> Chart:
    """The chart that a trader has, or is to have."""
    found = await connection.scalar(select(tenant.c.chart).where(tenant.c.id == demo_tenants()[ordinal]))
    return wanted if found is None else Chart(found)


def _rows_of(trader: str, ordinal: int, today: date, chart: Chart) -> list[tuple[Table, list[dict[str, Any]]]]:
    own, shared = _read(trader), _read("trade")
    key = {"tenant_id": seeded_id(TENANT, 0, ordinal + 1)}
    return [
        (tenant, [own["tenant"] | {"id": key["tenant_id"], "chart": chart.value}]),
        (tax_code, [_tax_code(_in(chart, row)) | key for row in shared["tax_codes"]]),
        (number_series, [row | key for row in shared["number_series"]]),
        (period, [row | key for row in _months(today.year - 1, today.year + 1)]),
        (
            party,
            [
                {"tax_number": None} | row | key | {"id": seeded_id(_PARTY, ordinal, n)}
                for n, row in enumerate(own["parties"], 1)
            ],
        ),
        (
            item,
            [
                _item(_in(chart, row)) | key | {"id": seeded_id(_ITEM, ordinal, n)}
                for n, row in enumerate(own["items"], 1)
            ],
        ),
    ]


def _read(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(files(__package__).joinpath(f"{name}.json").read_text(encoding="utf-8"))
    return read


def _in(chart: Chart, row: dict[str, Any]) -> dict[str, Any]:
    """The row with the accounts of a chart in place of their roles."""
    roles = {name: role for name, role in row.items() if name.endswith("_account") and role is not None}
    return row | {name: number_of(chart, Role(role)) for name, role in roles.items()}


def _item(row: dict[str, Any]) -> dict[str, Any]:
    amounts = ("price_base", "list_price", "purchase_price", "tolerance")
    return row | {name: Decimal(row[name]) for name in amounts}


def _tax_code(row: dict[str, Any]) -> dict[str, Any]:
    ends = row["valid_to"]
    return row | {
        "rate": Decimal(row["rate"]),
        "self_assessed_rate": None if row["self_assessed_rate"] is None else Decimal(row["self_assessed_rate"]),
        "valid_from": date.fromisoformat(row["valid_from"]),
        "valid_to": None if ends is None else date.fromisoformat(ends),
    }


def _months(first_year: int, last_year: int) -> list[dict[str, date]]:
    """Calendar months, each from its first to its last day."""
    starts = [date(year, month, 1) for year in range(first_year, last_year + 2) for month in range(1, 13)]
    months = [(start, following - timedelta(days=1)) for start, following in pairwise(starts)]
    return [{"starts_on": start, "ends_on": end} for start, end in months if start.year <= last_year]
