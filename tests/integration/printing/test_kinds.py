"""Every kind of document on paper, in both languages and on both sheets, read back from the PDF."""

import io
from decimal import Decimal
from typing import Any

import asyncpg
import httpx
import pypdf
import pytest
from tests.support.einvoices import broken_rules, gross_by_another_library, values
from tests.support.invoices import PARTY, item
from tests.support.trade import API, DISPATCHED, Desk, failures, of

from valeo_erp.documents.document import Kind
from valeo_erp.documents.kinds import rules_of
from valeo_erp.einvoicing.terms import E_INVOICED
from valeo_erp.printing.formats import Language
from valeo_erp.printing.titles import TITLES

PARTY_ID, WHEAT = str(PARTY), item(1)
FARMER = "01980000-0001-7000-8000-000000000002"
WHEAT_LINE = {"item_id": WHEAT, "quantity": "50"}
WEIGHED = {
    "vehicle": "SR-LH 204",
    "first_kg": "39840",
    "first_at": "2026-08-03T09:12:00Z",
    "second_kg": "14960",
    "second_at": "2026-08-03T09:31:00Z",
}
A4, LETTER = (595, 842), (612, 792)


@pytest.fixture
def desk(client: httpx.AsyncClient) -> Desk:
    return Desk(client)


async def line_of(desk: Desk, kind: Kind) -> dict[str, Any]:
    match kind:
        case Kind.CREDIT_NOTE:
            return of(await desk.posts("invoices", PARTY_ID, {"item_id": WHEAT, "quantity": "50"}))
        case Kind.WEIGHING_TICKET:
            return {"item_id": WHEAT, "weighing": WEIGHED}
        case _:
            return {"item_id": WHEAT, "quantity": "50"}


async def written(desk: Desk, kind: Kind) -> dict[str, Any]:
    more = {"reference": "R-4711"} if kind is Kind.SUPPLIER_INVOICE else {}
    return await desk.writes(rules_of(kind).collection, PARTY_ID, await line_of(desk, kind), **more)


async def posted(desk: Desk, kind: Kind) -> dict[str, Any]:
    collection = rules_of(kind).collection
    ready = await desk.approves(collection, await written(desk, kind))
    return await desk.moves(collection, ready, "post", "olga" if collection in DISPATCHED else "anna")


async def printed(desk: Desk, kind: Kind, document: dict[str, Any], **query: str) -> pypdf.PdfReader:
    answer = await desk.client.get(
        f"{API}/{rules_of(kind).collection}/{document['id']}/pdf",
        params=query,
        headers={"Authorization": "Bearer olga"},
    )
    assert answer.status_code == 200, answer.text
    return pypdf.PdfReader(io.BytesIO(answer.content))


def text_of(pdf: pypdf.PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in pdf.pages).split())


def size_of(pdf: pypdf.PdfReader) -> tuple[int, int]:
    box = pdf.pages[0].mediabox
    return round(box.width), round(box.height)


@pytest.mark.parametrize("kind", list(Kind))
async def test_a_posted_document_of_every_kind_is_printed_in_both_languages(desk: Desk, kind: Kind) -> None:
    document = await posted(desk, kind)

    for language in Language:
        pdf = await printed(desk, kind, document, language=language.value)

        text = text_of(pdf)
        assert f"{TITLES[language][kind].paper} {document['number']}" in text
        assert size_of(pdf) == A4
        assert "ENTWURF" not in text
        assert "DRAFT" not in text


@pytest.mark.parametrize("kind", list(Kind))
async def test_a_draft_of_every_kind_says_so_and_has_no_number(desk: Desk, kind: Kind) -> None:
    draft = await written(desk, kind)

    pdf = await printed(desk, kind, draft, language="en")

    assert "DRAFT" in text_of(pdf)
    assert dict(pdf.attachments) == {}


@pytest.mark.parametrize("kind", sorted(E_INVOICED))
async def test_paper_xml_and_document_say_the_same_totals(desk: Desk, kind: Kind) -> None:
    document = await posted(desk, kind)

    pdf = await printed(desk, kind, document)

    xml = pdf.attachments["factur-x.xml"][0]
    total = ".//SpecifiedTradeSettlementHeaderMonetarySummation"
    told = [values(xml, f"{total}/{name}")[0] for name in ("TaxBasisTotalAmount", "TaxTotalAmount", "GrandTotalAmount")]
    assert told == [document["net_total"], document["tax_total"], document["gross_total"]]
    assert gross_by_another_library(xml) == Decimal(document["gross_total"])
    assert f"{Decimal(document['gross_total']):,.2f}".translate(str.maketrans(",.", ".,")) in text_of(pdf)
    assert broken_rules(xml) == []


async def test_a_farmers_credit_carries_his_tax_number_and_without_one_no_number_is_used(
    desk: Desk, administration: asyncpg.Connection
) -> None:
    ready = await desk.approves("self-billed-credits", await desk.writes("self-billed-credits", FARMER, WHEAT_LINE))
    await administration.execute("update valeo.party set tax_number = null where id = $1", FARMER)
    refused = await desk.acts("self-billed-credits", ready, "post", "anna")
    assert (refused.status_code, list(failures(refused))) == (409, ["supplier_tax_id"])
    await administration.execute("update valeo.party set tax_number = '162/225/30471' where id = $1", FARMER)

    credit = await desk.moves("self-billed-credits", ready, "post", "anna")

    pdf = await printed(desk, Kind.SELF_BILLED_CREDIT, credit)
    assert "Ihre Steuernummer 162/225/30471" in text_of(pdf)
    assert credit["number"].endswith("00001")


async def test_letter_is_another_print_and_each_stays_as_it_is(desk: Desk) -> None:
    order = await posted(desk, Kind.PURCHASE_ORDER)

    letter = [await printed(desk, Kind.PURCHASE_ORDER, order, language="en", paper="letter") for _ in range(2)]
    a4 = await printed(desk, Kind.PURCHASE_ORDER, order, language="en")

    assert [size_of(pdf) for pdf in (*letter, a4)] == [LETTER, LETTER, A4]
    assert letter[0].stream.read() == letter[1].stream.read()


async def test_a_credit_note_names_the_invoice_that_it_corrects(desk: Desk) -> None:
    credit = await posted(desk, Kind.CREDIT_NOTE)
    (invoice,) = (await desk.reads("invoices"))["items"]

    assert f"Zu: Rechnung {invoice['number']}" in text_of(await printed(desk, Kind.CREDIT_NOTE, credit))


async def test_a_weighing_ticket_says_both_weights_and_no_price(desk: Desk) -> None:
    text = text_of(await printed(desk, Kind.WEIGHING_TICKET, await posted(desk, Kind.WEIGHING_TICKET)))

    assert "SR-LH 204" in text
    assert "39.840 kg 03.08.2026 11:12" in text
    assert "24.880 kg" in text
    assert "€" not in text
