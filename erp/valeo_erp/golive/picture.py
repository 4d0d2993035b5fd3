"""Progress by section as a bar that is divided by result. What it shows stands in words beside it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from valeo_erp.golive.board import Result

WIDTH: Final = 240.0


@dataclass(frozen=True)
class Part:
    """A part of a bar, in units of a bar that is `WIDTH` wide."""

    result: Result
    left: float
    width: float


def bar(counted: Mapping[Result, int]) -> list[Part]:
    """The parts of a bar from left to right; each as wide as its share."""
    whole, left, parts = sum(counted.values()), 0.0, list[Part]()
    for result, number in counted.items():
        width = WIDTH * number / whole
        parts.append(Part(result, round(left, 1), round(width, 1)))
        left += width
    return parts
