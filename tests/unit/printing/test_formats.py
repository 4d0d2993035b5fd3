"""How numbers, amounts and dates are written."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valeo_erp.printing.formats import Language, amount, day, iban, money, number, per_cent

DE, EN = Language.GERMAN, Language.ENGLISH


@pytest.mark.parametrize(
    ("value", "german", "english"),
    [
        ("1234.56", "1.234,56\u00a0€", "€1,234.56"),
        ("-0.05", "-0,05\u00a0€", "-€0.05"),
        ("9999999999999.99", "9.999.999.999.999,99\u00a0€", "€9,999,999,999,999.99"),
        ("0", "0,00\u00a0€", "€0.00"),
    ],
)
def test_amounts_have_two_decimals_and_groups(value: str, german: str, english: str) -> None:
    assert money(Decimal(value), "EUR", DE) == german
    assert money(Decimal(value), "EUR", EN) == english


def test_a_currency_without_a_sign_is_named() -> None:
    assert money(Decimal("-12.5"), "CHF", EN) == "-CHF\u00a012.50"
    assert money(Decimal("12.5"), "CHF", DE) == "12,50\u00a0CHF"


@pytest.mark.parametrize(
    ("value", "text"),
    [("12.5000", "12,5"), ("1000.0000", "1.000"), ("0.0001", "0,0001"), ("-24.5000", "-24,5"), ("100", "100")],
)
def test_a_quantity_has_the_decimals_that_it_needs(value: str, text: str) -> None:
    assert number(Decimal(value), DE, 0, 4) == text


def test_a_price_has_at_least_two_decimals() -> None:
    assert number(Decimal("29.800000"), DE, 2, 6) == "29,80"
    assert number(Decimal("0.123400"), EN, 2, 6) == "0.1234"


def test_a_rate_and_a_date_follow_the_language() -> None:
    assert (per_cent(Decimal("7.8000"), DE), per_cent(Decimal(19), EN)) == ("7,8\u00a0%", "19%")
    assert (day(date(2026, 7, 3), DE), day(date(2026, 7, 3), EN)) == ("03.07.2026", "3 July 2026")


def test_an_iban_stands_in_groups_of_four() -> None:
    assert iban("DE02 120300000000202051") == "DE02 1203 0000 0000 2020 51"


@given(st.decimals(-(10**13) + 1, 10**13 - 1, places=2))
def test_no_cent_is_lost_between_the_amount_and_its_text(value: Decimal) -> None:
    assert Decimal(amount(value, EN).replace(",", "")) == value
    assert Decimal(amount(value, DE).replace(".", "").replace(",", ".")) == value
