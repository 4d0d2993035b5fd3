"""From what somebody wrote to the content of a document, or to all of its faults at once. Pure."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from valeo_erp.calculation.totals import AmountTooLargeError, PricedLine, TaxTotal, Totals, calculate
from valeo_erp.calculation.units import factor
from valeo_erp.documents.document import Document, Kind, Line, PartySnapshot, State
from valeo_erp.documents.lifecycle import AFTER_EDIT
from valeo_erp.documents.schemas import DocumentBody, LineBody
from valeo_erp.kernel.canonical import canonical_json
from valeo_erp.kernel.problems import Failure

_QUANTITY, _PRICE, _PERCENT = Decimal("0.0001"), Decimal("0.000001"), Decimal("0.0001")
"""Steps of the columns, so that a value looks the same before and after it was stored."""


@dataclass(frozen=True, slots=True)
class KnownParty:
    """The other side, as master data knows it."""

    id: UUID
    active: bool
    payment_days: int
    snapshot: PartySnapshot


@dataclass(frozen=True, slots=True)
class KnownItem:
    """An item, as master data knows it."""

    id: UUID
    number: str
    name: str
    unit: str
    price_base: Decimal
    list_price: Decimal
    tax_code: str
    revenue_account: str
    active: bool


@dataclass(frozen=True, slots=True)
class KnownTax:
    """A tax code at the date of supply."""

    rate: Decimal
    account: str


@dataclass(frozen=True, slots=True)
class Masters:
    """The master data that a draft refers to, as far as it exists."""

    party: KnownParty | None
    items: Mapping[UUID, KnownItem]
    taxes: Mapping[str, KnownTax]


@dataclass(frozen=True, slots=True)
class Content:
    """What a document says, apart from who did what with it."""

    party_id: UUID
    party: PartySnapshot
    document_date: date
    supply_date: date
    due_date: date
    currency: str
    note: str
    lines: tuple[Line, ...]
    totals: Totals


class FaultyDraftError(ValueError):
    """What was written can not become a document; all reasons."""

    def __init__(self, failures: Sequence[Failure]) -> None:
        super().__init__("; ".join(failure.message for failure in failures))
        self.failures = failures


def draw_up(body: DocumentBody, masters: Masters, today: date) -> Content:
    """The content that follows from what was written and the master data.

    Raises:
        FaultyDraftError: with every fault that was found.
    """
    document_date = body.document_date or today
    supply_date = body.supply_date or document_date
    failures = _party_faults(masters.party)
    if body.due_date is not None and body.due_date < document_date:
        failures.append(
            Failure("due_before_document", f"{body.due_date} is before the document date {document_date}.", "due_date")
        )
    lines, totals, line_failures = priced(body.lines, masters)
    failures += line_failures
    if failures or masters.party is None or totals is None:
        raise FaultyDraftError(failures)
    return Content(
        party_id=masters.party.id,
        party=masters.party.snapshot,
        document_date=document_date,
        supply_date=supply_date,
        due_date=body.due_date or document_date + timedelta(days=masters.party.payment_days),
        currency=body.currency,
        note=body.note,
        lines=lines,
        totals=totals,
    )


def priced(bodies: Sequence[LineBody], masters: Masters) -> tuple[tuple[Line, ...], Totals | None, list[Failure]]:
    """Lines with their amounts, or everything that is wrong with them."""
    failures = [failure for index, body in enumerate(bodies) for failure in _line_faults(index, body, masters)]
    if failures:
        return (), None, failures
    lines = tuple(_line(index + 1, body, masters) for index, body in enumerate(bodies))
    accounts = {code: tax.account for code, tax in masters.taxes.items()}
    try:
        totals = totals_of(lines, accounts)
    except AmountTooLargeError as error:
        field = "lines" if error.position is None else f"lines.{error.position}"
        return (), None, [Failure("amount_too_large", f"{error}; check quantity and price.", field)]
    return tuple(replace(line, net=net) for line, net in zip(lines, totals.nets, strict=True)), totals, []


def totals_of(lines: Sequence[Line], tax_accounts: Mapping[str, str]) -> Totals:
    """The amounts of lines by the one calculation.

    Raises:
        AmountTooLargeError: an amount can not be stored.
    """
    return calculate(
        [
            PricedLine(
                quantity=line.quantity,
                unit=line.unit,
                unit_price=line.unit_price,
                price_base=line.price_base,
                price_unit=line.price_unit,
                discount=line.discount,
                tax_code=line.tax_code,
                tax_rate=line.tax_rate,
                tax_account=tax_accounts[line.tax_code],
            )
            for line in lines
        ]
    )


def new_document(
    identifier: UUID, tenant_id: UUID, kind: Kind, content: Content, author: str, at: datetime
) -> Document:
    """A draft with this content."""
    draft = Document(
        tenant_id=tenant_id,
        id=identifier,
        kind=kind,
        state=State.DRAFT,
        version=1,
        number=None,
        party_id=content.party_id,
        party=content.party,
        document_date=content.document_date,
        supply_date=content.supply_date,
        due_date=content.due_date,
        currency=content.currency,
        note=content.note,
        net_total=content.totals.net_total,
        tax_total=content.totals.tax_total,
        gross_total=content.totals.gross_total,
        taxes=content.totals.taxes,
        content_hash=b"",
        reverses_id=None,
        reversed_by_id=None,
        created_by=author,
        created_at=at,
        edited_by=author,
        edited_at=at,
        submitted_by=None,
        submitted_at=None,
        approved_by=None,
        approved_at=None,
        approved_hash=None,
        posted_by=None,
        posted_at=None,
        lines=content.lines,
    )
    return replace(draft, content_hash=content_hash(draft))


def rewritten(document: Document, content: Content, author: str, at: datetime) -> Document:
    """The document with another content: what was submitted or approved is so no longer."""
    written = new_document(document.id, document.tenant_id, document.kind, content, author, at)
    return replace(
        written,
        state=AFTER_EDIT[document.state],
        version=document.version + 1,
        created_by=document.created_by,
        created_at=document.created_at,
    )


def content_hash(document: Document) -> bytes:
    """The sha-256 over everything that an approval says yes to."""
    return hashlib.sha256(
        canonical_json(
            [
                document.kind,
                document.party_id,
                document.document_date,
                document.supply_date,
                document.due_date,
                document.currency,
                document.note,
                document.reverses_id,
                [_line_content(line) for line in document.lines],
                [_tax_content(tax) for tax in document.taxes],
                document.net_total,
                document.tax_total,
                document.gross_total,
            ]
        )
    ).digest()


def _line_content(line: Line) -> list[object]:
    return [
        line.position,
        line.item_id,
        line.item_number,
        line.description,
        line.quantity,
        line.unit,
        line.unit_price,
        line.price_base,
        line.price_unit,
        line.discount,
        line.tax_code,
        line.tax_rate,
        line.net,
        line.revenue_account,
    ]


def _tax_content(tax: TaxTotal) -> list[object]:
    return [tax.code, tax.rate, tax.net, tax.tax, tax.account]


def _party_faults(party: KnownParty | None) -> list[Failure]:
    if party is None:
        return [Failure("party_unknown", "There is no such party.", "party_id")]
    if not party.active:
        return [Failure("party_inactive", f"The party {party.snapshot.number} is no longer active.", "party_id")]
    return []


def _line_faults(index: int, body: LineBody, masters: Masters) -> list[Failure]:
    field = f"lines.{index}"
    item = masters.items.get(body.item_id)
    if item is None:
        return [Failure("item_unknown", "There is no such item.", f"{field}.item_id")]
    failures = []
    if not item.active:
        failures.append(Failure("item_inactive", f"The item {item.number} is no longer active.", f"{field}.item_id"))
    if body.unit is not None and factor(body.unit, item.unit) is None:
        failures.append(
            Failure("unit_mismatch", f"{item.number} is traded in {item.unit}, not in {body.unit}.", f"{field}.unit")
        )
    if item.tax_code not in masters.taxes:
        failures.append(
            Failure(
                "no_tax_rate", f"The tax code {item.tax_code} has no rate at the date of supply.", f"{field}.item_id"
            )
        )
    return failures


def _line(position: int, body: LineBody, masters: Masters) -> Line:
    item = masters.items[body.item_id]
    price = item.list_price if body.unit_price is None else body.unit_price
    return Line(
        position=position,
        item_id=item.id,
        item_number=item.number,
        description=body.description or item.name,
        quantity=body.quantity.quantize(_QUANTITY),
        unit=body.unit or item.unit,
        unit_price=price.quantize(_PRICE),
        price_base=item.price_base.quantize(_QUANTITY),
        price_unit=item.unit,
        discount=body.discount.quantize(_PERCENT),
        tax_code=item.tax_code,
        tax_rate=masters.taxes[item.tax_code].rate.quantize(_PERCENT),
        net=Decimal(0),
        revenue_account=item.revenue_account,
    )
