"""E-invoices as recipients get them: inside of the PDF and by themselves, read back by other libraries."""

import hashlib
import io
from decimal import Decimal
from typing import Any

import asyncpg
import facturx
import httpx
import pypdf
import pytest
from tests.support.einvoices import broken_rules, embedded, gross_by_another_library, values
from tests.support.invoices import INVOICES, PARTY, body, item, moved, posted, written

CORRECTION_HEADER = ".//SpecifiedTradeSettlementHeaderMonetarySummation"


async def pdf_of(client: httpx.AsyncClient, document_id: str) -> bytes:
    answer = await client.get(f"{INVOICES}/{document_id}/pdf", headers={"Authorization": "Bearer olga"})
    assert answer.status_code == 200, answer.text
    return answer.content


async def xrechnung(client: httpx.AsyncClient, document_id: str, person: str = "olga") -> httpx.Response:
    return await client.get(f"{INVOICES}/{document_id}/xrechnung", headers={"Authorization": f"Bearer {person}"})


async def receivable(client: httpx.AsyncClient, number: str) -> Decimal:
    """What the journal says of a document: debit less credit of the receivables."""
    journal = await client.get("/api/v1/journal", headers={"Authorization": "Bearer anna"})
    (entry,) = (entry for entry in journal.json()["items"] if entry["document_number"] == number)
    (line,) = (line for line in entry["lines"] if line["account"] == "1400")
    return Decimal(line["debit"]) - Decimal(line["credit"])


def german(amount: Decimal) -> str:
    return f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))


LINES: list[list[dict[str, Any]]] = [
    body()["lines"],
    [{"item_id": item(7), "quantity": "333.3333"}, {"item_id": item(15), "quantity": "7.77", "discount": "12.5"}],
    [{"item_id": item(16), "quantity": "1234.5", "unit_price": "133.337"}],
]


@pytest.mark.parametrize("lines", LINES, ids=["plain", "discounts", "price per 100"])
async def test_the_totals_of_pdf_xml_and_journal_are_equal_to_the_cent(
    client: httpx.AsyncClient, lines: list[dict[str, Any]]
) -> None:
    invoice = await posted(client, lines=lines)

    pdf = await pdf_of(client, invoice["id"])

    xml, gross = embedded(pdf), Decimal(invoice["gross_total"])
    assert gross_by_another_library(xml) == gross
    assert values(xml, f"{CORRECTION_HEADER}/GrandTotalAmount") == [f"{gross:.2f}"]
    assert values(xml, f"{CORRECTION_HEADER}/TaxTotalAmount") == [invoice["tax_total"]]
    assert values(xml, f"{CORRECTION_HEADER}/TaxBasisTotalAmount") == [invoice["net_total"]]
    assert await receivable(client, invoice["number"]) == gross
    assert german(gross) in pypdf.PdfReader(io.BytesIO(pdf)).pages[-1].extract_text()
    assert broken_rules(xml) == []


async def test_a_reversal_takes_back_the_same_cents(client: httpx.AsyncClient) -> None:
    invoice = await posted(client)
    reversed_ = await moved(client, invoice, "reverse", "anna", "Falsche Menge")

    xml = embedded(await pdf_of(client, reversed_["reversed_by_id"]))

    assert values(xml, f"{CORRECTION_HEADER}/GrandTotalAmount") == [f"-{invoice['gross_total']}"]
    assert values(xml, ".//InvoiceReferencedDocument/IssuerAssignedID") == [invoice["number"]]
    assert broken_rules(xml) == []


async def test_other_programs_find_the_invoice_in_the_pdf(client: httpx.AsyncClient) -> None:
    invoice = await posted(client)

    pdf = await pdf_of(client, invoice["id"])

    name, xml = facturx.get_facturx_xml_from_pdf(pdf, check_xsd=True, check_schematron=False)
    assert (name, facturx.get_level(facturx.facturx.etree.fromstring(xml))) == ("factur-x.xml", "en16931")
    catalogue = pypdf.PdfReader(io.BytesIO(pdf)).root_object
    metadata = catalogue["/Metadata"].get_data().decode()  # type: ignore[attr-defined]
    assert 'pdfaid:part="3"' in metadata
    assert 'pdfaid:conformance="B"' in metadata
    assert "<fx:ConformanceLevel>EN 16931</fx:ConformanceLevel>" in metadata
    assert {entry.get_object()["/AFRelationship"] for entry in catalogue["/AF"]} == {"/Alternative"}  # type: ignore[attr-defined]


async def test_a_draft_carries_no_invoice(client: httpx.AsyncClient) -> None:
    draft = await written(client)

    assert dict(pypdf.PdfReader(io.BytesIO(await pdf_of(client, draft["id"]))).attachments) == {}


async def test_what_was_archived_before_stays_as_it_is(
    client: httpx.AsyncClient, administration: asyncpg.Connection
) -> None:
    invoice = await posted(client)
    await administration.execute(
        "insert into valeo.print_archive select tenant_id, id, 'de', sha256('%PDF-old'), '%PDF-old', 'before', now() "
        "from valeo.document where number = $1 and tenant_id = (select tenant_id from valeo.party where id = $2)",
        invoice["number"],
        PARTY,
    )

    assert await pdf_of(client, invoice["id"]) == b"%PDF-old"


async def test_the_xrechnung_of_an_invoice_says_the_same_amounts(client: httpx.AsyncClient) -> None:
    invoice = await posted(client)

    answer = await xrechnung(client, invoice["id"])

    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/xml"
    assert answer.headers["content-disposition"] == f'attachment; filename="{invoice["number"]}-xrechnung.xml"'
    assert values(answer.content, f"{CORRECTION_HEADER}/DuePayableAmount") == [invoice["gross_total"]]
    assert values(answer.content, ".//BuyerReference") == ["10001"]


async def test_an_xrechnung_that_its_recipient_would_reject_is_refused_with_every_reason(
    client: httpx.AsyncClient, administration: asyncpg.Connection
) -> None:
    await administration.execute("update valeo.party set vat_id = null where id = $1", PARTY)
    invoice = await posted(client)
    await administration.execute("update valeo.tenant set street = ''")

    answer = await xrechnung(client, invoice["id"])

    assert (answer.status_code, answer.json()["code"]) == (409, "einvoice_incomplete")
    assert [failure["code"] for failure in answer.json()["failures"]] == ["supplier_address", "PEPPOL-EN16931-R010"]


async def test_a_draft_can_not_be_sent_and_a_stranger_gets_nothing(client: httpx.AsyncClient) -> None:
    draft, invoice = await written(client), await posted(client)

    assert (await xrechnung(client, draft["id"])).json()["code"] == "not_issued"
    statuses = [(await xrechnung(client, invoice["id"], person)).status_code for person in ("bruno", "nobody", "?")]
    assert statuses == [404, 403, 401]


async def test_every_e_invoice_that_is_handed_out_is_audited(
    client: httpx.AsyncClient, administration: asyncpg.Connection
) -> None:
    invoice = await posted(client)

    answer = await xrechnung(client, invoice["id"])

    after = await administration.fetchval(
        "select after::text from valeo.audit_entry where action = 'export' and object_id = $1", invoice["id"]
    )
    assert hashlib.sha256(answer.content).hexdigest() in after
