"""What is booked for a document, and the chain that shows every later change."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.papers import INVOICE

from valeo_erp.documents.document import Document, TaxTotal
from valeo_erp.journal.entries import GENESIS, Entry, EntryLine, StoredEntry, balanced, chain_hash, entry_lines, fault


def booked(document: Document) -> list[tuple[str, str, str]]:
    return [(line.account, str(line.debit), str(line.credit)) for line in entry_lines(document)]


def negative(document: Document) -> Document:
    return replace(
        document,
        gross_total=-document.gross_total,
        taxes=tuple(replace(tax, net=-tax.net, tax=-tax.tax) for tax in document.taxes),
        lines=tuple(replace(line, net=-line.net) for line in document.lines),
    )


def test_receivables_are_booked_to_revenue_and_tax() -> None:
    grain, service = replace(INVOICE.lines[0], net=Decimal("100.00"), revenue_account="8300"), INVOICE.lines[1]
    invoice = replace(
        INVOICE,
        gross_total=Decimal("392.50"),
        lines=(grain, replace(service, net=Decimal("150.00"), revenue_account="8400"), replace(grain, position=3)),
        taxes=(
            TaxTotal("standard", Decimal(19), Decimal("150.00"), Decimal("28.50"), "1776"),
            TaxTotal("reduced", Decimal(7), Decimal("200.00"), Decimal("14.00"), "1771"),
        ),
    )
    assert booked(invoice) == [
        ("1400", "392.50", "0.00"),
        ("8300", "0.00", "200.00"),
        ("8400", "0.00", "150.00"),
        ("1776", "0.00", "28.50"),
        ("1771", "0.00", "14.00"),
    ]


def test_a_reversal_books_the_other_way_round() -> None:
    forth, back = entry_lines(INVOICE), entry_lines(negative(INVOICE))
    assert [(line.account, line.debit, line.credit) for line in forth] == [
        (line.account, line.credit, line.debit) for line in back
    ]


def test_nothing_is_booked_for_zero() -> None:
    exempt = TaxTotal("zero", Decimal(0), Decimal("9402.13"), Decimal("0.00"), "1770")
    assert "1770" not in [account for account, _, _ in booked(replace(INVOICE, taxes=(exempt,)))]


def entry(sequence: int = 1) -> Entry:
    return Entry(
        tenant_id=UUID(int=1),
        sequence=sequence,
        document_id=UUID(int=sequence),
        document_number=f"INV-2026-{sequence:05}",
        entry_date=date(2026, 3, 10),
        text="Rechnung 10001",
        posted_at=datetime(2026, 3, 10, 9, 0, tzinfo=UTC),
        posted_by="anna",
        lines=(
            EntryLine(1, "1400", Decimal("119.00"), Decimal("0.00"), "Forderung"),
            EntryLine(2, "8400", Decimal("0.00"), Decimal("100.00"), "Erlös"),
            EntryLine(3, "1776", Decimal("0.00"), Decimal("19.00"), "Umsatzsteuer 19 %"),
        ),
    )


def stored(made: Entry, previous: bytes = GENESIS) -> StoredEntry:
    return StoredEntry(made, previous, chain_hash(previous, made))


def test_an_entry_as_it_was_posted_has_no_fault() -> None:
    assert fault(stored(entry()), GENESIS, 1) is None


LINES = entry().lines


@pytest.mark.parametrize(
    "changed",
    [
        {"tenant_id": UUID(int=2)},
        {"document_id": UUID(int=9)},
        {"document_number": "INV-2026-00009"},
        {"entry_date": date(2026, 3, 11)},
        {"text": "Rechnung"},
        {"posted_at": datetime(2026, 3, 10, 9, 0, 0, 1, tzinfo=UTC)},
        {"posted_by": "adam"},
        {"lines": LINES[:2]},
        {"lines": (*LINES[:2], replace(LINES[2], account="1771"))},
        {"lines": (*LINES[:2], replace(LINES[2], credit=Decimal("19.01")))},
        {"lines": (replace(LINES[0], debit=Decimal("119.01")), *LINES[1:])},
        {"lines": (replace(LINES[0], text=""), *LINES[1:])},
    ],
)
def test_every_change_of_an_entry_shows(changed: dict[str, Any]) -> None:
    original = stored(entry())
    tampered = replace(original, entry=replace(original.entry, **changed))
    assert fault(tampered, GENESIS, 1) == "Entry 1 does not say what it said when it was posted."


def test_a_missing_entry_is_named() -> None:
    assert fault(stored(entry(3)), GENESIS, 2) == "Entry 2 is missing; the next one found is 3."


def test_an_entry_of_another_chain_is_named() -> None:
    other = stored(entry(2), previous=bytes(31) + b"\x01")
    assert fault(other, GENESIS, 2) == "Entry 2 is not chained to the entry before it."


def test_an_unbalanced_entry_is_named_even_when_its_hash_fits() -> None:
    assert fault(stored(replace(entry(), lines=LINES[:2])), GENESIS, 1) == "Entry 1 does not balance."


@given(st.lists(st.decimals("0.01", "99999", places=2), min_size=1, max_size=6), st.decimals("0", "9999", places=2))
def test_every_entry_of_a_consistent_document_balances(nets: list[Decimal], tax: Decimal) -> None:
    total = sum(nets, Decimal(0))
    document = replace(
        INVOICE,
        gross_total=total + tax,
        taxes=(TaxTotal("standard", Decimal(19), total, tax, "1776"),),
        lines=tuple(
            replace(INVOICE.lines[0], item_id=uuid4(), net=net, revenue_account=f"84{position:02}")
            for position, net in enumerate(nets)
        ),
    )
    assert balanced(entry_lines(document))
