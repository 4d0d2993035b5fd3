"""Documents that follow each other: order to delivery to invoice, scale to credit, with quantities that add up."""

import asyncio
from decimal import Decimal
from typing import Any

import httpx
import pytest
from tests.support.invoices import PARTY, item
from tests.support.trade import Desk, failures, of

CUSTOMER = str(PARTY)
FARMER = "01980000-0001-7000-8000-000000000002"
OTHER = "01980000-0001-7000-8000-000000000003"
WHEAT, MINERAL_FEED, FREIGHT = item(1), item(8), item(18)
WEIGHED = {
    "vehicle": "SR-LH 204",
    "first_kg": "39840",
    "first_at": "2026-08-03T09:12:00Z",
    "second_kg": "14960",
    "second_at": "2026-08-03T09:31:00Z",
}


@pytest.fixture
def desk(client: httpx.AsyncClient) -> Desk:
    return Desk(client)


async def test_a_quotation_becomes_order_deliveries_and_invoice(desk: Desk) -> None:
    quotation = await desk.posts("quotations", CUSTOMER, {"item_id": WHEAT, "quantity": "50", "unit": "t"})
    order = await desk.posts("sales-orders", CUSTOMER, of(quotation), reference="Best. 77")
    first = await desk.posts("delivery-notes", CUSTOMER, of(order, quantity="24.5"))
    second = await desk.posts("delivery-notes", CUSTOMER, of(order))
    invoice = await desk.posts("invoices", CUSTOMER, of(first), of(second))
    assert [one["number"][:3] for one in (quotation, order, first, invoice)] == ["QUO", "ORD", "DLV", "INV"]
    assert (second["lines"][0]["quantity"], second["lines"][0]["unit"]) == ("25.5000", "t")
    assert invoice["net_total"] == quotation["net_total"] == "10200.00"
    assert order["reference"] == "Best. 77"


async def test_what_is_dispatched_or_ordered_is_not_in_the_book(desk: Desk) -> None:
    order = await desk.posts("sales-orders", CUSTOMER, {"item_id": WHEAT, "quantity": "10"})
    await desk.posts("delivery-notes", CUSTOMER, of(order))
    assert (await desk.reads("journal"))["items"] == []


async def test_more_than_the_tolerance_is_refused_with_the_numbers(desk: Desk) -> None:
    order = await desk.posts("sales-orders", CUSTOMER, {"item_id": WHEAT, "quantity": "50", "unit": "t"})
    await desk.posts("delivery-notes", CUSTOMER, of(order, quantity="30"))
    within = await desk.tries("delivery-notes", CUSTOMER, of(order, quantity="22.5"))
    beyond = await desk.tries("delivery-notes", CUSTOMER, of(order, quantity="225.0001", unit="dt"))
    assert within.status_code == 201
    assert beyond.status_code == 422
    assert failures(beyond)["more_than_source"] == (
        f"Position 1 of {order['number']} is 50 t; 30 t of it are taken already, 22.50001 t would come now: "
        "0.00001 t more than the tolerance of 5 % allows."
    )


async def test_pieces_have_no_tolerance(desk: Desk) -> None:
    order = await desk.posts("sales-orders", CUSTOMER, {"item_id": MINERAL_FEED, "quantity": "10"})
    assert (await desk.tries("delivery-notes", CUSTOMER, of(order, quantity="11"))).status_code == 422


async def test_of_two_drafts_that_fit_alone_only_one_is_posted(desk: Desk) -> None:
    order = await desk.posts("sales-orders", CUSTOMER, {"item_id": MINERAL_FEED, "quantity": "10"})
    drafts = [await desk.writes("delivery-notes", CUSTOMER, of(order, quantity="6")) for _ in range(2)]
    answers = await asyncio.gather(*(desk.acts("delivery-notes", draft, "post", "olga") for draft in drafts))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    refusal = next(answer for answer in answers if answer.status_code == 409)
    assert "2 piece more than there is" in failures(refusal)["more_than_source"]


async def test_what_was_delivered_and_billed_is_not_billed_again_by_the_order(desk: Desk) -> None:
    order = await desk.posts("sales-orders", CUSTOMER, {"item_id": MINERAL_FEED, "quantity": "10"})
    delivery = await desk.posts("delivery-notes", CUSTOMER, of(order, quantity="6"))
    await desk.posts("invoices", CUSTOMER, of(delivery))
    assert (await desk.tries("invoices", CUSTOMER, of(order, quantity="5"))).status_code == 422
    await desk.posts("invoices", CUSTOMER, of(order, quantity="4"))
    assert (await desk.tries("invoices", CUSTOMER, of(delivery))).status_code == 422


async def test_what_the_order_was_billed_is_not_billed_again_by_the_delivery(desk: Desk) -> None:
    order = await desk.posts("sales-orders", CUSTOMER, {"item_id": MINERAL_FEED, "quantity": "10"})
    await desk.posts("invoices", CUSTOMER, of(order))
    delivery = await desk.posts("delivery-notes", CUSTOMER, of(order, quantity="6"))
    answer = await desk.tries("invoices", CUSTOMER, of(delivery, quantity="6"))
    assert f"Position 1 of {order['number']} is 10 piece" in failures(answer)["more_than_source"]


async def test_a_reversed_delivery_may_be_delivered_again(desk: Desk) -> None:
    order = await desk.posts("sales-orders", CUSTOMER, {"item_id": MINERAL_FEED, "quantity": "10"})
    delivery = await desk.posts("delivery-notes", CUSTOMER, of(order))
    assert (await desk.tries("delivery-notes", CUSTOMER, of(order, quantity="1"))).status_code == 422
    await desk.moves("delivery-notes", delivery, "reverse", "max")
    assert (await desk.posts("delivery-notes", CUSTOMER, of(order)))["lines"][0]["quantity"] == "10.0000"


async def test_what_others_follow_is_reversed_last(desk: Desk) -> None:
    order = await desk.posts("sales-orders", CUSTOMER, {"item_id": WHEAT, "quantity": "10"})
    delivery = await desk.posts("delivery-notes", CUSTOMER, of(order))
    answer = await desk.acts("sales-orders", order, "reverse", "max")
    assert answer.status_code == 409
    assert failures(answer) == {"has_followers": f"{delivery['number']} follow it; reverse them first."}


async def test_a_credit_note_is_of_an_invoice_and_never_more_than_it(desk: Desk) -> None:
    invoice = await desk.posts("invoices", CUSTOMER, {"item_id": MINERAL_FEED, "quantity": "10"})
    free = await desk.tries("credit-notes", CUSTOMER, {"item_id": MINERAL_FEED, "quantity": "1"})
    dear = await desk.tries("credit-notes", CUSTOMER, of(invoice, quantity="10", unit_price="21.41"))
    many = await desk.tries("credit-notes", CUSTOMER, of(invoice, quantity="11", unit_price="1"))
    assert failures(free) == {"source_missing": "Every line of a credit note must follow a line of: invoice."}
    assert failures(dear) == {
        "more_than_amount": f"Position 1 of {invoice['number']} is 214.00; 0.00 of it are credited already, 214.10 "
        "would come now."
    }
    assert "more_than_source" in failures(many)
    credit = await desk.posts("credit-notes", CUSTOMER, of(invoice, quantity="2"))
    [_, entry] = (await desk.reads("journal"))["items"]
    assert [(line["account"], line["debit"], line["credit"]) for line in entry["lines"]] == [
        ("1400", "0.00", credit["gross_total"]),
        ("8300", "42.80", "0.00"),
        ("1771", "3.00", "0.00"),
    ]


async def test_a_lorry_is_weighed_twice_and_the_farmer_is_credited_at_his_flat_rate(desk: Desk) -> None:
    first_only = {name: value for name, value in WEIGHED.items() if not name.startswith("second")}
    ticket = await desk.writes("weighing-tickets", FARMER, {"item_id": WHEAT, "weighing": first_only})
    early = await desk.acts("weighing-tickets", ticket, "post", "olga")
    assert failures(early) == {"not_weighed": "Line 1 has no net weight yet; weigh the vehicle again."}
    lines = [{"item_id": WHEAT, "weighing": WEIGHED, "moisture": "16.5", "impurity": "2.4"}]
    answer = await desk.client.put(
        f"/api/v1/weighing-tickets/{ticket['id']}",
        json={"party_id": FARMER, "lines": lines},
        headers={"Authorization": "Bearer olga", "If-Match": '"1"'},
    )
    ticket = await desk.moves("weighing-tickets", answer.json(), "post", "olga")
    assert (ticket["lines"][0]["quantity"], ticket["lines"][0]["unit"]) == ("248.8000", "dt")

    credit = await desk.posts("self-billed-credits", FARMER, of(ticket, unit_price="18.20"))
    # 248.8 dt less 0.4 % impurity, less 2 x 1.3 % shrinkage = 241.3619 dt; x 18.20 = 4392.79; drying 2 x 0.42 x 248.8
    # = 208.99; 4392.7866 - 208.992 = 4183.79; x 7.8 % = 326.34
    assert (credit["net_total"], credit["tax_total"]) == ("4183.79", "326.34")
    assert credit["lines"][0]["tax_code"] == "farmer"
    [entry] = (await desk.reads("journal"))["items"]
    assert [(line["account"], line["debit"], line["credit"]) for line in entry["lines"]] == [
        ("1600", "0.00", "4510.13"),
        ("3300", "4183.79", "0.00"),
        ("1570", "326.34", "0.00"),
    ]


async def test_what_was_weighed_is_paid_once(desk: Desk) -> None:
    ticket = await desk.posts("weighing-tickets", FARMER, {"item_id": WHEAT, "weighing": WEIGHED})
    await desk.posts("self-billed-credits", FARMER, of(ticket))
    again = await desk.tries("supplier-invoices", FARMER, of(ticket, quantity="1"))
    assert "more_than_source" in failures(again)


@pytest.mark.parametrize(
    ("collection", "party", "code"),
    [
        ("invoices", OTHER, "source_party"),
        ("credit-notes", CUSTOMER, "source_kind"),
        ("supplier-invoices", CUSTOMER, "source_kind"),
    ],
)
async def test_a_document_follows_what_is_its_own(desk: Desk, collection: str, party: str, code: str) -> None:
    order = await desk.posts("sales-orders", CUSTOMER, {"item_id": WHEAT, "quantity": "10"})
    assert code in failures(await desk.tries(collection, party, of(order)))


async def test_only_what_is_posted_is_followed(desk: Desk) -> None:
    draft = await desk.writes("sales-orders", CUSTOMER, {"item_id": WHEAT, "quantity": "10"})
    assert "source_not_posted" in failures(await desk.tries("delivery-notes", CUSTOMER, of(draft)))
    assert "source_unknown" in failures(await desk.tries("delivery-notes", CUSTOMER, of(draft, position=2)))
    foreign = await desk.tries("delivery-notes", CUSTOMER, of(draft), person="bruno")
    assert "source_unknown" in failures(foreign)


async def test_freight_is_taxed_as_the_goods_it_goes_with(desk: Desk) -> None:
    goods = [{"item_id": WHEAT, "quantity": "100"}, {"item_id": item(9), "quantity": "10"}]
    freight = {"item_id": FREIGHT, "amount": "100.00"}
    invoice = await desk.writes("invoices", CUSTOMER, *goods, freight=freight, discount="10")
    # 2040.00 x 0.9 = 1836.00 at 7 %, 2980.00 x 0.9 = 2682.00 at 19 %: freight 40.64 and 59.36, without discount
    shares = [(line["tax_code"], line["net"]) for line in invoice["lines"] if line["freight"]]
    assert shares == [("reduced", "40.64"), ("standard", "59.36")]
    assert invoice["net_total"] == "4618.00"


async def test_a_buyer_owes_the_tax_of_what_it_bought_abroad(desk: Desk) -> None:
    austrian = (await desk.reads("parties", text="Innviertel"))["items"][0]["id"]
    sold = await desk.writes("invoices", austrian, {"item_id": WHEAT, "quantity": "10"})
    assert (sold["tax_total"], sold["lines"][0]["tax_code"]) == ("0.00", "intra_community")
    bought = await desk.posts("supplier-invoices", austrian, {"item_id": WHEAT, "quantity": "10"}, reference="R 1")
    assert (bought["tax_total"], bought["taxes"][0]["self_assessed"]) == ("0.00", "12.57")
    [entry] = (await desk.reads("journal"))["items"]
    assert [(line["account"], line["debit"], line["credit"]) for line in entry["lines"]] == [
        ("1600", "0.00", "179.50"),
        ("3300", "179.50", "0.00"),
        ("1572", "12.57", "0.00"),
        ("1772", "0.00", "12.57"),
    ]


@pytest.mark.parametrize("collection", ["supplier-invoices", "self-billed-credits", "credit-notes", "delivery-notes"])
async def test_a_reversal_takes_back_whatever_it_was(desk: Desk, collection: str) -> None:
    lines: list[dict[str, Any]] = [{"item_id": WHEAT, "quantity": "10", "moisture": "17", "impurity": "3"}]
    if collection == "credit-notes":
        lines = [of(await desk.posts("invoices", CUSTOMER, *lines))]
    document = await desk.posts(collection, CUSTOMER, *lines)
    before = (await desk.reads("journal"))["items"]
    await desk.moves(collection, document, "reverse", "anna")
    after = (await desk.reads("journal"))["items"][len(before) :]
    sums: dict[str, Decimal] = {}
    for entry in [*before[1 if collection == "credit-notes" else 0 :], *after]:
        for line in entry["lines"]:
            change = Decimal(line["debit"]) - Decimal(line["credit"])
            sums[line["account"]] = sums.get(line["account"], Decimal(0)) + change
    assert set(sums.values()) <= {Decimal("0.00")}
    assert len(after) == (collection != "delivery-notes")
    assert (await desk.reads("journal/verify"))["verified"] is True
