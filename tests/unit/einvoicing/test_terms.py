"""What an e-invoice says is what the paper says, and the official schema and rules agree."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.einvoices import GRAIN, broken_rules, invoice_lines, values
from tests.support.papers import FACTS, INVOICE, PARTY, REVERSAL_FACTS, SUPPLIER, line

from valeo_erp.calculation.totals import PricedLine, TaxTotal, calculate
from valeo_erp.documents.document import Document, Kind, Line
from valeo_erp.einvoicing import cii
from valeo_erp.einvoicing.rules import missing
from valeo_erp.einvoicing.terms import E_INVOICED, terms_of
from valeo_erp.printing.facts import Followed, PrintFacts

DISCOUNT = Decimal("1.5")
RATES = {"standard": "19", "reduced": "7", "farmer": "7.8", "exempt": "0"}
NAMES = {
    "standard": "Regelsteuersatz",
    "reduced": "Ermäßigt",
    "farmer": "Pauschal",
    "exempt": "steuerfrei nach § 4 UStG",
}


def calculated(lines: Sequence[Line]) -> Document:
    """The invoice with these lines, its amounts by the one calculation of the service."""
    totals = calculate(
        [
            PricedLine(
                each.quantity, each.unit, each.unit_price, each.price_base, each.price_unit, each.discount,
                each.tax_code, each.tax_rate, "1776", DISCOUNT, each.quality,
            )
            for each in lines
        ]
    )  # fmt: skip
    return replace(
        INVOICE,
        discount=DISCOUNT,
        lines=tuple(replace(each, net=net) for each, net in zip(lines, totals.nets, strict=True)),
        taxes=totals.taxes,
        net_total=totals.net_total,
        tax_total=totals.tax_total,
        gross_total=totals.gross_total,
    )


CORRECTED = Followed(Kind.INVOICE, "INV-2026-00007", date(2026, 7, 1))


def facts_of(document: Document, kind: Kind = Kind.INVOICE) -> PrintFacts:
    followed = (CORRECTED,) if kind is Kind.CREDIT_NOTE else ()
    return replace(FACTS, document=replace(document, kind=kind), tax_names=NAMES, followed=followed)


@settings(max_examples=60, deadline=None)
@given(invoice_lines(RATES), st.sampled_from(sorted(E_INVOICED)))
def test_every_amount_of_the_xml_is_that_of_the_document_to_the_cent(some: tuple[Line, ...], kind: Kind) -> None:
    document = calculated(some)

    xml = cii.zugferd(terms_of(facts_of(document, kind)))

    def amount(path: str) -> Decimal:
        (found,) = values(xml, path)
        return Decimal(found)

    nets = values(xml, ".//SpecifiedTradeSettlementLineMonetarySummation/LineTotalAmount")
    assert [Decimal(net) for net in nets] == [each.net for each in document.lines]
    header = ".//SpecifiedTradeSettlementHeaderMonetarySummation"
    assert amount(f"{header}/LineTotalAmount") == amount(f"{header}/TaxBasisTotalAmount") == document.net_total
    assert amount(f"{header}/TaxTotalAmount") == document.tax_total
    assert amount(f"{header}/GrandTotalAmount") == amount(f"{header}/DuePayableAmount") == document.gross_total
    taxes = ".//ApplicableHeaderTradeSettlement/ApplicableTradeTax"
    assert sum(map(Decimal, values(xml, f"{taxes}/CalculatedAmount"))) == document.tax_total
    assert sum(map(Decimal, values(xml, f"{taxes}/BasisAmount"))) == document.net_total


@settings(max_examples=25, deadline=None)
@given(invoice_lines(RATES), st.sampled_from(sorted(E_INVOICED)))
def test_no_invoice_breaks_an_official_rule(some: tuple[Line, ...], kind: Kind) -> None:
    assert broken_rules(cii.zugferd(terms_of(facts_of(calculated(some), kind)))) == []


def test_a_credit_note_says_what_it_corrects_and_asks_for_nothing() -> None:
    xml = cii.xrechnung(terms_of(facts_of(INVOICE, Kind.CREDIT_NOTE)))

    assert values(xml, "./ExchangedDocument/TypeCode") == ["381"]
    assert values(xml, ".//InvoiceReferencedDocument/IssuerAssignedID") == ["INV-2026-00007"]
    assert values(xml, ".//IBANID") == []
    assert missing(terms_of(facts_of(INVOICE, Kind.CREDIT_NOTE))) == []


def test_a_self_billed_credit_has_the_farmer_as_the_seller_with_the_tax_number() -> None:
    farmer = replace(INVOICE, party=replace(PARTY, vat_id=None))
    facts = replace(facts_of(farmer, Kind.SELF_BILLED_CREDIT), party_tax_number="162/225/30471")

    xml = cii.zugferd(terms_of(facts))

    assert values(xml, "./ExchangedDocument/TypeCode") == ["389"]
    assert values(xml, ".//SellerTradeParty/Name") == [PARTY.name]
    assert values(xml, ".//SellerTradeParty/SpecifiedTaxRegistration/ID") == ["162/225/30471"]
    assert values(xml, ".//BuyerTradeParty/Name") == [SUPPLIER.name]
    assert values(xml, ".//BuyerTradeParty/SpecifiedTaxRegistration/ID") == [SUPPLIER.vat_id]
    assert broken_rules(xml) == []


@pytest.mark.parametrize(
    ("kind", "code"), [(Kind.INVOICE, "384"), (Kind.CREDIT_NOTE, "381"), (Kind.SELF_BILLED_CREDIT, "389")]
)
def test_a_reversal_of_every_kind_is_valid_and_names_its_original(kind: Kind, code: str) -> None:
    facts = replace(REVERSAL_FACTS, document=replace(REVERSAL_FACTS.document, kind=kind))

    xml = cii.zugferd(terms_of(facts))

    assert values(xml, "./ExchangedDocument/TypeCode") == [code]
    assert values(xml, ".//InvoiceReferencedDocument/IssuerAssignedID") == ["INV-2026-00001"]
    assert broken_rules(xml) == []


def test_grain_is_told_with_the_settled_quantity_and_what_drying_costs() -> None:
    wheat = replace(
        line(1, "Weizen", "24.5", "204", "0", "7"), quality=GRAIN, net=Decimal("4542.21"), discount=Decimal(0)
    )

    told = terms_of(facts_of(replace(INVOICE, lines=(wheat,)), Kind.SELF_BILLED_CREDIT))["BG-25"][0]

    assert told["BT-129"] == "23.4667"
    assert told["BG-27"] == [{"amount": "245.00", "reason": "Trocknung"}]
    assert Decimal("23.4667") * 204 - 245 - Decimal("4542.21") < Decimal("0.01")


def test_freight_has_no_part_of_the_documents_discount() -> None:
    goods, freight = INVOICE.lines[0], replace(INVOICE.lines[2], freight=True)
    document = replace(INVOICE, discount=Decimal(10), lines=(goods, freight))

    told = terms_of(facts_of(document))["BG-25"]

    assert told[0]["BG-27"][0]["rate"] == "10"
    assert "BG-27" not in told[1]


@pytest.mark.parametrize("facts", [FACTS, REVERSAL_FACTS], ids=["invoice", "reversal"])
def test_the_xrechnung_differs_only_in_what_it_calls_itself(facts: PrintFacts) -> None:
    xml = cii.xrechnung(terms_of(facts))

    assert values(xml, ".//GuidelineSpecifiedDocumentContextParameter/ID") == [cii.XRECHNUNG]
    assert broken_rules(xml) == ["FX-SCH-A-000556"]  # these rules are of the other profile, and know only its name
    assert missing(terms_of(facts)) == []


def test_a_reversal_is_a_correction_that_names_its_original_and_asks_for_nothing() -> None:
    xml = cii.zugferd(terms_of(REVERSAL_FACTS))

    assert values(xml, "./ExchangedDocument/TypeCode") == ["384"]
    assert values(xml, ".//InvoiceReferencedDocument/IssuerAssignedID") == ["INV-2026-00001"]
    assert values(xml, ".//DuePayableAmount") == ["-10595.63"]
    assert values(xml, ".//IBANID") == values(xml, ".//DueDateDateTime") == []
    assert broken_rules(xml) == []


def test_quantity_and_price_are_those_of_the_paper_and_the_base_is_in_the_unit_of_the_quantity() -> None:
    first = terms_of(FACTS)["BG-25"][0]

    assert (first["BT-129"], first["BT-130"]) == ("12.5", "TNE")
    assert (first["BT-146"], first["BT-149"]) == ("29.8", "0.1")


def test_a_discount_is_told_with_what_it_is_taken_from() -> None:
    (discount,) = terms_of(FACTS)["BG-25"][1]["BG-27"]

    assert (discount["base_amount"], discount["rate"], discount["amount"]) == ("5054.48", "2", "101.09")


def test_taxes_of_the_same_rate_are_told_together() -> None:
    document = replace(
        INVOICE,
        taxes=(
            TaxTotal("standard", Decimal(19), Decimal("100.00"), Decimal("19.00"), "1776"),
            TaxTotal("special", Decimal("19.0000"), Decimal("50.00"), Decimal("9.50"), "1777"),
        ),
    )

    (entry,) = terms_of(replace(FACTS, document=document))["BG-23"]

    assert (entry["BT-116"], entry["BT-117"], entry["BT-119"]) == ("150.00", "28.50", "19")


def test_the_reason_of_an_exemption_is_told() -> None:
    document = calculated((line(1, "Weizen", "10", "200", "2000.00", "0"),))

    xml = cii.zugferd(terms_of(facts_of(document)))

    assert values(xml, ".//ApplicableHeaderTradeSettlement/ApplicableTradeTax/ExemptionReason") == [NAMES["exempt"]]
    assert broken_rules(xml) == []


def test_what_xml_can_not_carry_is_left_out() -> None:
    hostile = replace(INVOICE, note="a\ufffeb\u0000c <&> ]]>", party=replace(PARTY, name="\uffff<Hof> & Sohn"))

    xml = cii.zugferd(terms_of(replace(FACTS, document=hostile)))

    assert values(xml, ".//IncludedNote/Content") == ["abc <&> ]]>"]
    assert values(xml, ".//BuyerTradeParty/Name") == ["<Hof> & Sohn"]


def test_what_a_recipient_of_an_xrechnung_would_miss_is_named_at_once() -> None:
    supplier = replace(SUPPLIER, phone="", email="", city=" ", postal_code="")
    party = replace(PARTY, vat_id=None, city="", postal_code="")

    failures = missing(terms_of(replace(FACTS, supplier=supplier, document=replace(INVOICE, party=party))))

    assert [failure.code for failure in failures] == [
        "BR-DE-3", "BR-DE-4", "BR-DE-6", "BR-DE-7", "BR-DE-8", "BR-DE-9", "PEPPOL-EN16931-R010",
    ]  # fmt: skip


def test_a_buyer_without_a_vat_id_has_no_electronic_address_but_a_valid_invoice() -> None:
    facts = replace(FACTS, document=replace(INVOICE, party=replace(PARTY, vat_id=None)))

    assert broken_rules(cii.zugferd(terms_of(facts))) == []


def test_the_dates_of_the_paper_are_told() -> None:
    terms = terms_of(FACTS)

    assert (terms["BT-2"], terms["BT-9"], terms["BT-72"]) == (date(2026, 7, 20), date(2026, 8, 3), date(2026, 7, 17))


def test_the_same_terms_give_the_same_bytes_and_are_not_changed() -> None:
    terms = terms_of(FACTS)

    assert cii.zugferd(terms) == cii.zugferd(terms)
    assert terms == terms_of(FACTS)
