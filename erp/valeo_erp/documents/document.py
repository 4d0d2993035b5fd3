"""What a document is: frozen facts, as every other part of the service sees them."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from valeo_erp.calculation.settlement import Quality
from valeo_erp.calculation.totals import TaxTotal

__all__ = [
    "ISSUED",
    "Document",
    "DocumentSummary",
    "Kind",
    "Line",
    "PartySnapshot",
    "Quality",
    "State",
    "TaxTotal",
    "Weighing",
]


class Kind(StrEnum):
    """The kinds of documents. What is special about each stands in `kinds.KINDS`."""

    QUOTATION = "quotation"
    SALES_ORDER = "sales_order"
    DELIVERY_NOTE = "delivery_note"
    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    PURCHASE_ORDER = "purchase_order"
    WEIGHING_TICKET = "weighing_ticket"
    GOODS_RECEIPT = "goods_receipt"
    SUPPLIER_INVOICE = "supplier_invoice"
    SELF_BILLED_CREDIT = "self_billed_credit"


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
class Weighing:
    """The two weighings of a vehicle, full and empty in whatever order; the second may still be to come.

    Attributes:
        vehicle: its registration number.
        first_kg: what the scale showed, in kilograms.
    """

    vehicle: str
    first_kg: Decimal
    first_at: datetime
    second_kg: Decimal | None
    second_at: datetime | None

    @property
    def net_kg(self) -> Decimal:
        """The load, in kilograms; zero before the second weighing."""
        return Decimal(0) if self.second_kg is None else abs(self.first_kg - self.second_kg)


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
        revenue_account: of the goods: revenue where they are sold, cost where they are bought.
        source_id: the document that this line follows, with the line's `source_position` there.
        quality: of grain that is settled by what was measured.
        weighing: on weighing tickets.
        freight: goes with the goods: taxed as they are, without the document's discount.
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
    source_id: UUID | None = None
    source_position: int | None = None
    quality: Quality | None = None
    weighing: Weighing | None = None
    freight: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """A document with its lines. Attributes are the columns of the table `document`.

    Attributes:
        discount: per cent, granted on every line of goods besides the line's own.
        reference: how the other side calls it: the number of the supplier's invoice, of the customer's order.
        counter_account: where the other side's debt, or ours, is booked; None on what is not booked.
    """

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
    discount: Decimal = Decimal(0)
    reference: str = ""
    counter_account: str | None = None


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
