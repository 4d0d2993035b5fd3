"""What may stand on a paper: colours that can be read, accounts that exist, texts that are texts."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.brands import BODY, LOOK

from valeo_erp.branding.contrast import contrast
from valeo_erp.branding.look import Look
from valeo_erp.branding.rules import faults, settled
from valeo_erp.kernel.problems import Failure

INJECTIONS = {
    "{{ 7 * 7 }}": "text_template",
    "{{ view.supplier.iban }}": "text_template",
    "{%- include 'document.html' %}": "text_template",
    "{% set x = 1 %}": "text_template",
    "{# weg #}": "text_template",
    "${7*7}": "text_template",
    "#{7*7}": "text_template",
    "<%= 7*7 %>": "text_template",
    "[[${7*7}]]": "text_template",
    "nur das Ende }}": "text_template",
    "<script>alert(1)</script>": "text_markup",
    '<img src="http://evil.example/a.png">': "text_markup",
    "<style>@import url(file:///etc/passwd)</style>": "text_markup",
    '"><link rel=attachment href="file:///etc/passwd">': "text_markup",
    "<b>fett</b>": "text_markup",
    "a < b": "text_markup",
    "b > a": "text_markup",
    "&lt;script&gt;": "text_markup",
    "&#60;script&#62;": "text_markup",
    "&#x3c;script&#x3e;": "text_markup",
    "</div><div class=foot>": "text_markup",
    "<!-- -->": "text_markup",
    "DE02\u202e1502": "text_invisible",
    "Hof\u200bmann": "text_invisible",
    "Hof\u2066mann": "text_invisible",
    "\ufeffHofmann": "text_invisible",
    "Zeile\u2028Zeile": "text_invisible",
}


def changed(**more: Any) -> Look:
    return Look.model_validate(BODY | more)


def told(look: Look) -> dict[str | None, Failure]:
    return {failure.field: failure for failure in faults(look)}


def test_black_on_white_has_the_greatest_contrast_and_a_colour_on_itself_none() -> None:
    assert contrast("#000000", "#ffffff") == contrast("#ffffff", "#000000") == Decimal("21.00")
    assert contrast("#7a1f1f", "#7a1f1f") == Decimal("1.00")


@pytest.mark.parametrize(
    ("colour", "ratio"), [("#767676", "4.54"), ("#777777", "4.47"), ("#0000ff", "8.59"), ("#ff0000", "3.99")]
)
def test_the_contrast_is_that_of_the_wcag(colour: str, ratio: str) -> None:
    assert contrast(colour, "#ffffff") == Decimal(ratio)


@given(st.integers(0, 0xFFFFFF), st.integers(0, 0xFFFFFF))
def test_any_two_colours_have_a_contrast_from_1_to_21(one: int, other: int) -> None:
    assert 1 <= contrast(f"#{one:06x}", f"#{other:06x}") <= 21


def test_a_good_look_has_nothing_against_it() -> None:
    assert faults(LOOK) == []


def test_what_is_too_pale_is_refused_with_its_figures_and_what_to_do() -> None:
    pale = told(changed(colours={"primary": "#9acd32", "tint": "#444444"}))
    assert pale["colours.primary"].message == (
        "Text in the primary colour on white paper (#9acd32 on #ffffff) has a contrast of 1.88:1, "
        "but WCAG 2.2 asks for 4.5:1. Take a darker one."
    )
    assert pale["colours.primary"].facts == {"contrast": "1.88", "least": "4.5"}
    assert pale["colours.tint"].message.endswith("Take a lighter one.")
    assert {each.code for each in pale.values()} == {"contrast_too_low"}


@pytest.mark.parametrize(("text", "code"), INJECTIONS.items())
def test_no_text_is_a_template_or_markup(text: str, code: str) -> None:
    account = BODY["bank_accounts"][0] | {"bank_name": text}
    hostile = Look.model_construct(
        **LOOK.__dict__
        | {
            "letterhead_name": text,
            "register_entry": text,
            "footer_lines": (text,),
            "bank_accounts": (LOOK.bank_accounts[0].model_copy(update=account),),
        }
    )
    found = [(each.field, each.code) for each in faults(hostile) if each.code == code]
    assert found == [
        (field, code) for field in ("letterhead_name", "register_entry", "footer_lines.0", "bank_accounts.0.bank_name")
    ]


@pytest.mark.parametrize(
    "text", ["Müller & Söhne", "Amtsgericht Köln, HRB 1; Geschäftsführer: A. B", "100 % Öko (DE-ÖKO-006)", "50 $ / t"]
)
def test_what_people_write_is_no_template(text: str) -> None:
    assert faults(changed(footer_lines=[text], letterhead_name=text)) == []


@pytest.mark.parametrize(
    "iban", ["DE02120300000000202052", "DE0212030000000020205", "XX02120300000000202051", "unbekannt", "DE02 1203"]
)
def test_an_account_that_can_not_exist_is_refused(iban: str) -> None:
    found = told(changed(bank_accounts=[{"bank_name": "Bank", "iban": iban, "bic": "BYLADEM1001"}]))
    assert found["bank_accounts.0.iban"].code == "iban_invalid"
    assert iban in found["bank_accounts.0.iban"].message


def test_a_bic_has_its_form_or_is_left_out() -> None:
    bank = {"bank_name": "Bank", "iban": "DE02120300000000202051"}
    assert told(changed(bank_accounts=[bank | {"bic": "BYLA"}]))["bank_accounts.0.bic"].code == "bic_invalid"
    assert faults(changed(bank_accounts=[bank])) == []


def test_accounts_are_kept_in_capitals_without_spaces() -> None:
    kept = settled(
        changed(bank_accounts=[{"bank_name": "B", "iban": "de02 1203 0000 0000 2020 51", "bic": "byladem1001"}])
    )
    assert (kept.bank_accounts[0].iban, kept.bank_accounts[0].bic) == ("DE02120300000000202051", "BYLADEM1001")
