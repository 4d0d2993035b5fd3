"""The kinds of documents as data: what is special about each. Pure; everything else is the same for all of them."""

from dataclasses import dataclass
from enum import StrEnum

from valeo_erp.accounts.chart import Role, number_of
from valeo_erp.documents.document import Kind
from valeo_erp.identity.scopes import Scope


class Side(StrEnum):
    """Whether we sell or buy; the other side is a customer or a supplier."""

    SALES = "sales"
    PURCHASE = "purchase"


class Workflow(StrEnum):
    """Which table of `lifecycle.WORKFLOWS` a kind moves by.

    `APPROVED`: somebody else approves before it leaves the house. `DISPATCHED`: written at the ramp or the
    weighbridge and issued at once, because a lorry waits; it promises nothing and books nothing.
    """

    APPROVED = "approved"
    DISPATCHED = "dispatched"


class Counter(StrEnum):
    """The account that stands against goods and tax: what we are owed, or what we owe."""

    RECEIVABLES = "receivables"
    PAYABLES = "payables"

    @property
    def role(self) -> Role:
        """Of the account in a chart."""
        return Role.RECEIVABLES if self is Counter.RECEIVABLES else Role.PAYABLES


@dataclass(frozen=True, slots=True)
class Booking:
    """How a posted document goes into the journal.

    Attributes:
        direction: 1 debits the counter account with a positive gross total, -1 credits it.
    """

    counter: Counter
    direction: int


@dataclass(frozen=True, slots=True)
class SideScopes:
    """What one must be allowed on one side of the trade."""

    read: Scope
    write: Scope
    submit: Scope
    approve: Scope
    post: Scope


SCOPES: dict[Side, SideScopes] = {
    Side.SALES: SideScopes(
        Scope.SALES_READ, Scope.SALES_WRITE, Scope.SALES_SUBMIT, Scope.SALES_APPROVE, Scope.SALES_POST
    ),
    Side.PURCHASE: SideScopes(
        Scope.PURCHASE_READ, Scope.PURCHASE_WRITE, Scope.PURCHASE_SUBMIT, Scope.PURCHASE_APPROVE, Scope.PURCHASE_POST
    ),
}


@dataclass(frozen=True, slots=True)
class KindRules:
    """What is special about one kind.

    Attributes:
        collection: its name in addresses, `/api/v1/{collection}`.
        prefix: of its number series.
        booking: None for what is not booked.
        follows: kinds whose lines its lines may come from.
        needs_source: whether every line must come from one.
        moves_goods: whether its quantities are what a scale or a tank shows, so that the item's tolerance holds.
        keeps_amount: whether its nets, too, may not exceed those of the source.
    """

    collection: str
    prefix: str
    side: Side
    german: str
    english: str
    workflow: Workflow = Workflow.APPROVED
    booking: Booking | None = None
    follows: frozenset[Kind] = frozenset()
    needs_source: bool = False
    moves_goods: bool = False
    keeps_amount: bool = False

    @property
    def scopes(self) -> SideScopes:
        """What one must be allowed."""
        return SCOPES[self.side]


KINDS: dict[Kind, KindRules] = {
    Kind.QUOTATION: KindRules("quotations", "QUO", Side.SALES, "Angebot", "quotation"),
    Kind.SALES_ORDER: KindRules(
        "sales-orders", "ORD", Side.SALES, "Auftragsbestätigung", "sales order", follows=frozenset({Kind.QUOTATION})
    ),
    Kind.DELIVERY_NOTE: KindRules(
        "delivery-notes",
        "DLV",
        Side.SALES,
        "Lieferschein",
        "delivery note",
        workflow=Workflow.DISPATCHED,
        follows=frozenset({Kind.SALES_ORDER}),
        moves_goods=True,
    ),
    Kind.INVOICE: KindRules(
        "invoices",
        "INV",
        Side.SALES,
        "Rechnung",
        "invoice",
        booking=Booking(Counter.RECEIVABLES, 1),
        follows=frozenset({Kind.SALES_ORDER, Kind.DELIVERY_NOTE}),
    ),
    Kind.CREDIT_NOTE: KindRules(
        "credit-notes",
        "CRN",
        Side.SALES,
        "Rechnungskorrektur",
        "credit note",
        booking=Booking(Counter.RECEIVABLES, -1),
        follows=frozenset({Kind.INVOICE}),
        needs_source=True,
        keeps_amount=True,
    ),
    Kind.PURCHASE_ORDER: KindRules("purchase-orders", "PUR", Side.PURCHASE, "Bestellung", "purchase order"),
    Kind.WEIGHING_TICKET: KindRules(
        "weighing-tickets",
        "WGT",
        Side.PURCHASE,
        "Wiegeschein",
        "weighing ticket",
        workflow=Workflow.DISPATCHED,
        follows=frozenset({Kind.PURCHASE_ORDER}),
        moves_goods=True,
    ),
    Kind.GOODS_RECEIPT: KindRules(
        "goods-receipts",
        "GRN",
        Side.PURCHASE,
        "Wareneingang",
        "goods receipt",
        workflow=Workflow.DISPATCHED,
        follows=frozenset({Kind.PURCHASE_ORDER}),
        moves_goods=True,
    ),
    Kind.SUPPLIER_INVOICE: KindRules(
        "supplier-invoices",
        "SIV",
        Side.PURCHASE,
        "Eingangsrechnung",
        "supplier invoice",
        booking=Booking(Counter.PAYABLES, -1),
        follows=frozenset({Kind.PURCHASE_ORDER, Kind.GOODS_RECEIPT, Kind.WEIGHING_TICKET}),
    ),
    Kind.SELF_BILLED_CREDIT: KindRules(
        "self-billed-credits",
        "SBC",
        Side.PURCHASE,
        "Gutschrift",
        "self-billed credit",
        booking=Booking(Counter.PAYABLES, -1),
        follows=frozenset({Kind.PURCHASE_ORDER, Kind.GOODS_RECEIPT, Kind.WEIGHING_TICKET}),
    ),
}
"""Every kind."""


def rules_of(kind: Kind) -> KindRules:
    """What is special about this kind."""
    return KINDS[kind]


def counter_account(kind: Kind, chart: str) -> str | None:
    """The account that stands against goods and tax in this chart; None for what is not booked."""
    booking = rules_of(kind).booking
    return None if booking is None else number_of(chart, booking.counter.role)


def siblings(kind: Kind) -> frozenset[Kind]:
    """The kinds that use up the same quantities: what was billed by one can not be billed by the other."""
    mine = rules_of(kind)
    return frozenset(
        other
        for other, rules in KINDS.items()
        if (rules.side, rules.booking, rules.moves_goods) == (mine.side, mine.booking, mine.moves_goods)
    )
