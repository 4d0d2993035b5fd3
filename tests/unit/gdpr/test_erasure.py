"""What becomes of a person's data, and that every column says whose data it holds."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Text
from sqlalchemy.dialects.postgresql import JSONB

from valeo_erp.gdpr.erasure import Outcome, PartyFacts, plan
from valeo_erp.gdpr.register import NOT_PERSONAL, PERSONAL, undeclared
from valeo_erp.tables import metadata

FARMER = PartyFacts("70001", 0, 2, 3, 1, date(2026, 3, 31), 5, Decimal(0), (), erased=False)
COLUMNS = {
    table.name: frozenset(column.name for column in table.columns if isinstance(column.type, Text | JSONB))
    for table in metadata.sorted_tables
}


def test_every_column_that_can_hold_text_says_whose_data_it_is() -> None:
    assert undeclared(COLUMNS) == []


def test_nothing_is_declared_that_is_not_there() -> None:
    declared = {f"{table}.{column}" for kinds in (PERSONAL, NOT_PERSONAL) for table in kinds for column in kinds[table]}
    assert declared <= {f"{table}.{column}" for table, columns in COLUMNS.items() for column in columns}


def test_what_no_law_keeps_is_erased_and_the_rest_has_its_last_day() -> None:
    found = {category.category: (category.outcome, category.until) for category in plan(FARMER).categories}
    assert found == {
        "master_data": (Outcome.ERASED, None),
        "cancelled_documents": (Outcome.ERASED, None),
        "audit_of_master_data": (Outcome.ERASED, None),
        "posted_documents": (Outcome.RESTRICTED, date(2034, 12, 31)),
        "payments": (Outcome.RESTRICTED, date(2034, 12, 31)),
        "journal": (Outcome.RESTRICTED, date(2036, 12, 31)),
    }


def test_what_is_not_there_is_not_promised() -> None:
    nothing = replace(FARMER, cancelled=0, posted=0, payments=0, last_document=None, audit_entries=0)
    assert [category.category for category in plan(nothing).categories] == ["master_data"]


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (replace(FARMER, unposted=1), "unposted_documents"),
        (replace(FARMER, open_amount=Decimal("0.01")), "open_items"),
        (replace(FARMER, holds=("lawsuit",)), "legal_hold"),
        (replace(FARMER, erased=True), "already_erased"),
    ],
)
def test_nothing_is_erased_while_something_stands_against_it(facts: PartyFacts, code: str) -> None:
    assert [failure.code for failure in plan(facts).against] == [code]
