"""From what somebody wrote to the content of a document, or to all of its faults at once. Pure."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from valeo_erp.calculation.settlement import Quality
from valeo_erp.calculation.shares import split
from valeo_erp.calculation.totals import AmountTooLargeError, PricedLine, TaxTotal, Totals, calculate
from valeo_erp.calculation.units import Unit, factor
from valeo_erp.documents.document import Document, Kind, Line, PartySnapshot, State, Weighing
from valeo_erp.documents.kinds import Side, counter_account, rules_of
from valeo_erp.documents.lifecycle import AFTER_EDIT
from valeo_erp.documents.links import Key, SourceLine, link_faults, open_quantity
from valeo_erp.documents.schemas import CalculationBody, DocumentBody, FreightBody, LineBody, WeighingBody
from valeo_erp.kernel.canonical import canonical_json
from valeo_erp.kernel.problems import Failure
from valeo_erp.taxes.treatment import OtherSide, TaxStatus, tax_code_of

_QUANTITY, _PRICE, _PERCENT = Decimal("0.0001"), Decimal("0.000001"), Decimal("0.0001")
"""Steps of the columns, so that a value looks the same before and after it was stored."""


@dataclass(frozen=True, slots=True)
class KnownParty:
    """The other side, as master data knows it."""

    id: UUID
    active: bool
    payment_days: int
    snapshot: PartySnapshot
    status: TaxStatus = TaxStatus.REGULAR


@dataclass(frozen=True, slots=True)
class GrainTerms:
    """How an item is settled by what was measured; see `calculation.settlement.Quality`."""

    base_moisture: Decimal
    shrinkage: Decimal
    base_impurity: Decimal
    drying_price: Decimal


@dataclass(frozen=True, slots=True)
class AgreedPrice:
    """What a price list says of an item at the date of supply."""

    unit_price: Decimal
    price_base: Decimal


@dataclass(frozen=True, slots=True)
class KnownItem:
    """An item, as master data knows it.

    Attributes:
        agreed: of the party, or else of everybody; None where no price list says anything.
    """

    id: UUID
    number: str
    name: str
    unit: str
    price_base: Decimal
    list_price: Decimal
    tax_code: str
    revenue_account: str
    active: bool
    purchase_price: Decimal = Decimal(0)
    cost_account: str = ""
    grain: GrainTerms | None = None
    agreed: AgreedPrice | None = None


@dataclass(frozen=True, slots=True)
class KnownTax:
    """A tax code at the date of supply.

    Attributes:
        input_account: where the tax goes when we buy; None where there is none to deduct.
        self_assessed_rate: per cent that we owe and deduct ourselves when we buy.
    """

    rate: Decimal
    account: str
    input_account: str | None = None
    self_assessed_rate: Decimal = Decimal(0)
    self_assessed_account: str = ""


@dataclass(frozen=True, slots=True)
class Masters:
    """The master data that a draft refers to, as far as it exists."""

    party: KnownParty | None
    items: Mapping[UUID, KnownItem]
    taxes: Mapping[str, KnownTax]
    sources: Mapping[Key, SourceLine] = field(default_factory=dict)
    chart: str = "skr03"
    country: str = "DE"


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
    discount: Decimal
    reference: str
    counter_account: str | None


class FaultyDraftError(ValueError):
    """What was written can not become a document; all reasons."""

    def __init__(self, failures: Sequence[Failure]) -> None:
        super().__init__("; ".join(failure.message for failure in failures))
        self.failures = failures


def draw_up(kind: Kind, body: DocumentBody, masters: Masters, today: date) -> Content:
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
    lines, totals, line_failures = priced(kind, body, masters)
    failures += line_failures
    if masters.party is not None:
        failures += link_faults(kind, masters.party.id, lines, masters.sources)
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
        discount=body.discount.quantize(_PERCENT),
        reference=body.reference,
        counter_account=counter_account(kind, masters.chart),
    )


def priced(
    kind: Kind, body: DocumentBody | CalculationBody, masters: Masters
) -> tuple[tuple[Line, ...], Totals | None, list[Failure]]:
    """Lines with their amounts, or everything that is wrong with them."""
    failures = [f for index, line in enumerate(body.lines) for f in _line_faults(kind, f"lines.{index}", line, masters)]
    if body.freight is not None:
        failures += _freight_faults(body.freight, masters)
    if failures:
        return (), None, failures
    lines = tuple(_line(kind, index + 1, line, masters) for index, line in enumerate(body.lines))
    terms = _terms(kind, lines, masters)
    try:
        if body.freight is not None:
            lines += _freight_lines(kind, body.freight, lines, totals_of(lines, terms, body.discount), masters)
        totals = totals_of(lines, terms, body.discount)
    except AmountTooLargeError as error:
        field_ = "lines" if error.position is None else f"lines.{error.position}"
        return (), None, [Failure("amount_too_large", f"{error}; check quantity and price.", field_)]
    valued = tuple(replace(line, net=net) for line, net in zip(lines, totals.nets, strict=True))
    return valued, totals, _worth_nothing(valued)


def recalculated(document: Document) -> Totals:
    """The amounts of a stored document, from its lines and the accounts of its taxes.

    Raises:
        AmountTooLargeError: an amount can not be stored.
    """
    terms = {
        tax.code: TaxTerms(tax.account, tax.self_assessed_rate, tax.self_assessed_account) for tax in document.taxes
    }
    return totals_of(document.lines, terms, document.discount)


@dataclass(frozen=True, slots=True)
class TaxTerms:
    """Where the tax of a code is booked, and what the buyer owes itself; per cent."""

    account: str
    self_assessed_rate: Decimal = Decimal(0)
    self_assessed_account: str = ""


def totals_of(lines: Sequence[Line], terms: Mapping[str, TaxTerms], discount: Decimal = Decimal(0)) -> Totals:
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
                tax_account=terms[line.tax_code].account,
                document_discount=Decimal(0) if line.freight else discount,
                quality=line.quality,
                self_assessed_rate=terms[line.tax_code].self_assessed_rate,
                self_assessed_account=terms[line.tax_code].self_assessed_account,
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
        discount=content.discount,
        reference=content.reference,
        counter_account=content.counter_account,
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
    """The sha-256 over everything that an approval says yes to.

    What came later than the first documents is added only where it says something, so that old approvals still hold.
    """
    content: list[object] = [
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
    if document.discount or document.reference or document.counter_account:
        content.append([document.discount, document.reference, document.counter_account])
    return hashlib.sha256(canonical_json(content)).digest()


def _line_content(line: Line) -> list[object]:
    content: list[object] = [
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
    if line.source_id is not None:
        content.append([line.source_id, line.source_position])
    if line.freight:
        content.append("freight")
    if line.quality is not None:
        content.append(list(astuple(line.quality)))
    if line.weighing is not None:
        weighing = line.weighing
        instants = [at and at.astimezone(UTC).isoformat() for at in (weighing.first_at, weighing.second_at)]
        content.append([weighing.vehicle, weighing.first_kg, weighing.second_kg, *instants])
    return content


def _tax_content(tax: TaxTotal) -> list[object]:
    content: list[object] = [tax.code, tax.rate, tax.net, tax.tax, tax.account]
    if tax.self_assessed_account:
        content += [tax.self_assessed_rate, tax.self_assessed, tax.self_assessed_account]
    return content


def _party_faults(party: KnownParty | None) -> list[Failure]:
    if party is None:
        return [Failure("party_unknown", "There is no such party.", "party_id")]
    if not party.active:
        return [Failure("party_inactive", f"The party {party.snapshot.number} is no longer active.", "party_id")]
    return []


def _line_faults(kind: Kind, field_: str, body: LineBody, masters: Masters) -> list[Failure]:
    source = _source_of(body, masters)
    if body.source is not None and source is None:
        return [Failure("source_unknown", "There is no such line to follow.", f"{field_}.source")]
    item = masters.items.get(_item_id(body, source))
    if item is None:
        return [Failure("item_unknown", "There is no such item.", f"{field_}.item_id")]
    failures = []
    if not item.active:
        failures.append(Failure("item_inactive", f"The item {item.number} is no longer active.", f"{field_}.item_id"))
    if source is not None and source.line.item_id != item.id:
        message = f"The line it follows is of {source.line.item_number}, not of {item.number}."
        failures.append(Failure("item_differs", message, f"{field_}.item_id"))
    failures += _measure_faults(kind, field_, body, item)
    code = _tax_code(kind, body, source, item, masters)
    return failures + _tax_faults(
        kind, code, f"{field_}.item_id" if body.tax_code is None else f"{field_}.tax_code", masters
    )


def _measure_faults(kind: Kind, field_: str, body: LineBody, item: KnownItem) -> list[Failure]:
    failures = []
    if body.unit is not None and factor(body.unit, item.unit) is None:
        failures.append(
            Failure("unit_mismatch", f"{item.number} is traded in {item.unit}, not in {body.unit}.", f"{field_}.unit")
        )
    if kind is Kind.WEIGHING_TICKET:
        if body.weighing is None:
            failures.append(Failure("weighing_missing", "Write the first weighing.", f"{field_}.weighing"))
        elif body.quantity is not None:
            message = "The quantity of a weighing ticket is what was weighed; leave it out."
            failures.append(Failure("quantity_weighed", message, f"{field_}.quantity"))
        if factor(Unit.KILOGRAM, item.unit) is None:
            message = f"{item.number} is traded in {item.unit}, which no scale shows."
            failures.append(Failure("unit_mismatch", message, f"{field_}.item_id"))
    elif body.weighing is not None:
        failures.append(Failure("weighing_elsewhere", "Only weighing tickets have weighings.", f"{field_}.weighing"))
    if item.grain is None and (body.moisture is not None or body.impurity is not None):
        message = f"{item.number} has no terms by which moisture and impurity are settled."
        failures.append(Failure("no_grain_terms", message, f"{field_}.moisture"))
    return failures


def _tax_faults(kind: Kind, code: str, field_: str, masters: Masters) -> list[Failure]:
    tax = masters.taxes.get(code)
    if tax is None:
        return [Failure("no_tax_rate", f"The tax code {code} has no rate at the date of supply.", field_)]
    charged = tax.rate or tax.self_assessed_rate
    if rules_of(kind).side is Side.PURCHASE and charged and tax.input_account is None:
        return [Failure("no_input_tax", f"The tax code {code} has no account for input tax.", field_)]
    return []


def _freight_faults(freight: FreightBody, masters: Masters) -> list[Failure]:
    item = masters.items.get(freight.item_id)
    if item is None:
        return [Failure("item_unknown", "There is no such item.", "freight.item_id")]
    if not item.active:
        return [Failure("item_inactive", f"The item {item.number} is no longer active.", "freight.item_id")]
    return []


def _worth_nothing(lines: Sequence[Line]) -> list[Failure]:
    return [
        Failure(
            "worth_less_than_nothing",
            f"Line {line.position}: drying costs more than the grain is worth ({line.net}); check moisture and price.",
            f"lines.{line.position - 1}.moisture",
        )
        for line in lines
        if line.net < 0
    ]


def _source_of(body: LineBody, masters: Masters) -> SourceLine | None:
    return None if body.source is None else masters.sources.get((body.source.document_id, body.source.position))


def _item_id(body: LineBody, source: SourceLine | None) -> UUID:
    if body.item_id is not None:
        return body.item_id
    if source is None:
        raise AssertionError("a line has an item or a source")
    return source.line.item_id


def _tax_code(kind: Kind, body: LineBody, source: SourceLine | None, item: KnownItem, masters: Masters) -> str:
    """What is written; else that of the source, where somebody may have chosen it; else the usual one."""
    if body.tax_code is not None:
        return body.tax_code
    if source is not None and rules_of(source.kind).side is rules_of(kind).side:
        return source.line.tax_code
    return _usual_tax_code(kind, item, masters)


def _usual_tax_code(kind: Kind, item: KnownItem, masters: Masters) -> str:
    party = masters.party
    if party is None:
        return item.tax_code
    country = party.snapshot.country
    other = OtherSide(party.status, country, country != masters.country, party.snapshot.vat_id is not None)
    return tax_code_of(item.tax_code, other, buying=rules_of(kind).side is Side.PURCHASE)


def _terms(kind: Kind, lines: Sequence[Line], masters: Masters) -> dict[str, TaxTerms]:
    """Where the taxes of these lines are booked."""
    return {line.tax_code: _tax_terms(kind, masters.taxes[line.tax_code]) for line in lines}


def _tax_terms(kind: Kind, tax: KnownTax) -> TaxTerms:
    if rules_of(kind).side is Side.SALES:
        return TaxTerms(tax.account)
    return TaxTerms(tax.input_account or tax.account, tax.self_assessed_rate, tax.self_assessed_account)


def _line(kind: Kind, position: int, body: LineBody, masters: Masters) -> Line:
    source = _source_of(body, masters)
    item = masters.items[_item_id(body, source)]
    code = _tax_code(kind, body, source, item, masters)
    weighing = None if body.weighing is None else _weighing(body.weighing)
    unit = body.unit or (source.line.unit if source is not None else item.unit)
    buying = rules_of(kind).side is Side.PURCHASE
    unit_price, price_base = _price(body, source, item, buying=buying)
    return Line(
        position=position,
        item_id=item.id,
        item_number=item.number,
        description=body.description or (source.line.description if source is not None else item.name),
        quantity=_quantity(body, source, weighing, unit).quantize(_QUANTITY),
        unit=unit,
        unit_price=unit_price.quantize(_PRICE),
        price_base=price_base.quantize(_QUANTITY),
        price_unit=item.unit if source is None else source.line.price_unit,
        discount=_discount(body, source).quantize(_PERCENT),
        tax_code=code,
        tax_rate=masters.taxes[code].rate.quantize(_PERCENT),
        net=Decimal(0),
        revenue_account=item.cost_account if buying else item.revenue_account,
        source_id=None if source is None else source.document_id,
        source_position=None if source is None else source.line.position,
        quality=_quality(body, source, item),
        weighing=weighing,
    )


def _quantity(body: LineBody, source: SourceLine | None, weighing: Weighing | None, unit: str) -> Decimal:
    if weighing is not None:
        return weighing.net_kg * (factor(Unit.KILOGRAM, unit) or Decimal(0))
    if body.quantity is not None:
        return body.quantity
    if source is None:
        raise AssertionError("a line has a quantity, a weighing or a source")
    return open_quantity(source) * (factor(source.line.unit, unit) or Decimal(0))


def _price(body: LineBody, source: SourceLine | None, item: KnownItem, *, buying: bool) -> tuple[Decimal, Decimal]:
    """What so many units cost, and how many: as written, as the line that is followed, as agreed, as usual."""
    if source is not None:
        written = source.line.unit_price if body.unit_price is None else body.unit_price
        return written, source.line.price_base
    if body.unit_price is not None:
        return body.unit_price, item.price_base
    if item.agreed is not None:
        return item.agreed.unit_price, item.agreed.price_base
    return item.purchase_price if buying else item.list_price, item.price_base


def _discount(body: LineBody, source: SourceLine | None) -> Decimal:
    if body.discount is not None:
        return body.discount
    return Decimal(0) if source is None else source.line.discount


def _quality(body: LineBody, source: SourceLine | None, item: KnownItem) -> Quality | None:
    """What is not measured is taken as what the terms allow."""
    if body.moisture is None and body.impurity is None:
        return None if source is None else source.line.quality
    terms = item.grain
    if terms is None:
        raise AssertionError("measured grain has terms")
    return Quality(
        moisture=(terms.base_moisture if body.moisture is None else body.moisture).quantize(_PERCENT),
        impurity=(terms.base_impurity if body.impurity is None else body.impurity).quantize(_PERCENT),
        base_moisture=terms.base_moisture.quantize(_PERCENT),
        shrinkage=terms.shrinkage.quantize(_PERCENT),
        base_impurity=terms.base_impurity.quantize(_PERCENT),
        drying_price=terms.drying_price.quantize(_PRICE),
    )


def _weighing(body: WeighingBody) -> Weighing:
    second = None if body.second_kg is None else body.second_kg.quantize(_QUANTITY)
    return Weighing(body.vehicle, body.first_kg.quantize(_QUANTITY), body.first_at, second, body.second_at)


def _freight_lines(
    kind: Kind, freight: FreightBody, lines: Sequence[Line], totals: Totals, masters: Masters
) -> tuple[Line, ...]:
    """One line for each tax code of the goods, whose sum is the freight."""
    item = masters.items[freight.item_id]
    nets: dict[str, Decimal] = {}
    for line, net in zip(lines, totals.nets, strict=True):
        nets[line.tax_code] = nets.get(line.tax_code, Decimal(0)) + net
    shares = [(code, share) for code, share in split(freight.amount, nets).items() if share]
    return tuple(
        Line(
            position=len(lines) + index,
            item_id=item.id,
            item_number=item.number,
            description=item.name,
            quantity=Decimal(1).quantize(_QUANTITY),
            unit=item.unit,
            unit_price=share.quantize(_PRICE),
            price_base=Decimal(1).quantize(_QUANTITY),
            price_unit=item.unit,
            discount=Decimal(0).quantize(_PERCENT),
            tax_code=code,
            tax_rate=masters.taxes[code].rate.quantize(_PERCENT),
            net=Decimal(0),
            revenue_account=item.cost_account if rules_of(kind).side is Side.PURCHASE else item.revenue_account,
            freight=True,
        )
        for index, (code, share) in enumerate(shares, 1)
    )
