"""The posting batch, field by field against the format that DATEV publishes, and cent by cent against the journal."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valeo_erp.calculation.totals import TaxTotal
from valeo_erp.exporting.datev import BookedDocument, Posting, Revenue, postings, rows
from valeo_erp.exporting.datev_format import Batch, opening
from valeo_erp.kernel.money import round_half_up
from valeo_erp.kernel.problems import Problem

BATCH = Batch(29098, 55003, date(2026, 7, 1), date(2026, 7, 31))
MADE = datetime(2026, 8, 3, 9, 5, 7, 123456, tzinfo=UTC)

HEADER = {
    1: r'"EXTF"', 2: r"700", 3: r"21", 4: r'"Buchungsstapel"', 5: r"13", 6: r"20\d{15}", 7: r"", 8: r'""', 9: r'""',
    10: r'""', 11: r"[1-9]\d{3,6}", 12: r"[1-9]\d{0,4}", 13: r"20\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])",
    14: r"[4-8]", 15: r"20\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])", 16: r"20\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])",
    17: r'"[\w .\-/]{0,30}"', 18: r'"([A-Z]{2})?"', 19: r"[12]", 20: r"0|30|40|50|64", 21: r"[01]", 22: r'"[A-Z]{3}"',
    23: r"", 24: r'""', 25: r"", 26: r"", 27: r'"(\d{2})?"', 28: r"", 29: r"", 30: r'""', 31: r'"(.{0,16})"',
}  # fmt: skip
"""The header as published: by the number of the field, what it may hold."""
ROW = {
    1: r"\d{1,10},\d{2}", 2: r'"[SH]"', 3: r'"[A-Z]{3}"', 7: r"\d{1,9}", 8: r"\d{1,9}", 9: r'"(\d{4})?"',
    10: r"(0[1-9]|[12]\d|3[01])(0[1-9]|1[0-2])", 11: r'"[A-Za-z0-9$%&*+\-/]{0,36}"', 14: r'".{0,60}"', 114: r"[01]",
}  # fmt: skip
"""The fields of a posting that are filled, as published."""
TEXTS = {
    2, 3, 6, 9, 11, 12, 14, 16, *range(20, 39), 40, 42, *range(48, 88), 91, 95, 96, 98, 102, 103, 105, 107, 109, 110,
    112, 118, 120, 121, 123,
}  # fmt: skip
"""The fields of a posting that are text, as published: all others are numbers or dates, never in quotation marks."""
NAMES = (
    "Umsatz (ohne Soll/Haben-Kz);Soll/Haben-Kennzeichen;WKZ Umsatz;Kurs;Basis-Umsatz;WKZ Basis-Umsatz;Konto;"
    "Gegenkonto (ohne BU-Schlüssel);BU-Schlüssel;Belegdatum;Belegfeld 1;Belegfeld 2;Skonto;Buchungstext;Postensperre;"
    "Diverse Adressnummer;Geschäftspartnerbank;Sachverhalt;Zinssperre;Beleglink;Beleginfo - Art 1;Beleginfo - Inhalt 1;"
    "Beleginfo - Art 2;Beleginfo - Inhalt 2;Beleginfo - Art 3;Beleginfo - Inhalt 3;Beleginfo - Art 4;"
    "Beleginfo - Inhalt 4;Beleginfo - Art 5;Beleginfo - Inhalt 5;Beleginfo - Art 6;Beleginfo - Inhalt 6;"
    "Beleginfo - Art 7;Beleginfo - Inhalt 7;Beleginfo - Art 8;Beleginfo - Inhalt 8;KOST1 - Kostenstelle;"
    "KOST2 - Kostenstelle;Kost-Menge;EU-Land u. UStID (Bestimmung);EU-Steuersatz (Bestimmung);Abw. Versteuerungsart;"
    "Sachverhalt L+L;Funktionsergänzung L+L;BU 49 Hauptfunktionstyp;BU 49 Hauptfunktionsnummer;"
    "BU 49 Funktionsergänzung;Zusatzinformation - Art 1;Zusatzinformation- Inhalt 1;Zusatzinformation - Art 2;"
    "Zusatzinformation- Inhalt 2;Zusatzinformation - Art 3"
)
"""How the line with the names begins in the published example."""


def fields_of(line: bytes) -> list[str]:
    """No text of these tests holds a semicolon."""
    return line.decode("cp1252").removesuffix("\r\n").split(";")


def booked(*revenues: Revenue, **changes: object) -> BookedDocument:
    """An entry whose taxes and receivable follow from its revenues."""
    rates = dict.fromkeys((each.tax_code, each.tax_rate) for each in revenues)
    taxes = []
    for code, rate in rates:
        net = sum((each.net for each in revenues if each.tax_code == code), Decimal("0.00"))
        taxes.append(TaxTotal(code, rate, net, round_half_up(net * rate / 100), "1776"))
    gross = sum((tax.net + tax.tax for tax in taxes), Decimal("0.00"))
    found = BookedDocument(
        "INV-2026-00001", date(2026, 7, 5), "EUR", "10001", "Hof Lindenberg GbR", "1400", gross, revenues, tuple(taxes)
    )
    return replace(found, **changes)  # type: ignore[arg-type]


def revenue(account: str, rate: str, net: str) -> Revenue:
    return Revenue(account, f"code-{rate}", Decimal(rate), Decimal(net))


def test_every_field_of_the_header_is_as_published() -> None:
    header, _ = opening(BATCH, MADE).splitlines(keepends=True)

    found = fields_of(header)
    assert len(found) == len(HEADER) == 31
    wrong = {number: value for number, value in enumerate(found, 1) if not re.fullmatch(HEADER[number], value)}
    assert wrong == {}
    assert found[5] == "20260803090507123"
    assert found[10:16] == ["29098", "55003", "20260101", "4", "20260701", "20260731"]


def test_the_names_of_the_columns_are_those_of_version_13() -> None:
    _, names = opening(BATCH, MADE).splitlines(keepends=True)

    found = fields_of(names)
    assert len(found) == len(set(found)) == 125
    assert ";".join(found).startswith(NAMES)
    assert found[85:90] == [
        "Zusatzinformation - Art 20",
        "Zusatzinformation- Inhalt 20",
        "Stück",
        "Gewicht",
        "Zahlweise",
    ]
    assert found[113:125] == [
        "Festschreibung", "Leistungsdatum", "Datum Zuord. Steuerperiode", "Fälligkeit", "Generalumkehr (GU)",
        "Steuersatz", "Land", "Abrechnungsreferenz", "BVV-Position", "EU-Land u. UStID (Ursprung)",
        "EU-Steuersatz (Ursprung)", "Abw. Skontokonto",
    ]  # fmt: skip


def test_every_field_of_a_posting_is_as_published() -> None:
    (line,) = rows(booked(revenue("8400", "19", "100.00"), party_name='Müller "Zum Pflug" \t& Söhne €'))

    assert line.endswith(b"\r\n")
    found = fields_of(line)
    assert len(found) == 125
    for number, value in enumerate(found, 1):
        empty = '""' if number in TEXTS else ""
        assert re.fullmatch(ROW.get(number, empty), value), (number, value)
    assert [found[number - 1] for number in ROW] == [
        "119,00", '"S"', '"EUR"', "10001", "8400", '""', "0507", '"INV-2026-00001"',
        '"Müller ""Zum Pflug"" & Söhne €"', "0",
    ]  # fmt: skip


def test_an_account_that_knows_its_rate_has_no_tax_key_and_every_other_has_one() -> None:
    entry = booked(revenue("8400", "19", "100"), revenue("8300", "7", "100"), revenue("8200", "19", "1"),
                   revenue("8190", "7", "1"), revenue("8120", "0", "5"))  # fmt: skip

    assert {posting.contra_account: posting.tax_key for posting in postings(entry)} == {
        "8400": "", "8300": "", "8200": "0003", "8190": "0002", "8120": "0001",
    }  # fmt: skip


@pytest.mark.parametrize(("account", "rate"), [("8400", "7"), ("8300", "19"), ("8400", "0"), ("8200", "16")])
def test_what_no_tax_key_says_is_refused_and_named(account: str, rate: str) -> None:
    with pytest.raises(Problem, match="INV-2026-00001: there is no tax key") as caught:
        postings(booked(revenue(account, rate, "100.00")))

    assert (caught.value.status, caught.value.code) == (409, "datev_tax")


@pytest.mark.parametrize(("number", "account"), [("10001", "10001"), ("69999", "69999"), ("70000", "1400"),
                                                 ("100010", "1400"), ("K-7", "1400"), ("1001", "1400")])  # fmt: skip
def test_a_customer_whose_number_is_an_account_is_posted_on_it(number: str, account: str) -> None:
    (posting,) = postings(booked(revenue("8400", "19", "100.00"), party_number=number))

    assert posting.account == account


def test_a_reversal_is_posted_the_other_way_round() -> None:
    entry = booked(revenue("8400", "19", "-100.00"))

    assert postings(entry) == [Posting(Decimal("-119.00"), "10001", "8400", "")]
    assert fields_of(rows(entry)[0])[:2] == ["119,00", '"H"']


def test_an_entry_that_differs_from_its_document_is_refused() -> None:
    with pytest.raises(Problem, match="Verify the journal"):
        postings(booked(revenue("8400", "19", "100.00"), receivable=Decimal("118.99")))


def test_an_entry_in_another_currency_is_refused() -> None:
    with pytest.raises(Problem, match="is in CHF"):
        postings(booked(revenue("8400", "19", "100.00"), currency="CHF"))


cents = st.integers(1, 10**9).map(lambda amount: Decimal(amount) / 100)


@given(st.lists(cents, min_size=1, max_size=5), st.sampled_from([Decimal(19), Decimal(7)]), st.sampled_from([1, -1]))
def test_the_postings_of_an_entry_are_its_receivable_to_the_cent(nets: list[Decimal], rate: Decimal, sign: int) -> None:
    entry = booked(*(Revenue(f"82{index:02}", "code", rate, sign * net) for index, net in enumerate(nets)))

    assert sum(posting.amount for posting in postings(entry)) == entry.receivable


@given(cents, st.sampled_from([Decimal(19), Decimal(7)]))
def test_the_tax_that_is_taken_out_of_a_posting_is_the_tax_of_the_invoice(net: Decimal, rate: Decimal) -> None:
    entry = booked(Revenue("8200", "code", rate, net))

    (posting,) = postings(entry)

    assert round_half_up(posting.amount * rate / (100 + rate)) == entry.taxes[0].tax


@pytest.mark.parametrize(
    ("first", "month", "begins"),
    [
        (date(2026, 7, 1), 1, date(2026, 1, 1)),
        (date(2026, 7, 1), 7, date(2026, 7, 1)),
        (date(2026, 6, 30), 7, date(2025, 7, 1)),
    ],
)
def test_the_fiscal_year_may_begin_in_any_month(first: date, month: int, begins: date) -> None:
    assert replace(BATCH, first=first, year_begins=month).fiscal_year == begins


def test_the_file_is_named_as_datev_takes_it() -> None:
    assert BATCH.file_name == "EXTF_Buchungsstapel-20260701-20260731.csv"


def test_a_farmers_flat_rate_is_booked_apart_because_no_key_says_it() -> None:
    credit = booked(Revenue("3300", "farmer", Decimal("7.8"), Decimal("-4183.79")), buying=True, receivables="1600")
    assert postings(credit) == [
        Posting(Decimal("-4183.79"), "1600", "3300", "0040"),
        Posting(Decimal("-326.34"), "1600", "1776", ""),
    ]


@pytest.mark.parametrize(
    ("account", "code", "rate", "key"),
    [
        ("3400", "standard", "19", ""),
        ("3300", "reduced", "7", ""),
        ("3200", "standard", "19", "0009"),
        ("3200", "reduced", "7", "0008"),
        ("3300", "small_business", "0", "0040"),
        ("3200", "small_business", "0", ""),
        ("3300", "acquisition_reduced", "0", "0018"),
        ("3400", "acquisition", "0", "0019"),
        ("3400", "reverse_charge", "0", "0094"),
    ],
)
def test_what_was_bought_has_the_key_of_input_tax(account: str, code: str, rate: str, key: str) -> None:
    bill = booked(Revenue(account, code, Decimal(rate), Decimal("-100.00")), buying=True, party_number="70010")
    [posting] = postings(bill)
    assert (posting.account, posting.contra_account, posting.tax_key) == ("70010", account, key)
