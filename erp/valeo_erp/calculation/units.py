"""Units of quantities, and how a quantity in one is expressed in another."""

from decimal import Decimal
from enum import StrEnum


class Unit(StrEnum):
    """What quantities are measured in."""

    TONNE = "t"
    DECITONNE = "dt"
    KILOGRAM = "kg"
    LITRE = "l"
    PIECE = "piece"


_KILOGRAMS: dict[str, Decimal] = {Unit.TONNE: Decimal(1000), Unit.DECITONNE: Decimal(100), Unit.KILOGRAM: Decimal(1)}


def factor(unit: str, into: str) -> Decimal | None:
    """How many of `into` one `unit` is; None when they measure different things."""
    if unit == into:
        return Decimal(1)
    mine, theirs = _KILOGRAMS.get(unit), _KILOGRAMS.get(into)
    return None if mine is None or theirs is None else mine / theirs
