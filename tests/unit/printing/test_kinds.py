"""What the paper of each kind shows, and what it does not."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from tests.support.papers import FACTS, INVOICE, NOON, PARTY

from valeo_erp.documents.document import Kind, Quality, State, Weighing
from valeo_erp.printing.facts import Followed, Original, PrintFacts
from valeo_erp.printing.formats import Language, PaperSize, Variant
from valeo_erp.printing.lawful import missing
from valeo_erp.printing.layouts import LAYOUTS
from valeo_erp.printing.titles import TITLES
from valeo_erp.printing.view import DocumentView, file_name, view_of

DE, EN = Language.GERMAN, Language.ENGLISH
QUALITY = Quality(Decimal(17), Decimal(3), Decimal("14.5"), Decimal("1.3"), Decimal(2), Decimal(4))
WEIGHING = Weighing("SR-LH 204", Decimal(39840), NOON, Decimal(14960), NOON)
CORRECTED = (Followed(Kind.INVOICE, "INV-2026-00007", date(2026, 7, 1)),)


def facts_of(kind: Kind, **document: object) -> PrintFacts:
    followed = CORRECTED if kind is Kind.CREDIT_NOTE else ()
    return replace(FACTS, document=replace(INVOICE, kind=kind, **document), followed=followed)  # type: ignore[arg-type]


def view(kind: Kind, language: Language = DE, **document: object) -> DocumentView:
    return view_of(facts_of(kind, **document), language)


def test_every_kind_has_a_layout_and_its_own_title_in_each_language() -> None:
    assert set(LAYOUTS) == set(Kind)
    for titles in TITLES.values():
        assert set(titles) == set(Kind)
        assert len({title.paper for title in titles.values()}) == len(Kind)


@pytest.mark.parametrize("kind", [Kind.DELIVERY_NOTE, Kind.GOODS_RECEIPT, Kind.WEIGHING_TICKET])
def test_who_hands_goods_over_sees_no_prices_and_signs(kind: Kind) -> None:
    made = view_of(facts_of(kind), DE, "https://erp.hofmann.example/verify/1?code=x")

    assert [column.key for column in made.columns] == ["position", "description", "quantity"]
    assert not made.layout.priced
    assert len(made.signatures) == 2
    assert (made.payment, made.transfer, made.verify_address) == ((), None, "")


@pytest.mark.parametrize("kind", [kind for kind in Kind if LAYOUTS[kind].priced])
def test_what_costs_money_shows_prices_nets_and_discounts_only_if_there_are_some(kind: Kind) -> None:
    plain = tuple(replace(line, discount=Decimal(0)) for line in INVOICE.lines)

    assert [column.heading for column in view(kind).columns][-4:] == ["Einzelpreis EUR", "Rabatt", "USt", "Netto EUR"]
    assert "discount" not in [column.key for column in view(kind, lines=plain).columns]


def test_only_an_invoice_asks_for_money_and_the_others_say_who_pays() -> None:
    said = {kind: view(kind).payment for kind in Kind}

    assert {kind for kind in Kind if view(kind).transfer} == {Kind.INVOICE}
    assert said[Kind.CREDIT_NOTE][0][1].startswith("Wir schreiben Ihnen 10.595,63\u00a0€ gut.")
    assert said[Kind.SELF_BILLED_CREDIT][0][1].startswith("Wir überweisen Ihnen 10.595,63\u00a0€ bis zum 03.08.2026")
    assert {kind for kind in Kind if said[kind]} == {Kind.INVOICE, Kind.CREDIT_NOTE, Kind.SELF_BILLED_CREDIT}


@pytest.mark.parametrize("language", list(Language))
def test_a_self_billed_credit_is_called_gutschrift_and_its_supplier_is_the_other_side(language: Language) -> None:
    made = view(Kind.SELF_BILLED_CREDIT, language)

    assert "Gutschrift" in made.title
    assert (made.seller.name, made.buyer.name) == (PARTY.name, FACTS.supplier.name)
    assert made.seller_tax_ids == (PARTY.vat_id,)
    assert missing(made) == []


def test_a_self_billed_credit_of_somebody_without_a_tax_id_is_unlawful_and_a_delivery_note_never_is() -> None:
    nobody = replace(PARTY, vat_id=None, street="")

    codes = [failure.code for failure in missing(view(Kind.SELF_BILLED_CREDIT, party=nobody))]

    assert codes == ["supplier_address", "supplier_tax_id"]
    assert missing(view(Kind.DELIVERY_NOTE, party=nobody)) == []


def test_the_tax_number_of_a_farmer_without_a_vat_id_is_enough_and_is_printed() -> None:
    farmer = facts_of(Kind.SELF_BILLED_CREDIT, party=replace(PARTY, vat_id=None))
    made = view_of(replace(farmer, party_tax_number="162/225/30471"), DE)

    assert missing(made) == []
    assert ("Ihre Steuernummer", "162/225/30471") in made.facts


def test_a_credit_note_names_the_invoice_that_it_corrects() -> None:
    made = view(Kind.CREDIT_NOTE)
    alone = view_of(replace(facts_of(Kind.CREDIT_NOTE), followed=()), DE)

    assert made.notes[0] == "Zu: Rechnung INV-2026-00007, 01.07.2026"
    assert missing(made) == []
    assert [failure.code for failure in missing(alone)] == ["corrected_invoice"]


def test_a_supplier_invoice_says_that_it_is_only_our_record() -> None:
    made = view(Kind.SUPPLIER_INVOICE, reference="R-4711")

    assert ("Ihr Zeichen", "R-4711") in made.facts
    assert ("Lieferantennummer", "10001") in made.facts
    assert made.notes[-1].startswith("Innerbetriebliche Aufzeichnung")


def test_grain_shows_what_was_delivered_what_is_paid_for_and_what_drying_costs() -> None:
    line = replace(INVOICE.lines[0], quantity=Decimal("24.5"), price_base=Decimal(1), price_unit="t", quality=QUALITY)
    made = view(Kind.SELF_BILLED_CREDIT, lines=(line,))

    (table,) = made.tables
    assert made.lines[0].quantity == "23,4667\u00a0t"
    assert made.lines[0].delivered == "geliefert 24,5\u00a0t"
    assert table.rows == (
        (
            "1",
            "24,5\u00a0t",
            "17\u00a0% (14,5\u00a0%)",
            "3\u00a0% (2\u00a0%)",
            "23,4667\u00a0t",
            "-245,00",
        ),
    )


def test_a_weighing_ticket_shows_both_weighings_in_local_time() -> None:
    made = view(Kind.WEIGHING_TICKET, lines=(replace(INVOICE.lines[0], weighing=WEIGHING),))
    open_ = replace(WEIGHING, second_kg=None, second_at=None)
    waiting = view(Kind.WEIGHING_TICKET, lines=(replace(INVOICE.lines[0], weighing=open_),))

    assert made.tables[0].rows == (
        (
            "1",
            "SR-LH 204",
            "39.840\u00a0kg\n20.07.2026 12:00",
            "14.960\u00a0kg\n20.07.2026 12:00",
            "24.880\u00a0kg",
        ),
    )
    assert waiting.tables[0].rows[0][3:] == ("steht aus", "")


@pytest.mark.parametrize("kind", list(Kind))
def test_a_reversal_names_its_kind_and_its_original_and_asks_for_nothing(kind: Kind) -> None:
    reversal = replace(
        facts_of(kind, reverses_id=UUID(int=7)), original=Original("X-2026-00001", date(2026, 7, 20)), followed=()
    )
    made = view_of(reversal, DE)

    assert made.title.startswith("Storno")
    assert "X-2026-00001 vom 20.07.2026 in voller Höhe." in made.notes[0]
    assert (made.payment, made.transfer) == ((), None)
    assert missing(made) == []


@pytest.mark.parametrize("kind", list(Kind))
def test_a_draft_says_what_it_is_not(kind: Kind) -> None:
    made = view(kind, state=State.DRAFT, number=None)

    assert made.notes[-1].startswith("Dies ist ein Entwurf")
    assert ("Rechnung im Sinne" in made.notes[-1]) == LAYOUTS[kind].invoice


def test_a_discount_on_the_whole_document_is_told() -> None:
    assert any("3\u00a0% Rabatt" in note for note in view(Kind.SALES_ORDER, discount=Decimal(3)).notes)


def test_a_file_is_named_after_its_kind_without_umlauts() -> None:
    order = facts_of(Kind.SALES_ORDER, number="ORD-2026-00001").document
    credit = facts_of(Kind.SELF_BILLED_CREDIT, number="SBC-2026-00001").document

    assert file_name(order, DE) == "Auftragsbestaetigung-ORD-2026-00001.pdf"
    assert file_name(credit, EN) == "Self-billing-invoice-Gutschrift-SBC-2026-00001.pdf"


def test_letter_and_a4_are_archived_apart_and_a4_under_the_name_it_always_had() -> None:
    assert [Variant(DE).key, Variant(EN, PaperSize.LETTER).key] == ["de", "en-letter"]
