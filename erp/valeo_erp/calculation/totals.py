"""The one calculation of a document's amounts. Pure; rounds at named places, half up.

Settled weight of grain: `settlement.settled_quantity`; rounded.
Line net: that quantity in the unit of the price, times unit price, less the line's discount, less the document's, less
what drying costs, divided by the price base; rounded.
Tax: for each code and rate of the sum of the lines' nets; rounded. So is the tax that a buyer owes itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext

from valeo_erp.calculation.settlement import Quality, drying, settled_quantity
from valeo_erp.calculation.units import factor
from valeo_erp.kernel.money import round_half_up

LARGEST = Decimal("9999999999999.99")
"""What NUMERIC(15,2) holds."""

_EXACT = Context(
    prec=90
)  # a quantity, a price and their discounts at their longest, multiplied, are exact with 60 digits
_PER_CENT = Decimal(100)
_ZERO = Decimal("0.00")


class AmountTooLargeError(ValueError):
    """An amount does not fit into NUMERIC(15,2).

    Attributes:
        position: index of the line, from 0; None for a total.
    """

    def __init__(self, position: int | None) -> None:
        super().__init__(f"An amount is larger than {LARGEST}")
        self.position = position


@dataclass(frozen=True, slots=True)
class PricedLine:
    """What a line's amounts follow from.

    Attributes:
        quantity: in `unit`.
        unit_price: for `price_base` times one `price_unit`.
        discount: per cent of the undiscounted amount.
        document_discount: per cent of what the line's own discount leaves.
        tax_rate: per cent of the net.
        quality: of grain that is settled by what was measured.
        self_assessed_rate: per cent of the net that the buyer owes and deducts itself; not part of the total.
    """

    quantity: Decimal
    unit: str
    unit_price: Decimal
    price_base: Decimal
    price_unit: str
    discount: Decimal
    tax_code: str
    tax_rate: Decimal
    tax_account: str
    document_discount: Decimal = Decimal(0)
    quality: Quality | None = None
    self_assessed_rate: Decimal = Decimal(0)
    self_assessed_account: str = ""


@dataclass(frozen=True, slots=True)
class TaxTotal:
    """The tax of all lines with one code and rate.

    Attributes:
        rate: per cent.
        net: the sum of the lines' nets.
        tax: of that sum, rounded once.
        account: where the tax is booked; the input tax, where it is self-assessed.
        self_assessed: what the buyer owes and deducts itself, rounded once.
        self_assessed_account: where what it owes is booked; empty where it owes nothing.
    """

    code: str
    rate: Decimal
    net: Decimal
    tax: Decimal
    account: str
    self_assessed_rate: Decimal = Decimal(0)
    self_assessed: Decimal = _ZERO
    self_assessed_account: str = ""


@dataclass(frozen=True, slots=True)
class Totals:
    """The amounts of a document; `nets` in the order of its lines."""

    nets: tuple[Decimal, ...]
    taxes: tuple[TaxTotal, ...]
    net_total: Decimal
    tax_total: Decimal
    gross_total: Decimal


def calculate(lines: Sequence[PricedLine]) -> Totals:
    """All amounts of a document.

    Raises:
        AmountTooLargeError: an amount can not be stored.
    """
    with localcontext(_EXACT):
        nets = tuple(_fitting(_net(line), position) for position, line in enumerate(lines))
        taxes = _taxes(lines, nets)
        net_total = _fitting(sum(nets, _ZERO))
        tax_total = _fitting(sum((tax.tax for tax in taxes), _ZERO))
        return Totals(nets, taxes, net_total, tax_total, _fitting(net_total + tax_total))


def _net(line: PricedLine) -> Decimal:
    into_price_unit = factor(line.unit, line.price_unit)
    if into_price_unit is None:
        raise ValueError(f"A quantity in {line.unit} has no price per {line.price_unit}")
    # One division, last: everything before it is exact.
    settled = settled_quantity(line.quantity, line.quality) * into_price_unit
    price = line.unit_price * (_PER_CENT - line.discount) * (_PER_CENT - line.document_discount)
    dried = line.quantity * into_price_unit * drying(line.quality) * _PER_CENT * _PER_CENT
    return _rounded((settled * price - dried) / (line.price_base * _PER_CENT * _PER_CENT))


def _taxes(lines: Sequence[PricedLine], nets: Sequence[Decimal]) -> tuple[TaxTotal, ...]:
    """In the order of the highest rate first, as they are printed."""
    sums: dict[tuple[str, Decimal, str, Decimal, str], Decimal] = {}
    for line, net in zip(lines, nets, strict=True):
        own = (line.self_assessed_rate, line.self_assessed_account)
        key = (line.tax_code, line.tax_rate, line.tax_account, *own)
        sums[key] = sums.get(key, _ZERO) + net
    ordered = sorted(sums.items(), key=lambda entry: (-entry[0][1], entry[0][0]))
    return tuple(
        TaxTotal(code, rate, net, _share(net, rate), account, own_rate, _share(net, own_rate), own_account)
        for (code, rate, account, own_rate, own_account), net in ordered
    )


def _share(net: Decimal, rate: Decimal) -> Decimal:
    return _rounded(net * rate / _PER_CENT)


def _rounded(amount: Decimal) -> Decimal:
    return round_half_up(amount) + _ZERO  # so that nothing is a negative zero, which the database does not keep


def _fitting(amount: Decimal, position: int | None = None) -> Decimal:
    if abs(amount) > LARGEST:
        raise AmountTooLargeError(position)
    return amount
