"""A received e-invoice becomes a draft of the same cents, or is refused in words."""

import io
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import facturx
import pypdf
import pytest
from hypothesis import given, settings
from tests.support.einvoices import invoice_lines
from tests.support.papers import FACTS, INVOICE, NOON, SUPPLIER

from valeo_erp.documents.amounts import TaxTerms, totals_of
from valeo_erp.documents.document import Document, Kind, Line, PartySnapshot
from valeo_erp.documents.drafting import draw_up, new_document
from valeo_erp.documents.known import KnownItem, KnownParty, KnownTax, Masters
from valeo_erp.einvoicing import cii, reading
from valeo_erp.einvoicing.drafting import body_of, differences, item_numbers
from valeo_erp.einvoicing.incoming import Read, Syntax, Unreadable
from valeo_erp.einvoicing.received import ReceivedInvoice, received
from valeo_erp.einvoicing.terms import Terms, terms_of, text
from valeo_erp.kernel.problems import Failure
from valeo_erp.printing.facts import PrintFacts

RATES = {"standard": "19", "reduced": "7", "farmer": "7.8", "exempt": "0"}
TAXES = {code: KnownTax(Decimal(rate), "1776", None if rate == "0" else "1576") for code, rate in RATES.items()}
SELLER = KnownParty(
    id=UUID(int=99),
    active=True,
    payment_days=14,
    snapshot=PartySnapshot("70001", SUPPLIER.name, "", "", "", "DE", SUPPLIER.vat_id),
)


def items_of(lines: Sequence[Line]) -> dict[UUID, KnownItem]:
    """The buyer's items, called as the seller's."""
    return {
        UUID(int=line.position): KnownItem(
            id=UUID(int=line.position), number=line.item_number, name=text(line.description) or line.item_number,
            unit=line.price_unit, price_base=line.price_base, list_price=Decimal(0), tax_code=line.tax_code,
            revenue_account="8400", active=True, cost_account="3200",
        )
        for line in lines
    }  # fmt: skip


def masters_of(lines: Sequence[Line]) -> Masters:
    return Masters(party=SELLER, items=items_of(lines), taxes=TAXES)


def calculated(lines: Sequence[Line], discount: Decimal) -> Document:
    terms = {line.tax_code: TaxTerms("1776") for line in lines}
    totals = totals_of(lines, terms, discount)
    return replace(
        INVOICE,
        discount=discount,
        lines=tuple(replace(each, net=net) for each, net in zip(lines, totals.nets, strict=True)),
        taxes=totals.taxes,
        net_total=totals.net_total,
        tax_total=totals.tax_total,
        gross_total=totals.gross_total,
    )


def facts_of(document: Document) -> PrintFacts:
    names = dict.fromkeys(RATES, "steuerfrei")
    return replace(FACTS, document=document, tax_names=names)


def received_from(xml: bytes) -> ReceivedInvoice:
    read = reading.read(xml)
    assert isinstance(read, Read), read
    found = received(read.terms)
    assert isinstance(found, ReceivedInvoice), found
    return found


def drafted(invoice: ReceivedInvoice, masters: Masters) -> Document | list[Failure]:
    body = body_of(invoice, masters, None)
    if isinstance(body, list):
        return body
    content = draw_up(Kind.SUPPLIER_INVOICE, body, masters, date(2026, 7, 21))
    return new_document(UUID(int=1), INVOICE.tenant_id, Kind.SUPPLIER_INVOICE, content, "olga", NOON)


@settings(max_examples=40, deadline=None)
@given(invoice_lines(RATES))
def test_what_one_trader_issued_is_the_same_to_the_cent_at_another(lines: tuple[Line, ...]) -> None:
    document = calculated(lines, Decimal(0))

    draft = drafted(received_from(cii.zugferd(terms_of(facts_of(document)))), masters_of(lines))

    if isinstance(draft, list):  # a discount in cents that is no percentage with four decimals
        assert {failure.code for failure in draft} == {"line_differs"}
        return
    assert [line.net for line in draft.lines] == [line.net for line in document.lines]
    assert (draft.net_total, draft.tax_total, draft.gross_total) == (
        document.net_total,
        document.tax_total,
        document.gross_total,
    )
    assert [(line.quantity, line.unit) for line in draft.lines if line.quality is None]
    assert (draft.reference, draft.document_date, draft.supply_date) == (
        document.number,
        document.document_date,
        document.supply_date,
    )


@settings(max_examples=20, deadline=None)
@given(invoice_lines(RATES, plain=True))
def test_an_invoice_without_discounts_is_never_refused(lines: tuple[Line, ...]) -> None:
    document = calculated(lines, Decimal(0))
    invoice = received_from(cii.xrechnung(terms_of(facts_of(document))))

    draft = drafted(invoice, masters_of(lines))

    assert isinstance(draft, Document), draft
    assert differences(invoice, draft) == []
    assert [line.unit_price for line in draft.lines] == [line.unit_price for line in lines]


def ubl_of(terms: Terms) -> bytes:
    """The same invoice as UBL, by the library."""
    more = {"BT-23": cii.PEPPOL_BILLING, "BT-24": "urn:cen.eu:en16931:2017"}
    written = facturx.generate_ubl_xml(terms | more, level="en16931", check_xsd=True, check_schematron=False)
    return bytes(written)


def test_ubl_says_the_same_as_cii() -> None:
    terms = terms_of(FACTS)
    as_ubl, as_cii = reading.read(ubl_of(terms)), reading.read(cii.zugferd(terms))

    assert isinstance(as_ubl, Read)
    assert isinstance(as_cii, Read)
    assert (as_ubl.syntax, as_cii.syntax) == (Syntax.UBL, Syntax.CII)
    assert received(as_ubl.terms) == received(as_cii.terms)


XML = cii.zugferd(terms_of(FACTS))
TEXT = XML.decode()


def without(pattern: str, put: str = "") -> bytes:
    changed, count = re.subn(pattern, put, TEXT, flags=re.DOTALL)
    assert count, pattern
    return changed.encode()


DTD = TEXT.replace("?>", '?><!DOCTYPE x [<!ENTITY a "b">]>', 1).encode()
LAUGHS = (
    TEXT.replace("?>", '?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>', 1)
    .replace("INV-2026-00001", "&b;")
    .encode()
)
OUTSIDE = TEXT.replace("?>", '?><!DOCTYPE x SYSTEM "file:///etc/passwd">', 1).encode()


def pdf_with(*files: tuple[str, bytes]) -> bytes:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    for name, content in files:
        writer.add_attachment(name, content)
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


BAD_FILES: list[tuple[str, bytes, str]] = [
    ("nothing but a heading", b'<?xml version="1.0"?>', "xml_malformed"),
    ("cut in the middle", XML[:3000], "xml_malformed"),
    ("text", b"Rechnung 17", "xml_malformed"),
    ("a stray byte", XML.replace(b"Uelzen", b"U\xff", 1), "xml_malformed"),
    ("an internal document type", DTD, "xml_with_dtd"),
    ("entities that grow", LAUGHS, "xml_with_dtd"),
    ("a file of the machine", OUTSIDE, "xml_with_dtd"),
    ("another XML", b'<?xml version="1.0"?><order/>', "no_einvoice"),
    ("the right name in another namespace", b'<?xml version="1.0"?><CrossIndustryInvoice/>', "no_einvoice"),
    (
        "ZUGFeRD 1",
        b'<?xml version="1.0"?><a:CrossIndustryDocument xmlns:a="urn:ferd:CrossIndustryDocument:invoice:1p0"/>',
        "zugferd_1",
    ),
    (
        "a credit note in UBL",
        b'<?xml version="1.0"?><CreditNote xmlns="urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2"/>',
        "not_an_invoice",
    ),
    (
        "UBL without anything",
        b'<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"/>',
        "profile_unknown",
    ),
    (
        "no profile",
        without(r"<ram:GuidelineSpecified.*?</ram:GuidelineSpecifiedDocumentContextParameter>"),
        "profile_unknown",
    ),
    ("an empty profile", without(r"urn:cen.eu:en16931:2017", ""), "profile_unknown"),
    ("a profile of somebody", without(r"urn:cen.eu:en16931:2017", "urn:my:profile"), "profile_unknown"),
    ("only totals", without(r"urn:cen.eu:en16931:2017", "urn:factur-x.eu:1p0:minimum"), "profile_without_lines"),
    (
        "no lines by profile",
        without(r"urn:cen.eu:en16931:2017", "urn:factur-x.eu:1p0:basicwl"),
        "profile_without_lines",
    ),
    (
        "no number",
        without(r"<rsm:ExchangedDocument>\s*<ram:ID>.*?</ram:ID>", "<rsm:ExchangedDocument>"),
        "einvoice_invalid",
    ),
    ("no seller", without(r"<ram:SellerTradeParty>.*?</ram:SellerTradeParty>"), "einvoice_invalid"),
    ("a word for an amount", without(r">10595\.63<", ">viel<"), "einvoice_invalid"),
    ("a date that is none", without(r">20260720<", ">20261345<"), "einvoice_invalid"),
    (
        "an element of its own",
        without(r"<ram:BuyerReference>", "<ram:Extra>1</ram:Extra><ram:BuyerReference>"),
        "einvoice_invalid",
    ),
    ("a PDF that is only called one", b"%PDF-1.7\nnot really", "pdf_damaged"),
    ("a PDF without a file", pdf_with(), "no_einvoice"),
    ("a PDF with another file", pdf_with(("order.xml", XML)), "no_einvoice"),
    ("a PDF with two invoices", pdf_with(("factur-x.xml", XML), ("xrechnung.xml", XML)), "several_einvoices"),
    ("a PDF with a broken invoice", pdf_with(("factur-x.xml", XML[:2000])), "xml_malformed"),
]


@pytest.mark.parametrize(("content", "code"), [each[1:] for each in BAD_FILES], ids=[each[0] for each in BAD_FILES])
def test_a_bad_file_is_refused_in_words(content: bytes, code: str) -> None:
    answer = reading.read(content)

    assert isinstance(answer, Unreadable), answer
    assert answer.code == code, answer
    assert len(answer.message) > 20
    assert "ha" * 9 not in answer.message


def test_a_pdf_is_read_by_the_file_inside_of_it() -> None:
    for name in ("factur-x.xml", "ZUGFeRD-invoice.xml", "xrechnung.xml"):
        assert reading.read(pdf_with((name, XML), ("note.txt", b"-"))) == reading.read(XML)


UNFIT: list[tuple[str, dict[str, Any], str]] = [
    ("a credit note", {"BT-3": "381"}, "not_an_invoice"),
    ("a self-billed invoice", {"BT-3": "389"}, "not_an_invoice"),
    ("another currency", {"BT-5": "CHF"}, "currency"),
    ("an allowance on everything", {"BG-20": [{"amount": "1.00"}]}, "allowances_of_document"),
    ("freight on everything", {"BG-21": [{"amount": "1.00"}]}, "charges_of_document"),
    ("paid in part", {"BT-113": "5.00"}, "paid_already"),
    ("rounded", {"BT-114": "0.02"}, "rounded_payment"),
    ("no total", {"BT-112": None}, "einvoice_incomplete"),
    ("two totals", {"BT-112": ["1.00", "2.00"]}, "einvoice_incomplete"),
]


@pytest.mark.parametrize(("more", "code"), [each[1:] for each in UNFIT], ids=[each[0] for each in UNFIT])
def test_what_no_draft_can_say_is_refused_in_words(more: dict[str, Any], code: str) -> None:
    read = reading.read(XML)
    assert isinstance(read, Read)
    terms = {name: value for name, value in (read.terms | more).items() if value is not None}

    answer = received(terms)

    assert isinstance(answer, list)
    assert [failure.code for failure in answer] == [code]


INVOICE_RECEIVED = received_from(XML)
MASTERS = masters_of(INVOICE.lines)


def refused(masters: Masters = MASTERS, **more: Any) -> list[str]:
    """Why an invoice with another first line can not be written."""
    first = replace(INVOICE_RECEIVED.lines[0], **more)
    answer = body_of(replace(INVOICE_RECEIVED, lines=(first, *INVOICE_RECEIVED.lines[1:])), masters, None)
    assert isinstance(answer, list), answer
    return [failure.code for failure in answer]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"unit": "MTK"}, "unit_unknown"),
        ({"unit": "LTR", "price_unit": "LTR"}, "unit_mismatch"),
        ({"price_unit": "LTR"}, "unit_mismatch"),
        ({"quantity": Decimal(-1)}, "quantity"),
        ({"quantity": Decimal("1.00001")}, "quantity"),
        ({"price": Decimal(-1)}, "price"),
        ({"price_base": Decimal(0)}, "price"),
        ({"net": Decimal("3725.01")}, "line_differs"),
        ({"allowances": Decimal(5)}, "line_differs"),
        ({"charges": Decimal(5)}, "line_differs"),
        ({"tax_rate": Decimal(16)}, "tax_differs"),
        ({"category": "AE", "tax_rate": Decimal(0)}, "tax_differs"),
        ({"name": "Something else"}, "line_item_unknown"),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
def test_a_line_that_can_not_be_written_is_named(more: dict[str, Any], code: str) -> None:
    assert refused(**more) == [code]


def test_a_difference_is_told_in_both_numbers() -> None:
    draft = drafted(INVOICE_RECEIVED, MASTERS)
    assert isinstance(draft, Document)

    told = differences(replace(INVOICE_RECEIVED, tax_total=Decimal("1192.25"), gross_total=Decimal("10595.64")), draft)

    assert [failure.code for failure in told] == ["tax_total_differs", "gross_total_differs"]
    assert "1192.25" in told[0].message
    assert "1192.24" in told[0].message


def test_our_number_counts_before_the_sellers() -> None:
    first = replace(INVOICE_RECEIVED.lines[0], buyers_number="A-0001", sellers_number="4711", name="Kalk, wie immer")

    body = body_of(replace(INVOICE_RECEIVED, lines=(first,)), MASTERS, None)

    assert not isinstance(body, list)
    assert body.lines[0].item_id == UUID(int=1)
    assert item_numbers(replace(INVOICE_RECEIVED, lines=(first,))) == ["4711", "A-0001"]


def test_lines_of_unknown_goods_take_the_named_item() -> None:
    first = replace(INVOICE_RECEIVED.lines[0], name="Something else")

    body = body_of(replace(INVOICE_RECEIVED, lines=(first,)), MASTERS, UUID(int=1))

    assert not isinstance(body, list)
    assert body.lines[0].description == "Something else"


def test_allowances_in_cents_and_charges_are_inside_of_the_price() -> None:
    first = replace(
        INVOICE_RECEIVED.lines[0], allowances=Decimal("10.00"), charges=Decimal("2.50"), net=Decimal("3717.50")
    )

    body = body_of(replace(INVOICE_RECEIVED, lines=(first,)), MASTERS, None)

    assert not isinstance(body, list)
    assert (body.lines[0].unit_price, body.lines[0].discount) == (Decimal("29.740000"), Decimal(0))


def test_a_party_is_never_made_of_what_an_invoice_says() -> None:
    with pytest.raises(AssertionError):
        body_of(INVOICE_RECEIVED, replace(MASTERS, party=None), None)
