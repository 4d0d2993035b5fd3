"""What a line says: as written, else as the line that it follows, else as master data has it. Pure."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from valeo_erp.calculation.settlement import Quality
from valeo_erp.calculation.shares import split
from valeo_erp.calculation.totals import Totals
from valeo_erp.calculation.units import Unit, factor
from valeo_erp.documents.amounts import TaxTerms
from valeo_erp.documents.document import Kind, Line, Weighing
from valeo_erp.documents.kinds import Side, rules_of
from valeo_erp.documents.known import KnownItem, KnownTax, Masters
from valeo_erp.documents.links import SourceLine, open_quantity
from valeo_erp.documents.schemas import FreightBody, LineBody, WeighingBody
from valeo_erp.taxes.treatment import OtherSide, tax_code_of

QUANTITY_STEP, PRICE_STEP, PERCENT_STEP = Decimal("0.0001"), Decimal("0.000001"), Decimal("0.0001")
"""Steps of the columns, so that a value looks the same before and after it was stored."""


def source_of(body: LineBody, masters: Masters) -> SourceLine | None:
    """The line that a written one follows; None if it follows none, or one that is not there."""
    return None if body.source is None else masters.sources.get((body.source.document_id, body.source.position))


def item_id_of(body: LineBody, source: SourceLine | None) -> UUID:
    """The item that is written, or that of the line that is followed. A checked body has one of them."""
    if body.item_id is not None:
        return body.item_id
    if source is None:
        raise AssertionError("a line has an item or a source")
    return source.line.item_id


def chosen_tax_code(kind: Kind, body: LineBody, source: SourceLine | None, item: KnownItem, masters: Masters) -> str:
    """What is written; else that of the source, where somebody may have chosen it; else the usual one."""
    if body.tax_code is not None:
        return body.tax_code
    if source is not None and rules_of(source.kind).side is rules_of(kind).side:
        return source.line.tax_code
    return usual_tax_code(kind, item, masters)


def usual_tax_code(kind: Kind, item: KnownItem, masters: Masters) -> str:
    """What an item has with this party, as far as it is known."""
    party = masters.party
    if party is None:
        return item.tax_code
    country = party.snapshot.country
    other = OtherSide(party.status, country, country != masters.country, party.snapshot.vat_id is not None)
    return tax_code_of(item.tax_code, other, buying=rules_of(kind).side is Side.PURCHASE)


def terms_of(kind: Kind, lines: Sequence[Line], masters: Masters) -> dict[str, TaxTerms]:
    """Where the taxes of these lines are booked."""
    return {line.tax_code: _tax_terms(kind, masters.taxes[line.tax_code]) for line in lines}


def _tax_terms(kind: Kind, tax: KnownTax) -> TaxTerms:
    if rules_of(kind).side is Side.SALES:
        return TaxTerms(tax.account)
    return TaxTerms(tax.input_account or tax.account, tax.self_assessed_rate, tax.self_assessed_account)


def drawn_line(kind: Kind, position: int, body: LineBody, masters: Masters) -> Line:
    """A line of a draft whose faults were looked for before; its net is not computed yet."""
    source = source_of(body, masters)
    item = masters.items[item_id_of(body, source)]
    code = chosen_tax_code(kind, body, source, item, masters)
    weighing = None if body.weighing is None else _weighing(body.weighing)
    unit = body.unit or (source.line.unit if source is not None else item.unit)
    buying = rules_of(kind).side is Side.PURCHASE
    unit_price, price_base = _price(body, source, item, buying=buying)
    return Line(
        position=position,
        item_id=item.id,
        item_number=item.number,
        description=body.description or (source.line.description if source is not None else item.name),
        quantity=_quantity(body, source, weighing, unit).quantize(QUANTITY_STEP),
        unit=unit,
        unit_price=unit_price.quantize(PRICE_STEP),
        price_base=price_base.quantize(QUANTITY_STEP),
        price_unit=item.unit if source is None else source.line.price_unit,
        discount=_discount(body, source).quantize(PERCENT_STEP),
        tax_code=code,
        tax_rate=masters.taxes[code].rate.quantize(PERCENT_STEP),
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
        moisture=(terms.base_moisture if body.moisture is None else body.moisture).quantize(PERCENT_STEP),
        impurity=(terms.base_impurity if body.impurity is None else body.impurity).quantize(PERCENT_STEP),
        base_moisture=terms.base_moisture.quantize(PERCENT_STEP),
        shrinkage=terms.shrinkage.quantize(PERCENT_STEP),
        base_impurity=terms.base_impurity.quantize(PERCENT_STEP),
        drying_price=terms.drying_price.quantize(PRICE_STEP),
    )


def _weighing(body: WeighingBody) -> Weighing:
    second = None if body.second_kg is None else body.second_kg.quantize(QUANTITY_STEP)
    return Weighing(body.vehicle, body.first_kg.quantize(QUANTITY_STEP), body.first_at, second, body.second_at)


def freight_lines(
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
            quantity=Decimal(1).quantize(QUANTITY_STEP),
            unit=item.unit,
            unit_price=share.quantize(PRICE_STEP),
            price_base=Decimal(1).quantize(QUANTITY_STEP),
            price_unit=item.unit,
            discount=Decimal(0).quantize(PERCENT_STEP),
            tax_code=code,
            tax_rate=masters.taxes[code].rate.quantize(PERCENT_STEP),
            net=Decimal(0),
            revenue_account=item.cost_account if rules_of(kind).side is Side.PURCHASE else item.revenue_account,
            freight=True,
        )
        for index, (code, share) in enumerate(shares, 1)
    )
