"""What stands on the paper, as texts."""

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.support.papers import DRAFT_FACTS, FACTS, INVOICE, PARTY, REVERSAL_FACTS, SUPPLIER, line

from valeo_erp.documents.document import State, TaxTotal
from valeo_erp.printing.facts import PrintFacts
from valeo_erp.printing.formats import Language
from valeo_erp.printing.paying import Transfer
from valeo_erp.printing.view import file_name, view_of

DE, EN = Language.GERMAN, Language.ENGLISH


def test_a_line_says_quantity_price_and_what_the_price_is_for() -> None:
    first, second, third = view_of(FACTS, DE).lines

    assert (first.quantity, first.unit_price, first.per) == ("12,5\u00a0t", "29,80", "je 100 kg")
    assert (second.discount, second.tax, second.net) == ("2\u00a0%", "7\u00a0%", "4.953,39")
    assert (third.quantity, third.per) == ("25\u00a0Stück", "je Stück")
    assert view_of(FACTS, EN).lines[2].per == "per pcs"


def test_every_rate_has_its_net_and_its_tax() -> None:
    view = view_of(FACTS, DE)

    assert [(tax.label, tax.tax) for tax in view.taxes] == [
        ("zzgl. USt 19\u00a0% auf 4.450,00\u00a0€", "845,50\u00a0€"),
        ("zzgl. USt 7\u00a0% auf 4.953,39\u00a0€", "346,74\u00a0€"),
    ]
    assert view.gross_total == "10.595,63\u00a0€"


def test_an_issued_invoice_asks_for_payment_with_its_number() -> None:
    payment = dict(view_of(FACTS, DE).payment)

    assert payment["Verwendungszweck"] == "INV-2026-00001"
    assert payment["IBAN"] == "DE02 1203 0000 0000 2020 51"
    assert "10.595,63\u00a0€ ohne Abzug bis zum 03.08.2026" in payment["Zahlung"]


def test_an_invoice_in_euros_can_be_paid_with_a_banks_app() -> None:
    assert view_of(FACTS, DE).transfer == Transfer(
        "Landhandel Hofmann GmbH", "DE02120300000000202051", "BYLADEM1001", Decimal("10595.63"), "INV-2026-00001"
    )


@pytest.mark.parametrize(
    "facts",
    [
        DRAFT_FACTS,
        REVERSAL_FACTS,
        replace(FACTS, document=replace(INVOICE, currency="CHF")),
        replace(FACTS, document=replace(INVOICE, gross_total=Decimal("0.00"))),
        replace(FACTS, document=replace(INVOICE, gross_total=Decimal("1000000000.00"))),
        replace(FACTS, supplier=replace(SUPPLIER, iban="unbekannt")),
        replace(FACTS, supplier=replace(SUPPLIER, name="  ")),
    ],
)
def test_what_a_giro_code_can_not_say_has_none(facts: PrintFacts) -> None:
    assert view_of(facts, DE).transfer is None


def test_a_name_that_is_too_long_for_a_giro_code_is_cut_and_a_wrong_bic_left_out() -> None:
    supplier = replace(SUPPLIER, name="Ä" * 100, bic="?", iban="de02 1203 0000 0000 2020 51")

    transfer = view_of(replace(FACTS, supplier=supplier), DE).transfer

    assert transfer == Transfer("Ä" * 70, "DE02120300000000202051", "", Decimal("10595.63"), "INV-2026-00001")


def test_a_paper_says_where_it_can_be_checked() -> None:
    view = view_of(FACTS, DE, "https://erp.hofmann.example/verify/1?code=x")

    assert view.verify_address == "https://erp.hofmann.example/verify/1?code=x"
    assert "führt zu erp.hofmann.example," in view.verify_notice
    assert (view_of(FACTS, DE).verify_address, view_of(FACTS, DE).verify_notice) == ("", "")


def test_a_draft_asks_for_no_payment_and_says_what_it_is() -> None:
    view = view_of(DRAFT_FACTS, DE)

    assert not view.issued
    assert view.payment == ()
    assert ("Rechnungsnummer", "ENTWURF") in view.facts
    assert view.notes[-1].startswith("Dies ist ein Entwurf")


def test_the_view_of_a_reversed_invoice_is_that_of_the_posted_one() -> None:
    reversed_ = replace(FACTS, document=replace(INVOICE, state=State.REVERSED, version=6))

    assert view_of(reversed_, DE) == view_of(FACTS, DE)


def test_a_reversal_names_its_original_and_asks_for_nothing() -> None:
    view = view_of(REVERSAL_FACTS, DE)

    assert view.title == "Stornorechnung"
    assert view.notes[0] == "Diese Rechnung storniert die Rechnung INV-2026-00001 vom 20.07.2026 in voller Höhe."
    assert view.payment == ()
    assert "Fällig am" not in dict(view.facts)
    assert view.lines[0].quantity == "-12,5\u00a0t"


def test_a_country_is_named_only_abroad_in_the_language_of_the_paper() -> None:
    abroad = replace(FACTS, document=replace(INVOICE, party=replace(PARTY, country="AT")))

    assert view_of(FACTS, DE).recipient.lines == ("Hof Lindenberg GbR", "Dorfstraße 4", "29584 Himbergen")
    assert view_of(abroad, DE).recipient.lines[-1] == "ÖSTERREICH"
    assert view_of(abroad, EN).recipient.lines[-1] == "AUSTRIA"


def test_the_reason_of_an_exemption_is_printed() -> None:
    document = replace(
        INVOICE,
        lines=(line(1, "Weizen", "10", "200", "2000.00", "0"),),
        taxes=(TaxTotal("exempt", Decimal(0), Decimal("2000.00"), Decimal(0), "1770"),),
    )
    facts = replace(FACTS, document=document, tax_names={"exempt": "steuerfreie innergemeinschaftliche Lieferung"})

    assert "Ohne Umsatzsteuer: steuerfreie innergemeinschaftliche Lieferung." in view_of(facts, DE).notes


@pytest.mark.parametrize(
    ("number", "name"),
    [
        ("INV-2026-00001", "Rechnung-INV-2026-00001.pdf"),
        ('x"\r\n/../é', "Rechnung-x--------.pdf"),
        (None, "Rechnung-ENTWURF.pdf"),
    ],
)
def test_a_file_name_is_plain(number: str | None, name: str) -> None:
    assert file_name(replace(INVOICE, number=number), DE) == name


def test_the_supplier_stands_in_the_window_and_in_the_foot() -> None:
    view = view_of(FACTS, DE)

    assert view.sender.lines == (SUPPLIER.name, SUPPLIER.street, "29525 Uelzen")
    assert view.supplier.vat_id == "DE123456789"
