"""What people type becomes what the API takes."""

from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valeo_erp.kernel.problems import Failure, Problem, invalid
from valeo_erp.pages.forms import at_form_fields, calculation_body, decimal_text, document_body, typed_lines
from valeo_erp.pages.rendering import plain
from valeo_erp.printing.formats import Language

ITEM = "01980000-0002-7000-8000-000000000001"
PARTY = "01980000-0001-7000-8000-000000000001"


@pytest.mark.parametrize(
    ("typed", "language", "sent"),
    [
        ("24,5", "de", "24.5"),
        ("24.5", "de", "24.5"),
        ("1.234,5", "de", "1234.5"),
        ("1.200", "de", "1200"),
        ("1.234.567", "de", "1234567"),
        ("0.125", "de", "0.125"),
        ("1 200,5", "de", "1200.5"),
        ("1\u00a0200", "de", "1200"),
        ("-3,5", "de", "-3.5"),
        ("abc", "de", "abc"),
        ("1,234.5", "en", "1234.5"),
        ("1.200", "en", "1.200"),
    ],
)
def test_numbers_are_read_as_the_language_writes_them(typed: str, language: str, sent: str) -> None:
    assert decimal_text(typed, Language(language)) == sent


@given(st.decimals(0, 10**9, places=4), st.sampled_from(Language))
def test_what_a_form_shows_is_read_back_as_the_same_number(value: Decimal, language: Language) -> None:
    assert Decimal(decimal_text(plain(value, language), language)) == value


def test_empty_lines_are_left_out_and_the_others_keep_their_place() -> None:
    typed = typed_lines(
        [
            ("lines.0.item_id", ""),
            ("lines.0.unit", "t"),
            ("lines.2.item_id", ITEM),
            ("lines.2.quantity", "1.200"),
            ("lines.2.unit_price", " "),
            ("lines.10.quantity", "3"),
            ("note", "lines.5.item_id"),
            ("lines.1e3.quantity", "9"),
        ],
        Language.GERMAN,
    )
    assert typed.indices == (2, 10)
    assert typed.lines == ({"item_id": ITEM, "quantity": "1200"}, {"quantity": "3"})


def refusal(form: dict[str, str]) -> Problem:
    with pytest.raises(Problem) as caught:
        document_body(form, typed_lines(form.items(), Language.GERMAN))
    return caught.value


def test_a_whole_form_becomes_a_body() -> None:
    form = {"party_id": PARTY, "document_date": "", "note": " Danke ", "lines.1.item_id": ITEM, "lines.1.quantity": "2"}
    body = document_body(form, typed_lines(form.items(), Language.GERMAN))
    assert (body.party_id, body.document_date, body.note) == (UUID(PARTY), None, "Danke")
    assert [line.quantity for line in body.lines] == [Decimal(2)]


def test_every_fault_is_told_at_the_field_where_it_was_typed() -> None:
    form = {"document_date": "morgen", "lines.4.item_id": ITEM, "lines.4.quantity": "viel", "lines.7.quantity": "-1"}
    faults = {failure.field: failure.code for failure in refusal(form).failures}
    assert set(faults) == {"party_id", "document_date", "lines.4.quantity", "lines.7.item_id", "lines.7.quantity"}
    assert faults["lines.4.quantity"] == "not_a_number"


def test_a_form_without_lines_is_told_so_beside_its_other_faults() -> None:
    assert {failure.code for failure in refusal({"lines.0.unit": "t"}).failures} == {"missing", "no_lines"}


def test_failures_of_the_service_are_told_at_the_fields_of_the_form() -> None:
    problem = invalid(
        "faulty", "…", [Failure("a", "", "lines.1.unit"), Failure("b", "", "party_id"), Failure("c", "", "lines")]
    )
    assert [failure.field for failure in at_form_fields(problem, (3, 8)).failures] == [
        "lines.8.unit",
        "party_id",
        "lines",
    ]


def test_only_complete_lines_are_calculated() -> None:
    form = {"lines.0.item_id": ITEM, "lines.1.quantity": "3", "lines.2.item_id": ITEM, "lines.2.quantity": "4"}
    body, indices = calculation_body({"document_date": "2026-03-01"}, typed_lines(form.items(), Language.GERMAN))
    assert body is not None
    assert indices == (2,)
    assert body.supply_date is not None


def test_nothing_is_calculated_while_no_line_is_complete() -> None:
    assert calculation_body({}, typed_lines([("lines.0.quantity", "x")], Language.GERMAN)) == (None, ())
