"""A line of a document as the database gives it: an array in the order of `Line`, without names to carry for each."""

from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from valeo_erp.documents.document import Line, Quality, Weighing

LINE_ARRAY = """jsonb_build_array(l.position, l.item_id, l.item_number, l.description, l.quantity, l.unit,
                                  l.unit_price, l.price_base, l.price_unit, l.discount, l.tax_code, l.tax_rate,
                                  l.net, l.revenue_account, l.source_id, l.source_position, l.quality, l.weighing,
                                  l.freight)"""
"""What `line_of` reads, of a row `l` of `document_line`."""

LINE_COLUMNS = """position, item_id, item_number, description, quantity, unit, unit_price, price_base, price_unit,
                  discount, tax_code, tax_rate, net, revenue_account, source_id, source_position, quality, weighing,
                  freight"""

_NAMES = tuple(each.name for each in fields(Line))


def line_of(values: list[Any]) -> Line:
    """The line of an array of `LINE_ARRAY`, whose numbers were parsed as decimals."""
    facts = dict(zip(_NAMES, values, strict=True))
    facts["item_id"] = UUID(facts["item_id"])
    if facts["source_id"] is not None:
        facts["source_id"] = UUID(facts["source_id"])
    if facts["quality"] is not None:
        facts["quality"] = Quality(**{name: Decimal(value) for name, value in facts["quality"].items()})
    if facts["weighing"] is not None:
        facts["weighing"] = _weighing(facts["weighing"])
    return Line(**facts)


def _weighing(values: dict[str, Any]) -> Weighing:
    return Weighing(
        vehicle=values["vehicle"],
        first_kg=Decimal(values["first_kg"]),
        first_at=datetime.fromisoformat(values["first_at"]),
        second_kg=None if values["second_kg"] is None else Decimal(values["second_kg"]),
        second_at=None if values["second_at"] is None else datetime.fromisoformat(values["second_at"]),
    )
