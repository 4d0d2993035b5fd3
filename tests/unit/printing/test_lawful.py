"""What §14 Abs. 4 UStG wants to see."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from tests.support.papers import DRAFT_FACTS, FACTS, INVOICE, PARTY, REVERSAL_FACTS, SUPPLIER

from valeo_erp.documents.document import TaxTotal
from valeo_erp.printing.facts import PrintFacts
from valeo_erp.printing.formats import Language
from valeo_erp.printing.lawful import missing
from valeo_erp.printing.view import view_of

EXEMPT = (TaxTotal("exempt", Decimal(0), Decimal("9402.13"), Decimal(0), "1770"),)


def codes(facts: PrintFacts) -> list[str]:
    return [failure.code for failure in missing(view_of(facts, Language.GERMAN))]


def with_(**document: Any) -> PrintFacts:
    return replace(FACTS, document=replace(INVOICE, **document))


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("facts", [FACTS, REVERSAL_FACTS])
def test_a_complete_invoice_lacks_nothing(facts: PrintFacts, language: Language) -> None:
    assert missing(view_of(facts, language)) == []


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (replace(FACTS, supplier=replace(SUPPLIER, name="")), "supplier_address"),
        (replace(FACTS, supplier=replace(SUPPLIER, street=" ")), "supplier_address"),
        (replace(FACTS, supplier=replace(SUPPLIER, vat_id="", tax_number=" ")), "supplier_tax_id"),
        (with_(party=replace(PARTY, name="")), "recipient_address"),
        (with_(party=replace(PARTY, postal_code="", city="")), "recipient_address"),
        (DRAFT_FACTS, "number"),
        (with_(lines=()), "lines"),
        (with_(lines=(replace(INVOICE.lines[0], description=" "),)), "lines"),
        (with_(taxes=()), "net_by_rate"),
        (with_(taxes=EXEMPT), "exemption"),
    ],
)
def test_what_is_missing_is_named(facts: PrintFacts, code: str) -> None:
    assert codes(facts) == [code]


def test_one_of_tax_number_and_vat_id_is_enough() -> None:
    assert codes(replace(FACTS, supplier=replace(SUPPLIER, vat_id=""))) == []


def test_an_exemption_with_its_reason_is_lawful() -> None:
    assert codes(replace(with_(taxes=EXEMPT), tax_names={"exempt": "steuerfrei nach § 4 Nr. 1b UStG"})) == []


def test_everything_that_is_missing_is_told_at_once() -> None:
    bare = replace(with_(number=None, lines=(), taxes=()), supplier=replace(SUPPLIER, city="", postal_code=""))

    assert codes(bare) == ["supplier_address", "number", "lines", "net_by_rate"]
