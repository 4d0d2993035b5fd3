"""A trader's year from quotation to payment and from the scale to the credit, month by month, and its proofs."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest
from tests.support.invoices import PARTY, item
from tests.support.people import KnownPeople
from tests.support.trade import Desk, of

from valeo_erp.app import create_app
from valeo_erp.kernel.settings import Settings
from valeo_erp.numbering.series import Numbered

CUSTOMER, FARMER = str(PARTY), "01980000-0001-7000-8000-000000000002"
WHEAT, FERTILISER = item(1), item(9)
YEAR = datetime.now(UTC).year - 1  # the seed has the periods of last year, this one and the next
KINDS = [kind.value for kind in Numbered]


class Calendar:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.day = date(YEAR, 1, 1)

    def __call__(self) -> datetime:
        return datetime(self.day.year, self.day.month, self.day.day, 10, tzinfo=UTC)


@pytest.fixture
def calendar() -> Calendar:
    return Calendar()


@pytest.fixture
async def desk(settings: Settings, calendar: Calendar) -> AsyncIterator[Desk]:
    app = create_app(settings, KnownPeople(), calendar)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://erp.test") as client,
    ):
        yield Desk(client)


async def pays(desk: Desk, direction: str, party: str, document: dict[str, Any]) -> None:
    gross = document["gross_total"]
    answer = await desk.client.post(
        "/api/v1/payments",
        json={
            "direction": direction,
            "party_id": party,
            "amount": gross,
            "matches": [{"document_id": document["id"], "amount": gross}],
        },
        headers={"Authorization": "Bearer anna"},
    )
    assert answer.status_code == 201, answer.text


async def sells(desk: Desk, month: int) -> None:
    """From the quotation to two deliveries and one invoice, which is paid; odd months have a credit note."""
    quotation = await desk.posts("quotations", CUSTOMER, {"item_id": FERTILISER, "quantity": "25"})
    order = await desk.posts("sales-orders", CUSTOMER, of(quotation))
    deliveries = [await desk.posts("delivery-notes", CUSTOMER, of(order, quantity=q)) for q in ("12.4", "12.9")]
    invoice = await desk.posts("invoices", CUSTOMER, *(of(delivery) for delivery in deliveries))
    if month % 2:
        await desk.posts("credit-notes", CUSTOMER, of(invoice, quantity="0.3", description="Bruchware"))
    await pays(desk, "incoming", CUSTOMER, invoice)


async def buys(desk: Desk, month: int) -> None:
    """A farmer's grain over the scale and a supplier's fertiliser by its invoice."""
    day = f"{YEAR}-{month:02}-15"
    weighing = {
        "vehicle": "SR-LH 204",
        "first_kg": "39840",
        "first_at": f"{day}T08:12:00Z",
        "second_kg": str(14960 - month),
        "second_at": f"{day}T08:31:00Z",
    }
    line = {"item_id": WHEAT, "weighing": weighing, "moisture": str(14 + month % 4), "impurity": "2.1"}
    ticket = await desk.posts("weighing-tickets", FARMER, line)
    credit = await desk.posts("self-billed-credits", FARMER, of(ticket))
    await pays(desk, "outgoing", FARMER, credit)
    order = await desk.posts("purchase-orders", CUSTOMER, {"item_id": FERTILISER, "quantity": "50"})
    receipt = await desk.posts("goods-receipts", CUSTOMER, of(order, quantity="26"))
    await desk.posts("supplier-invoices", CUSTOMER, of(receipt), reference=f"R-{YEAR}-{month}")


async def test_a_year_ends_with_whole_numbers_a_balanced_book_and_closed_periods(
    desk: Desk, calendar: Calendar
) -> None:
    for month in range(1, 13):
        calendar.day = date(YEAR, month, 15)
        await sells(desk, month)
        await buys(desk, month)
        if month == 6:
            wrong = await desk.posts("invoices", CUSTOMER, {"item_id": WHEAT, "quantity": "1"})
            await desk.moves("invoices", wrong, "reverse", "anna")
    for kind in KINDS:
        proof = await desk.reads(f"number-series/{kind}/proof", year=YEAR)
        assert proof["complete"], proof
    assert (await desk.reads("number-series/invoice/proof", year=YEAR))["count"] == 14
    await closes_the_year(desk)
    await the_book_is_right(desk)


async def closes_the_year(desk: Desk) -> None:
    for month in range(1, 13):
        closed = await desk.client.post(
            f"/api/v1/periods/{YEAR}-{month:02}-01/close", headers={"Authorization": "Bearer anna", "If-Match": '"1"'}
        )
        assert closed.status_code == 200, closed.text
    late = await desk.approves("invoices", await desk.writes("invoices", CUSTOMER, {"item_id": WHEAT, "quantity": "1"}))
    answer = await desk.acts("invoices", late, "post", "anna")
    assert (answer.status_code, answer.json()["failures"][0]["code"]) == (409, "period_closed")


async def the_book_is_right(desk: Desk) -> None:
    """The chain verifies, debits are credits, and the accounts of customers and suppliers are what is open."""
    assert (await desk.reads("journal/verify"))["verified"] is True
    entries, query = list[dict[str, Any]](), dict[str, Any](limit=200)
    while True:
        page = await desk.reads("journal", **query)
        entries += page["items"]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    sums: dict[str, Decimal] = {}
    for line in (line for entry in entries for line in entry["lines"]):
        change = Decimal(line["debit"]) - Decimal(line["credit"])
        sums[line["account"]] = sums.get(line["account"], Decimal(0)) + change
    assert sum(sums.values()) == 0
    owed = (await desk.reads("open-items", limit=200))["items"]
    owing = (await desk.reads("open-items", side="purchase", limit=200))["items"]
    assert sums["1400"] == sum(Decimal(row["open"]) * (-1 if row["kind"] == "credit_note" else 1) for row in owed)
    assert sums["1600"] == -sum(Decimal(row["open"]) for row in owing)
    assert ({row["kind"] for row in owed}, {row["kind"] for row in owing}) == ({"credit_note"}, {"supplier_invoice"})
