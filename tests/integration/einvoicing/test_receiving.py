"""Received e-invoices become drafts: from one trader's print to the other trader's purchase, through the web API."""

import asyncio
import hashlib
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from tests.support.einvoices import embedded
from tests.support.invoices import INVOICES, posted
from tests.support.sign_in import Browser, browser

INBOX = "/api/v1/supplier-invoices/e-invoice"
BRUNO = {"Authorization": "Bearer bruno"}
HOFMANN_VAT, BRANDT_VAT = "DE287145093", "DE315772403"
SELLER = {
    "number": "70001",
    "name": "Landhandel Hofmann GmbH",
    "street": "Siemensstraße 12",
    "postal_code": "94315",
    "city": "Straubing",
    "vat_id": HOFMANN_VAT,
}


async def api(client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await client.post(f"/api/v1/{path}", json=body, headers={"Authorization": "Bearer adam"})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


@pytest.fixture
async def buyer(client: httpx.AsyncClient) -> dict[str, Any]:
    """Brandt, as a customer of Hofmann."""
    address = {"street": "Hafenstraße 5", "postal_code": "39387", "city": "Oschersleben", "vat_id": BRANDT_VAT}
    return await api(client, "parties", {"number": "10099", "name": "Brandt Agrarhandel e. K.", **address})


@pytest.fixture
async def issued(client: httpx.AsyncClient, buyer: dict[str, Any]) -> dict[str, Any]:
    """An invoice that Hofmann posted, with grain, discount and two rates."""
    return await posted(client, party_id=buyer["id"])


async def paper_of(client: httpx.AsyncClient, invoice: dict[str, Any], kind: str = "pdf") -> bytes:
    answer = await client.get(f"{INVOICES}/{invoice['id']}/{kind}", headers={"Authorization": "Bearer olga"})
    assert answer.status_code == 200, answer.text
    return answer.content


@pytest.fixture
async def seller(client: httpx.AsyncClient) -> dict[str, Any]:
    """Hofmann, as a supplier of Brandt, whose items are called alike."""
    answer = await client.post("/api/v1/parties", json=SELLER, headers=BRUNO)
    assert answer.status_code == 201, answer.text
    listed = await client.get("/api/v1/items?limit=200", headers={"Authorization": "Bearer adam"})
    for item in listed.json()["items"]:
        body = {name: value for name, value in item.items() if name not in ("id", "version", "updated_at")}
        made = await client.post("/api/v1/items", json=body, headers=BRUNO)
        assert made.status_code == 201, made.text
    party: dict[str, Any] = answer.json()
    return party


async def sent(
    client: httpx.AsyncClient,
    content: bytes,
    name: str = "Rechnung.pdf",
    headers: dict[str, str] | None = None,
    **more: str,
) -> httpx.Response:
    return await client.post(INBOX, params={"name": name, **more}, content=content, headers=BRUNO | (headers or {}))


def codes(answer: httpx.Response) -> list[str]:
    return [failure["code"] for failure in answer.json()["failures"]]


@pytest.mark.parametrize(("kind", "name"), [("pdf", "Rechnung.pdf"), ("xrechnung", "Rechnung.xml")])
async def test_an_issued_invoice_is_the_others_draft_to_the_cent(
    client: httpx.AsyncClient, issued: dict[str, Any], seller: dict[str, Any], kind: str, name: str
) -> None:
    paper = await paper_of(client, issued, kind)

    answer = await sent(client, paper, name)

    assert answer.status_code == 201, answer.text
    draft = answer.json()
    assert (draft["kind"], draft["state"], draft["party_id"]) == ("supplier_invoice", "draft", seller["id"])
    assert draft["reference"] == issued["number"]
    for amount in ("net_total", "tax_total", "gross_total"):
        assert draft[amount] == issued[amount]
    assert [line["net"] for line in draft["lines"]] == [line["net"] for line in issued["lines"]]
    assert [tax["account"] for tax in draft["taxes"]] == ["1576", "1571"][: len(draft["taxes"])] or ["1571"]
    assert (draft["supply_date"], draft["due_date"]) == (issued["supply_date"], issued["due_date"])


async def test_the_file_is_kept_as_it_came(
    client: httpx.AsyncClient, issued: dict[str, Any], seller: dict[str, Any]
) -> None:
    paper = await paper_of(client, issued)
    draft = (await sent(client, paper)).json()

    kept = await client.get(f"/api/v1/supplier-invoices/{draft['id']}/attachments", headers=BRUNO)

    (file,) = kept.json()["items"]
    assert (file["name"], file["sha256"]) == ("Rechnung.pdf", hashlib.sha256(paper).hexdigest())
    got = await client.get(f"/api/v1/supplier-invoices/{draft['id']}/attachments/{file['id']}", headers=BRUNO)
    assert got.content == paper
    history = await client.get(f"/api/v1/supplier-invoices/{draft['id']}/audit", headers=BRUNO)
    assert [entry["action"] for entry in history.json()["items"]] == ["create", "attach"]


async def test_an_unknown_seller_is_named_and_never_made(client: httpx.AsyncClient, issued: dict[str, Any]) -> None:
    paper = await paper_of(client, issued)
    before = (await client.get("/api/v1/parties?limit=200", headers=BRUNO)).json()["items"]

    answer = await sent(client, paper)

    assert (answer.status_code, codes(answer)) == (422, ["seller_unknown"])
    (failure,) = answer.json()["failures"]
    assert HOFMANN_VAT in failure["message"]
    assert "Landhandel Hofmann GmbH" in failure["message"]
    assert "Write it to the party" in failure["message"]
    assert (await client.get("/api/v1/parties?limit=200", headers=BRUNO)).json()["items"] == before


async def test_the_same_invoice_of_the_same_seller_comes_once(
    client: httpx.AsyncClient,
    issued: dict[str, Any],
    seller: dict[str, Any],
    administration: asyncpg.Connection,
) -> None:
    paper, xml = await paper_of(client, issued), await paper_of(client, issued, "xrechnung")
    first = (await sent(client, paper)).json()

    again = await sent(client, xml, "Rechnung.xml")

    assert (again.status_code, again.json()["code"]) == (409, "invoice_twice")
    assert again.json()["document_id"] == first["id"]
    assert issued["number"] in again.json()["detail"]
    refused = await administration.fetch("select action, actor from valeo.audit_entry where outcome = 'refused'")
    assert [tuple(row) for row in refused] == [("receive", "bruno")]


async def test_of_two_who_read_it_in_at_once_one_wins(
    client: httpx.AsyncClient, issued: dict[str, Any], seller: dict[str, Any]
) -> None:
    paper = await paper_of(client, issued)

    answers = await asyncio.gather(*(sent(client, paper) for _ in range(4)))

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]


async def test_a_cancelled_draft_makes_room_for_another_try(
    client: httpx.AsyncClient, issued: dict[str, Any], seller: dict[str, Any]
) -> None:
    paper = await paper_of(client, issued)
    first = (await sent(client, paper)).json()
    headers = BRUNO | {"If-Match": f'"{first["version"]}"'}
    gone = await client.post(f"/api/v1/supplier-invoices/{first['id']}/actions/cancel", json={}, headers=headers)
    assert gone.status_code == 200, gone.text

    assert (await sent(client, paper)).status_code == 201


async def test_a_repeated_request_gets_the_first_answer(
    client: httpx.AsyncClient, issued: dict[str, Any], seller: dict[str, Any]
) -> None:
    paper, key = await paper_of(client, issued), {"Idempotency-Key": "einvoice-0001"}

    first, second = await sent(client, paper, headers=key), await sent(client, paper, headers=key)

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert second.headers["Idempotency-Replayed"] == "true"


async def test_a_difference_is_refused_with_both_numbers_and_nothing_is_left(
    client: httpx.AsyncClient, issued: dict[str, Any], seller: dict[str, Any]
) -> None:
    gross = issued["gross_total"]
    xml = embedded(await paper_of(client, issued)).replace(gross.encode(), b"1.00")

    answer = await sent(client, xml, "Rechnung.xml")

    assert (answer.status_code, codes(answer)) == (422, ["gross_total_differs"])
    assert gross in answer.json()["failures"][0]["message"]
    assert "1.00" in answer.json()["failures"][0]["message"]
    listed = await client.get("/api/v1/supplier-invoices", headers=BRUNO)
    assert listed.json()["items"] == []


async def test_unknown_goods_are_named_line_by_line_until_an_item_is_named_for_them(
    client: httpx.AsyncClient, issued: dict[str, Any]
) -> None:
    await client.post("/api/v1/parties", json=SELLER, headers=BRUNO)
    paper = await paper_of(client, issued)

    refused = await sent(client, paper)

    assert set(codes(refused)) == {"line_item_unknown"}
    assert len(codes(refused)) == len(issued["lines"])
    assert issued["lines"][0]["description"] in refused.json()["failures"][0]["message"]
    item = {"number": "990", "name": "Waren laut Rechnung", "name_en": "Goods", "unit": "dt", "price_base": "1"}
    more = {"list_price": "0", "tax_code": "reduced", "revenue_account": "8300", "cost_account": "3300"}
    made = await client.post("/api/v1/items", json=item | more, headers=BRUNO)
    assert made.status_code == 201, made.text
    taken = await sent(client, paper, item_id=made.json()["id"])
    assert taken.status_code == 201, taken.text
    assert taken.json()["gross_total"] == issued["gross_total"]
    assert {line["item_id"] for line in taken.json()["lines"]} == {made.json()["id"]}
    assert taken.json()["lines"][0]["description"] == issued["lines"][0]["description"]


async def test_an_invoice_to_somebody_else_is_not_ours(
    client: httpx.AsyncClient, issued: dict[str, Any], seller: dict[str, Any]
) -> None:
    xml = embedded(await paper_of(client, issued)).replace(BRANDT_VAT.encode(), b"DE266509133")

    answer = await sent(client, xml, "Rechnung.xml")

    assert codes(answer) == ["not_for_us"]
    assert BRANDT_VAT in answer.json()["failures"][0]["message"]


async def test_two_parties_with_the_sellers_vat_id_are_one_too_many(
    client: httpx.AsyncClient, issued: dict[str, Any], seller: dict[str, Any]
) -> None:
    await client.post("/api/v1/parties", json=SELLER | {"number": "70002"}, headers=BRUNO)

    answer = await sent(client, await paper_of(client, issued))

    assert codes(answer) == ["seller_ambiguous"]
    assert "70001, 70002" in answer.json()["failures"][0]["message"]


@pytest.mark.parametrize(
    ("name", "content", "status", "code"),
    [
        ("x.xml", b"", 422, "file_empty"),
        ("x.txt", b"Rechnung", 422, "file_type"),
        ("x.png", b"\x89PNG\r\n\x1a\n", 422, "file_type"),
        ("x.pdf", b"%PDF-1.7 and nothing", 422, "pdf_damaged"),
        ("x.pdf", b"<?xml version='1.0'?><a/>", 422, "file_name_differs"),
        ("x.xml", b"<?xml version='1.0'?><a/>", 422, "no_einvoice"),
        ("../x.xml", b"<?xml version='1.0'?><a/>", 422, "file_name"),
    ],
)
async def test_what_is_no_e_invoice_is_refused(
    client: httpx.AsyncClient, name: str, content: bytes, status: int, code: str
) -> None:
    answer = await sent(client, content, name)

    assert (answer.status_code, codes(answer)) == (status, [code])


async def test_too_much_is_refused_before_it_is_read(client: httpx.AsyncClient) -> None:
    assert (await sent(client, b"<" * 6_000_000, "x.xml")).status_code == 413


async def test_who_may_not_write_purchases_can_not_read_in(client: httpx.AsyncClient) -> None:
    answer = await client.post(
        INBOX, params={"name": "x.xml"}, content=b"x", headers={"Authorization": "Bearer nobody"}
    )

    assert (answer.status_code, answer.json()["scope"]) == (403, "purchase:write")


@pytest.fixture
async def adam(real_app: FastAPI) -> Any:
    async with browser(real_app) as made:
        await made.signs_in("adam")
        yield made


async def test_the_list_of_supplier_invoices_leads_to_the_form(adam: Browser) -> None:
    assert "/supplier-invoices/e-invoice" in (await adam.erp.get("/supplier-invoices")).text
    assert "/e-invoice" not in (await adam.erp.get("/invoices")).text
    form = await adam.erp.get("/supplier-invoices/e-invoice")
    assert form.status_code == 200
    assert "E-Rechnung einlesen" in form.text
    assert 'type="file"' in form.text


async def test_the_page_says_in_german_what_is_wrong(adam: Browser) -> None:
    answer = await adam.erp.post(
        "/supplier-invoices/e-invoice",
        files={"file": ("x.pdf", b"%PDF-1.7 and nothing", "application/pdf")},
        data={"item_id": ""},
        headers={"Origin": str(adam.erp.base_url), "HX-Request": "true"},
    )

    assert answer.status_code == 422
    assert "Das PDF ist beschädigt" in answer.text
