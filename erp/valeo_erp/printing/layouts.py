"""What the paper of each kind shows, as one table. Pure; what it calls itself stands in `titles`."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from valeo_erp.documents.document import Kind


class Column(StrEnum):
    """A column of the table of lines, by the attribute of a line's view that stands in it."""

    POSITION = "position"
    DESCRIPTION = "description"
    QUANTITY = "quantity"
    UNIT_PRICE = "unit_price"
    DISCOUNT = "discount"
    TAX = "tax"
    NET = "net"


class Settlement(StrEnum):
    """Who pays whom because of this paper."""

    NOBODY = "nobody"
    THEY_PAY = "they_pay"
    CREDITED = "credited"
    WE_PAY = "we_pay"


class Signature(StrEnum):
    """Who signs at the foot of the paper."""

    RECEIVED = "received"
    DRIVER = "driver"
    WEIGHED = "weighed"


PRICED = tuple(Column)
GOODS = (Column.POSITION, Column.DESCRIPTION, Column.QUANTITY)
"""Goods that move are handed over by people who need not know what they cost."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What one kind shows.

    Attributes:
        columns: of the table of lines; without prices there is no table of totals either.
        settlement: what is said about the payment.
        signatures: lines to sign on.
        weights: whether the two weighings are shown.
        invoice: whether §14 UStG says what must stand on it.
        self_billed: whether we write it in the supplier's place (§14 (2) UStG): the other side is the supplier.
        names_source: whether it is nothing without the document that it follows (§31 (5) UStDV).
        internal: whether it is only our record of a paper that somebody else wrote.
        due: whether the day of payment stands among the facts.
    """

    columns: tuple[Column, ...] = PRICED
    settlement: Settlement = Settlement.NOBODY
    signatures: tuple[Signature, ...] = ()
    weights: bool = False
    invoice: bool = False
    self_billed: bool = False
    names_source: bool = False
    internal: bool = False
    due: bool = False

    @property
    def priced(self) -> bool:
        """Whether anything of it is about money."""
        return Column.NET in self.columns


LAYOUTS: Mapping[Kind, Layout] = MappingProxyType(
    {
        Kind.QUOTATION: Layout(),
        Kind.SALES_ORDER: Layout(),
        Kind.DELIVERY_NOTE: Layout(columns=GOODS, signatures=(Signature.DRIVER, Signature.RECEIVED)),
        Kind.INVOICE: Layout(settlement=Settlement.THEY_PAY, invoice=True, due=True),
        Kind.CREDIT_NOTE: Layout(settlement=Settlement.CREDITED, invoice=True, names_source=True),
        Kind.PURCHASE_ORDER: Layout(),
        Kind.WEIGHING_TICKET: Layout(columns=GOODS, signatures=(Signature.DRIVER, Signature.WEIGHED), weights=True),
        Kind.GOODS_RECEIPT: Layout(columns=GOODS, signatures=(Signature.DRIVER, Signature.RECEIVED)),
        Kind.SUPPLIER_INVOICE: Layout(internal=True, due=True),
        Kind.SELF_BILLED_CREDIT: Layout(settlement=Settlement.WE_PAY, invoice=True, self_billed=True, due=True),
    }
)
"""Every kind."""
