"""What a document is: frozen facts, as every other part of the service sees them."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from valeo_erp.calculation.totals import TaxTotal

__all__ = ["ISSUED", "Document", "DocumentSummary", "Kind", "Line", "PartySnapshot", "State", "TaxTotal"]


class Kind(StrEnum):
    """The kinds of documents."""

    INVOICE = "invoice"


class State(StrEnum):
    """Where a document stands in its workflow."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"
    POSTED = "posted"
    REVERSED = "reversed"
    CANCELLED = "cancelled"


ISSUED = frozenset({State.POSTED, State.REVERSED})
"""States of a document that left the house: it has a number and is never changed again."""


@dataclass(frozen=True, slots=True)
class PartySnapshot:
    """Name and address of the other side: as they were when posted, before that as they are now."""

    number: str
    name: str
    street: str
    postal_code: str
    city: str
    country: str
    vat_id: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a document.

    Attributes:
        position: from 1.
        quantity: in `unit`; negative on a reversal.
        unit: t, dt, kg, l or piece.
        unit_price: for `price_base` units of `price_unit`, in the document's currency.
        discount: per cent.
        tax_rate: per cent, of `tax_code` at the date of supply.
        net: rounded to cents.
    """

    position: int
    item_id: UUID
    item_number: str
    description: str
    quantity: Decimal
    unit: str
    unit_price: Decimal
    price_base: Decimal
    price_unit: str
    discount: Decimal
    tax_code: str
    tax_rate: Decimal
    net: Decimal
    revenue_account: str


@dataclass(frozen=True, slots=True)
class Document:
    """A document with its lines. Attributes are the columns of the table `document`."""

    tenant_id: UUID
    id: UUID
    kind: Kind
    state: State
    version: int
    number: str | None
    party_id: UUID
    party: PartySnapshot
    document_date: date
    supply_date: date
    due_date: date
    currency: str
    note: str
    net_total: Decimal
    tax_total: Decimal
    gross_total: Decimal
    taxes: tuple[TaxTotal, ...]
    content_hash: bytes
    reverses_id: UUID | None
    reversed_by_id: UUID | None
    created_by: str
    created_at: datetime
    edited_by: str
    edited_at: datetime
    submitted_by: str | None
    submitted_at: datetime | None
    approved_by: str | None
    approved_at: datetime | None
    approved_hash: bytes | None
    posted_by: str | None
    posted_at: datetime | None
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class DocumentSummary:
    """A document as a row of a list."""

    id: UUID
    state: State
    version: int
    number: str | None
    party_id: UUID
    party_number: str
    party_name: str
    document_date: date
    due_date: date
    currency: str
    net_total: Decimal
    tax_total: Decimal
    gross_total: Decimal
