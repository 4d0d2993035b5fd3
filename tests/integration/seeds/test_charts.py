"""The seeded company posts its year in both charts of accounts: other numbers, the same book."""

from datetime import UTC, datetime
from decimal import Decimal

import httpx
from tests.support.databases import administrator, cloned_database, settings_for
from tests.support.people import HOFMANN, KnownPeople
from tests.support.trade import Desk

from valeo_erp.accounts.chart import Chart, Role, accounts_of, number_of
from valeo_erp.app import create_app
from valeo_erp.demo.postgres import LocalServer
from valeo_erp.kernel.settings import Settings
from valeo_erp.migrations.migrate import migrate
from valeo_erp.migrations.provision import provision
from valeo_erp.seeds.trader import seed
from valeo_erp.seeds.year import seed_year

YEAR = datetime.now(UTC).year - 1
_SUMS = """
select account, sum(debit) as debit, sum(credit) as credit from valeo.journal_line where tenant_id = $1 group by account
"""


async def sums_by_role(server: LocalServer, database: str, chart: Chart) -> dict[Role, Decimal]:
    """What the book has on each account, by its role; an account that is not in the chart would be a KeyError."""
    roles = {account.number: account.role for account in accounts_of(chart)}
    connection = await administrator(server, database)
    try:
        rows = await connection.fetch(_SUMS, HOFMANN)
    finally:
        await connection.close()
    assert sum(row["debit"] for row in rows) == sum(row["credit"] for row in rows) > 0
    return {roles[row["account"]]: row["debit"] - row["credit"] for row in rows}


async def the_book_is_right(settings: Settings, sums: dict[Role, Decimal]) -> None:
    app = create_app(settings, KnownPeople())
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://erp.test") as client,
    ):
        desk = Desk(client)
        assert (await desk.reads("journal/verify"))["verified"] is True
        owed = (await desk.reads("open-items", limit=200))["items"]
        signs = {"invoice": 1, "credit_note": -1}
        assert sums[Role.RECEIVABLES] == sum(Decimal(row["open"]) * signs[row["kind"]] for row in owed)
        query: dict[str, str | int] = {
            "from": f"{YEAR}-01-01",
            "to": f"{YEAR}-12-31",
            "consultant": 29098,
            "client": 55003,
        }
        batch = await client.get("/api/v1/exports/datev.csv", params=query, headers={"Authorization": "Bearer anna"})
        assert batch.status_code == 200, batch.text


async def test_a_year_in_skr04_is_the_same_book_as_in_skr03_with_other_numbers(
    server: LocalServer, template: str
) -> None:
    other = "valeo_skr04"
    settings = settings_for(server, other)
    await provision(settings)
    await migrate(settings)
    await seed(settings, chart=Chart.SKR04)
    assert sum((await seed(settings)).values()) == 0  # a trader keeps its chart
    async with cloned_database(server, template, "valeo_skr03") as first:
        for name in (first, other):
            assert await seed_year(settings_for(server, name)) > 100
        sums = {
            chart: await sums_by_role(server, name, chart)
            for name, chart in ((first, Chart.SKR03), (other, Chart.SKR04))
        }
        assert sums[Chart.SKR03] == sums[Chart.SKR04]
        for name, chart in ((first, Chart.SKR03), (other, Chart.SKR04)):
            await the_book_is_right(settings_for(server, name), sums[chart])


async def test_an_item_without_a_cost_account_gets_that_of_its_tenants_chart(client: httpx.AsyncClient) -> None:
    body = {"number": "9999", "name": "Probe", "name_en": "Sample", "unit": "t", "list_price": "1"}
    accounts = {"tax_code": "standard", "revenue_account": number_of(Chart.SKR03, Role.REVENUE_STANDARD)}
    made = await client.post("/api/v1/items", json=body | accounts, headers={"Authorization": "Bearer max"})
    assert (made.status_code, made.json()["cost_account"]) == (201, "3200")
