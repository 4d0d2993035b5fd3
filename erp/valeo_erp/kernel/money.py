"""Money, prices and quantities: `Decimal` only, strings in JSON, rounded half up at named places."""

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

CENT = Decimal("0.01")

_DIGITS = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?")
"""What the OpenAPI documents: no exponents, no separators, no digits of other scripts, all of which `Decimal` reads."""


def round_half_up(value: Decimal, step: Decimal = CENT) -> Decimal:
    """Round commercially (DIN 1333): a half goes away from zero.

    Args:
        value: the exact amount.
        step: the smallest step of the result, by default one cent.
    """
    return value.quantize(step, rounding=ROUND_HALF_UP)


def _only_text(value: object) -> object:
    """Binary floats have no exact cents; JSON numbers are refused so that no client sends one by accident."""
    if isinstance(value, Decimal) or (isinstance(value, str) and _DIGITS.fullmatch(value)):
        return value
    raise PydanticCustomError("not_a_number", 'must be a string of digits, such as "12.34"')


def _plain(value: Decimal) -> str:
    return f"{value:f}"


Money = Annotated[
    Decimal,
    Field(max_digits=15, decimal_places=2),
    BeforeValidator(_only_text),
    PlainSerializer(_plain, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^-?[0-9]{1,13}(\.[0-9]{1,2})?$", "examples": ["1234.56"]}),
]
"""An amount in the document's currency: NUMERIC(15,2)."""

UnitPrice = Annotated[
    Decimal,
    Field(max_digits=19, decimal_places=6, ge=0),
    BeforeValidator(_only_text),
    PlainSerializer(_plain, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]{1,13}(\.[0-9]{1,6})?$", "examples": ["21.50"]}),
]
"""A price for one price base: NUMERIC(19,6)."""

Quantity = Annotated[
    Decimal,
    Field(max_digits=15, decimal_places=4, gt=0),
    BeforeValidator(_only_text),
    PlainSerializer(_plain, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]{1,11}(\.[0-9]{1,4})?$", "examples": ["24.5000"]}),
]
"""A quantity in the line's unit: NUMERIC(15,4), more than zero."""

Percent = Annotated[
    Decimal,
    Field(max_digits=7, decimal_places=4, ge=0, le=100),
    BeforeValidator(_only_text),
    PlainSerializer(_plain, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]{1,3}(\.[0-9]{1,4})?$", "examples": ["19.00"]}),
]
"""A rate from 0 to 100 per cent: NUMERIC(7,4)."""
