"""Which tax code a supply has: from the item, the other side's tax status and the countries. Pure.

What is written on a line by hand goes before all of it; who does that knows a case that is not here, such as §13b UStG.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class TaxStatus(StrEnum):
    """How a party is taxed: regularly, as a small business (§19 UStG), as a flat-rate farmer (§24 UStG)."""

    REGULAR = "regular"
    SMALL_BUSINESS = "small_business"
    FLAT_RATE_FARMER = "flat_rate_farmer"


EU_COUNTRIES = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()  # noqa: SIM905
)
"""Whose traders supply each other free of tax under their VAT ids (§4 no. 1 b, §6a UStG)."""

FARMER = "farmer"
SMALL_BUSINESS = "small_business"
INTRA_COMMUNITY = "intra_community"
EXPORT = "export"
IMPORT = "import"

ACQUIRED: Mapping[str, str] = MappingProxyType({"standard": "acquisition", "reduced": "acquisition_reduced"})
"""Codes of what is bought in another country of the EU: the buyer owes the tax, at the rate of the goods (§1a UStG)."""


@dataclass(frozen=True, slots=True)
class OtherSide:
    """The party, as its tax sees it.

    Attributes:
        country: ISO 3166-1.
        abroad: whether it sits in another country than we do.
    """

    status: TaxStatus
    country: str
    abroad: bool
    has_vat_id: bool


def tax_code_of(item_code: str, other: OtherSide, *, buying: bool) -> str:
    """The tax code of an item that is sold to, or bought from, the other side."""
    return _bought(item_code, other) if buying else _sold(item_code, other)


def _sold(item_code: str, other: OtherSide) -> str:
    if not other.abroad:
        return item_code
    if other.country not in EU_COUNTRIES:
        return EXPORT
    return INTRA_COMMUNITY if other.has_vat_id else item_code


def _bought(item_code: str, other: OtherSide) -> str:
    if other.abroad:
        return ACQUIRED.get(item_code, item_code) if other.country in EU_COUNTRIES else IMPORT
    match other.status:
        case TaxStatus.FLAT_RATE_FARMER:
            return FARMER
        case TaxStatus.SMALL_BUSINESS:
            return SMALL_BUSINESS
        case TaxStatus.REGULAR:
            return item_code
