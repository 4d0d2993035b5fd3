"""What is booked for a document, and the chain over every entry. Pure."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from valeo_erp.accounts.chart import Chart, Role, number_of
from valeo_erp.documents.document import Document
from valeo_erp.documents.kinds import Counter, rules_of
from valeo_erp.kernel.canonical import canonical_json

RECEIVABLES = number_of(Chart.SKR03, Role.RECEIVABLES)
"""Of documents that were written before documents kept their counter account; all of them were in SKR03."""

_TEXTS = {
    Counter.RECEIVABLES: ("Forderung", "Erlös", "Umsatzsteuer"),
    Counter.PAYABLES: ("Verbindlichkeit", "Aufwand", "Vorsteuer"),
}

GENESIS = bytes(32)
"""What the first entry of a book is chained to."""


Debit = tuple[str, Decimal, str]
"""An account, the amount that it is debited with, and why. A negative amount credits it."""


@dataclass(frozen=True, slots=True)
class EntryLine:
    """One side of an entry: either debit or credit is more than zero, the other is zero."""

    position: int
    account: str
    debit: Decimal
    credit: Decimal
    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What one document did to the book.

    Attributes:
        sequence: from 1, without gaps, within the tenant.
    """

    tenant_id: UUID
    sequence: int
    document_id: UUID
    document_number: str
    entry_date: date
    text: str
    posted_at: datetime
    posted_by: str
    lines: tuple[EntryLine, ...]


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry as it was read back, with the hashes that were stored beside it."""

    entry: Entry
    previous_hash: bytes
    hash: bytes


def entry_lines(document: Document) -> tuple[EntryLine, ...]:
    """The counter account against goods and tax; a reversal, whose amounts are negative, books the other way round.

    Raises:
        ValueError: this kind of document is not booked.
    """
    return lines_of(_debits(document))


def lines_of(debits: Iterable[Debit]) -> tuple[EntryLine, ...]:
    """Sides of an entry: a negative debit is a credit; nothing is booked for zero."""
    zero = Decimal("0.00")
    booked = (each for each in debits if each[1])
    return tuple(
        EntryLine(position, account, max(amount, zero), max(-amount, zero), text)
        for position, (account, amount, text) in enumerate(booked, 1)
    )


def _debits(document: Document) -> Iterator[Debit]:
    booking = rules_of(document.kind).booking
    if booking is None:
        raise ValueError(f"A {document.kind} is not booked")
    debt, goods, tax_text = _TEXTS[booking.counter]
    yield document.counter_account or RECEIVABLES, booking.direction * document.gross_total, debt
    for account, net in _revenues(document).items():
        yield account, -booking.direction * net, goods
    for tax in document.taxes:
        yield tax.account, -booking.direction * tax.tax, f"{tax_text} {_rate(tax.rate)}"
        owed = f"als Leistungsempfänger {_rate(tax.self_assessed_rate)}"
        yield tax.account, -booking.direction * tax.self_assessed, f"Vorsteuer {owed}"
        yield tax.self_assessed_account, booking.direction * tax.self_assessed, f"Umsatzsteuer {owed}"


def _rate(rate: Decimal) -> str:
    return f"{rate.normalize():f} %"


def _revenues(document: Document) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for line in document.lines:
        sums[line.revenue_account] = sums.get(line.revenue_account, Decimal("0.00")) + line.net
    return dict(sorted(sums.items()))


def balanced(lines: Sequence[EntryLine]) -> bool:
    """Whether debits equal credits, on at least two lines."""
    return len(lines) > 1 and sum(line.debit - line.credit for line in lines) == 0


def chain_hash(previous: bytes, entry: Entry) -> bytes:
    """The sha-256 over the previous entry's hash and everything that this entry says."""
    return hashlib.sha256(previous + _said(entry, entry.sequence)).digest()


def unplaced(entry: Entry, place: str) -> bytes:
    """What an entry will say, before its sequence is known: the JSON string `place` stands where the number will."""
    return _said(entry, place)


def _said(entry: Entry, sequence: int | str) -> bytes:
    return canonical_json(
        [
            entry.tenant_id,
            sequence,
            entry.document_id,
            entry.document_number,
            entry.entry_date,
            entry.text,
            entry.posted_at.astimezone(UTC).isoformat(timespec="microseconds"),
            entry.posted_by,
            [[line.position, line.account, line.debit, line.credit, line.text] for line in entry.lines],
        ]
    )


def fault(stored: StoredEntry, previous: bytes, expected_sequence: int) -> str | None:
    """What is wrong with an entry, in words; None if it is as it was posted.

    Args:
        stored: as it was read back.
        previous: the hash of the entry before, recomputed.
        expected_sequence: the one after that entry's.
    """
    entry = stored.entry
    if entry.sequence != expected_sequence:
        return f"Entry {expected_sequence} is missing; the next one found is {entry.sequence}."
    if stored.previous_hash != previous:
        return f"Entry {entry.sequence} is not chained to the entry before it."
    if chain_hash(previous, entry) != stored.hash:
        return f"Entry {entry.sequence} does not say what it said when it was posted."
    if not balanced(entry.lines):
        return f"Entry {entry.sequence} does not balance."
    return None
