"""The branding on a paper: what it replaces, what it leaves, and the sample it is shown on."""

from dataclasses import replace
from datetime import date

import pytest
from tests.support.brands import BODY, LOOK
from tests.support.papers import FACTS, NOON, SUPPLIER, TENANT

from valeo_erp.branding.look import Colours, Look
from valeo_erp.kernel.money import round_half_up
from valeo_erp.printing.facts import Brand
from valeo_erp.printing.formats import Language
from valeo_erp.printing.letterhead import BEFORE_ANY, branded, letterhead_of
from valeo_erp.printing.sample import sample_invoice
from valeo_erp.printing.view import view_of


def test_without_a_branding_the_paper_is_made_from_the_master_data() -> None:
    made = letterhead_of(SUPPLIER, None)
    assert (made.version, made.name, made.logo) == (BEFORE_ANY, SUPPLIER.name, None)
    assert made.accounts == (("Volksbank Uelzen", "DE02 1203 0000 0000 2020 51", "BYLADEM1001"),)
    assert made.colours == Colours()


def test_a_branding_names_its_version_its_colours_and_all_its_accounts() -> None:
    made = letterhead_of(SUPPLIER, Brand(7, LOOK))
    assert (made.version, made.name, made.colours) == (7, "Hofmann Agrar", LOOK.colours)
    assert [bank for bank, _, _ in made.accounts] == ["Sparkasse Uelzen", "Volksbank Uelzen"]


def test_what_a_branding_leaves_out_is_as_in_the_master_data() -> None:
    bare = Look.model_validate({"bank_accounts": BODY["bank_accounts"]})
    assert letterhead_of(SUPPLIER, Brand(1, bare)).name == SUPPLIER.name
    assert branded(SUPPLIER, bare).register_entry == SUPPLIER.register_entry
    assert branded(SUPPLIER, LOOK).register_entry == LOOK.register_entry


def test_the_first_account_is_paid_to() -> None:
    view = view_of(replace(FACTS, supplier=branded(SUPPLIER, LOOK), brand=Brand(1, LOOK)), Language.GERMAN)
    assert dict(view.payment)["IBAN"] == "DE89 3704 0044 0532 0130 00"
    assert view.transfer is not None
    assert view.transfer.iban == "DE89370400440532013000"


@pytest.mark.parametrize("language", Language)
def test_the_sample_adds_up_is_no_issued_document_and_shows_the_payment(language: Language) -> None:
    sample = sample_invoice(TENANT, language, NOON, date(2026, 7, 20))
    view = view_of(replace(FACTS, document=sample), language)
    assert (view.issued, bool(view.payment), view.verify_address) == (False, True, "")
    assert sum(line.net for line in sample.lines) == sample.net_total == sum(tax.net for tax in sample.taxes)
    assert [tax.tax for tax in sample.taxes] == [round_half_up(tax.net * tax.rate / 100) for tax in sample.taxes]
    assert sample.gross_total == sample.net_total + sample.tax_total
