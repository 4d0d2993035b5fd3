"""What of a load of grain is paid for, by its moisture and impurity. Pure; the weight is rounded once, half up.

First the impurity above the base is taken out of the weight, then what drying takes away of the clean weight. Drying
itself costs by the per cent and by the weight that was delivered.
"""

from dataclasses import dataclass
from decimal import Decimal

from valeo_erp.kernel.money import round_half_up

WEIGHT_STEP = Decimal("0.0001")
"""The smallest step of a quantity."""

_PER_CENT = Decimal(100)
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Quality:
    """What was measured of a load of grain, and the terms of the day by which its weight is settled.

    Attributes:
        moisture: per cent of the weight.
        impurity: per cent of the weight.
        base_moisture: per cent up to which nothing is deducted.
        shrinkage: per cent of the clean weight that each per cent of moisture above the base takes away.
        base_impurity: per cent up to which nothing is deducted; above it, each per cent takes one away.
        drying_price: for each per cent of moisture above the base, for as much as the price is for.
    """

    moisture: Decimal
    impurity: Decimal
    base_moisture: Decimal
    shrinkage: Decimal
    base_impurity: Decimal
    drying_price: Decimal


def settled_quantity(quantity: Decimal, quality: Quality | None) -> Decimal:
    """The quantity that is paid for, in the unit of the quantity that was delivered; never less than nothing."""
    if quality is None:
        return quantity
    clean = _PER_CENT - _above(quality.impurity, quality.base_impurity)
    dry = max(_ZERO, _PER_CENT - _above(quality.moisture, quality.base_moisture) * quality.shrinkage)
    return round_half_up(quantity * clean * dry / (_PER_CENT * _PER_CENT), WEIGHT_STEP) + _ZERO


def drying(quality: Quality | None) -> Decimal:
    """What drying costs for as much as the price is for; exact."""
    return _ZERO if quality is None else _above(quality.moisture, quality.base_moisture) * quality.drying_price


def drying_cost(quantity: Decimal, price_base: Decimal, quality: Quality | None) -> Decimal:
    """What drying a load costs, in the currency of the price; rounded, as it is told beside the line's net.

    Args:
        quantity: delivered, in the unit of the price.
        price_base: for how many of that unit the price is.
        quality: as it was measured; without it drying costs nothing.
    """
    return round_half_up(quantity * drying(quality) / price_base)


def _above(measured: Decimal, base: Decimal) -> Decimal:
    return max(_ZERO, measured - base)
