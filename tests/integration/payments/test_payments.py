"""Money that comes and goes: what it settles, what is still open, and what the book says of it."""

import asyncio
from decimal import Decimal
from typing import Any

import httpx
import pytest
from tests.support.invoices import PARTY, item
from tests.support.trade import Desk, failures, of

CUSTOMER = str(PARTY)
FARMER = "01980000-0001-7000-8000-000000000002"
FEED = item(8)


@pytest.fixture
def desk(client: httpx.AsyncClient) -> Desk:
    return Desk(client)


async def asks(desk: Desk, method: str, path: str, person: str = "anna", **body: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {person}"}
    return await desk.client.request(method, f"/api/v1/{path}", json=body or None, headers=headers)


async def paid(desk: Desk, amount: str, *matches: dict[str, str], party: str = CUSTOMER, **more: str) -> dict[str, Any]:
    body: dict[str, Any] = {"direction": "incoming", "party_id": party, "amount": amount, "matches": list(matches)}
    answer = await asks(desk, "POST", "payments", **body | more)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def settles(document: dict[str, Any], amount: str, **more: str) -> dict[str, str]:
    return {"document_id": document["id"], "amount": amount, **more}


async def open_amounts(desk: Desk, **query: str) -> dict[str, str]:
    return {row["number"]: row["open"] for row in (await desk.reads("open-items", **query))["items"]}


async def accounts(desk: Desk) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for entry in (await desk.reads("journal"))["items"]:
        for line in entry["lines"]:
            change = Decimal(line["debit"]) - Decimal(line["credit"])
            sums[line["account"]] = sums.get(line["account"], Decimal(0)) + change
    return sums


@pytest.fixture
async def invoice(desk: Desk) -> dict[str, Any]:
    """10 x 21.40 = 214.00; x 7 % = 14.98; 228.98."""
    return await desk.posts("invoices", CUSTOMER, {"item_id": FEED, "quantity": "10"})


async def test_an_invoice_is_open_until_it_is_paid(desk: Desk, invoice: dict[str, Any]) -> None:
    assert await open_amounts(desk) == {invoice["number"]: "228.98"}
    await paid(desk, "100.00", settles(invoice, "100.00"))
    assert await open_amounts(desk) == {invoice["number"]: "128.98"}
    await paid(desk, "128.98", settles(invoice, "128.98"))
    assert await open_amounts(desk) == {}
    assert (await accounts(desk))["1400"] == 0
    assert (await accounts(desk))["1200"] == Decimal("228.98")


async def test_a_payment_has_a_number_without_gap_and_is_in_the_chain(desk: Desk, invoice: dict[str, Any]) -> None:
    first = await paid(desk, "1.00")
    assert (
        await asks(desk, "POST", "payments", direction="incoming", party_id=CUSTOMER, amount="0")
    ).status_code == 422
    second = await paid(desk, "1.00")
    assert [first["number"][-5:], second["number"][-5:]] == ["00001", "00002"]
    proof = await desk.reads("number-series/payment/proof")
    assert (proof["complete"], proof["count"]) == (True, 2)
    assert (await desk.reads("journal/verify"))["verified"] is True


async def test_nothing_is_paid_twice(desk: Desk, invoice: dict[str, Any]) -> None:
    body: dict[str, Any] = {"direction": "incoming", "party_id": CUSTOMER, "amount": "228.98"}
    body["matches"] = [settles(invoice, "228.98")]
    answers = await asyncio.gather(*(asks(desk, "POST", "payments", **body) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    refusal = next(answer for answer in answers if answer.status_code == 409)
    assert failures(refusal) == {
        "more_than_open": f"228.98 would be settled; 0.00 of {invoice['number']} is open.",
    }


async def test_what_is_left_of_a_payment_settles_later_invoices(desk: Desk, invoice: dict[str, Any]) -> None:
    payment = await paid(desk, "300.00", settles(invoice, "228.98"))
    second = await desk.posts("invoices", CUSTOMER, {"item_id": FEED, "quantity": "10"})
    much = await asks(desk, "POST", f"payments/{payment['id']}/matches", matches=[settles(second, "71.03")])
    assert failures(much) == {"more_than_payment": "71.03 would be settled; the payment has 71.02 left."}
    answer = await asks(desk, "POST", f"payments/{payment['id']}/matches", matches=[settles(second, "71.02")])
    assert [match["amount"] for match in answer.json()["matches"]] == ["228.98", "71.02"]
    assert await open_amounts(desk) == {second["number"]: "157.96"}
    again = await asks(desk, "DELETE", f"payments/{payment['id']}/matches/{second['id']}")
    assert again.status_code == 200
    assert await open_amounts(desk) == {second["number"]: "228.98"}


async def test_a_cash_discount_within_the_terms_lowers_the_tax_too(desk: Desk, invoice: dict[str, Any]) -> None:
    party = await desk.reads(f"parties/{CUSTOMER}")
    fields = (await desk.client.get("/openapi.json")).json()["components"]["schemas"]["PartyBody"]["properties"]
    terms = {name: party[name] for name in fields} | {"cash_discount": "2", "cash_discount_days": 8}
    headers = {"Authorization": "Bearer max", "If-Match": f'"{party["version"]}"'}
    assert (await desk.client.put(f"/api/v1/parties/{CUSTOMER}", json=terms, headers=headers)).status_code == 200
    # 2 % of 228.98 = 4.58 (half up of 4.5796), of which 4.58 x 7 / 107 = 0.30 is tax
    much = await asks(desk, "POST", "payments", direction="incoming", party_id=CUSTOMER, amount="224.39",
                      matches=[settles(invoice, "224.39", cash_discount="4.59")])  # fmt: skip
    assert "more_than_granted" in failures(much)
    await paid(desk, "224.40", settles(invoice, "224.40", cash_discount="4.58"))
    found = await accounts(desk)
    assert (found["8731"], found["1771"], found["1400"]) == (Decimal("4.28"), Decimal("-14.68"), Decimal(0))
    assert await open_amounts(desk) == {}


async def test_a_credit_note_lowers_what_is_paid(desk: Desk, invoice: dict[str, Any]) -> None:
    credit = await desk.posts("credit-notes", CUSTOMER, of(invoice, quantity="2"))
    assert (await desk.reads(f"parties/{CUSTOMER}/balance"))["open"] == "183.18"
    await paid(desk, "183.18", settles(invoice, "228.98"), settles(credit, "45.80"))
    assert await open_amounts(desk) == {}
    assert (await accounts(desk))["1400"] == 0


async def test_a_farmer_is_paid_what_he_was_credited(desk: Desk) -> None:
    credit = await desk.posts("self-billed-credits", FARMER, {"item_id": item(1), "quantity": "10"})
    assert await open_amounts(desk, side="purchase") == {credit["number"]: credit["gross_total"]}
    gross = credit["gross_total"]
    wrong = await asks(desk, "POST", "payments", direction="incoming", party_id=FARMER, amount=gross,
                       matches=[settles(credit, gross)])  # fmt: skip
    assert "not_open" in failures(wrong)
    await paid(desk, gross, settles(credit, gross), party=FARMER, direction="outgoing")
    assert ((await accounts(desk))["1600"], (await accounts(desk))["1200"]) == (Decimal(0), -Decimal(gross))


async def test_a_payment_that_came_back_opens_what_it_settled(desk: Desk, invoice: dict[str, Any]) -> None:
    payment = await paid(desk, "228.98", settles(invoice, "228.98"))
    settled = await desk.acts("invoices", invoice, "reverse", "anna")
    assert failures(settled) == {"is_settled": f"It is settled by {payment['number']}; take that back first."}
    back = await asks(desk, "POST", f"payments/{payment['id']}/reverse", reason="Rücklastschrift")
    assert (back.json()["amount"], back.json()["reverses_id"]) == ("-228.98", payment["id"])
    twice = await asks(desk, "POST", f"payments/{payment['id']}/reverse", reason="Rücklastschrift")
    assert (twice.status_code, twice.json()["code"]) == (409, "payment_reversed")
    assert await open_amounts(desk) == {invoice["number"]: "228.98"}
    assert (await accounts(desk))["1200"] == 0
    await desk.moves("invoices", invoice, "reverse", "anna")
    assert await open_amounts(desk) == {}


async def test_payments_and_open_items_come_in_pages(desk: Desk) -> None:
    numbers = [(await desk.posts("invoices", CUSTOMER, {"item_id": FEED, "quantity": "1"}))["number"] for _ in range(3)]
    made = [(await paid(desk, "1.00"))["number"] for _ in range(3)]
    for path, expected in (("open-items", numbers), ("payments", made[::-1])):
        seen: list[str] = []
        query: dict[str, Any] = {"limit": 1}
        while True:
            page = await desk.reads(path, **query)
            seen += [row["number"] for row in page["items"]]
            if page["next_cursor"] is None:
                break
            query["cursor"] = page["next_cursor"]
        assert sorted(seen) == sorted(expected)
    assert (await desk.reads("open-items", due_before="2001-01-01"))["items"] == []


async def test_an_operator_records_no_payment(desk: Desk) -> None:
    answer = await asks(desk, "POST", "payments", "olga", direction="incoming", party_id=CUSTOMER, amount="1.00")
    assert (answer.status_code, answer.json()["scope"]) == (403, "ledger:post")
