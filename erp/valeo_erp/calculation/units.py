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


_KILOGRAMS = {Unit.TONNE: Decimal(1000), Unit.DECITONNE: Decimal(100), Unit.KILOGRAM: Decimal(1)}


def factor(unit: str, into: str) -> Decimal | None:
    """How many of `into` one `unit` is; None when they measure different things."""
    if unit == into:
        return Decimal(1)
    weights = [_KILOGRAMS.get(Unit(one)) for one in (unit, into)]
    match weights:
        case [Decimal() as mine, Decimal() as theirs]:
            return mine / theirs
        case _:
            return None
