"""What a policy can say, and what it says of a document. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from valeo_erp.calculation.units import factor
from valeo_erp.kernel.money import Money
from valeo_erp.kernel.problems import Failure


class Strictness(StrEnum):
    """What happens when a credit limit is passed."""

    OFF = "off"
    WARN = "warn"
    BLOCK = "block"


class ApprovalLevel(BaseModel):
    """From an amount on, so many different people must approve."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    above: Annotated[Money, Field(ge=0, description="Gross total, in euros; the level holds above it")]
    approvals: Annotated[int, Field(strict=True, ge=2, le=5)]


class Rules(BaseModel):
    """A policy. What is left out is not restricted. Four eyes always hold, whatever a policy says."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "approval_levels": [{"above": "10000.00", "approvals": 2}],
                    "lowest_margin_percent": "3.00",
                    "credit_limit": "block",
                    "back_dating_days": 10,
                }
            ]
        },
    )

    approval_levels: Annotated[tuple[ApprovalLevel, ...], Field(max_length=5)] = ()
    lowest_margin_percent: Annotated[
        Decimal | None, Field(ge=-100, lt=100, decimal_places=2, description="Of the net price, over the last purchase")
    ] = None
    credit_limit: Strictness = Strictness.OFF
    back_dating_days: Annotated[
        int | None, Field(strict=True, ge=0, le=366, description="Between document date and posting")
    ] = None

    @model_validator(mode="after")
    def _levels_rise(self) -> "Rules":
        steps = [(level.above, level.approvals) for level in self.approval_levels]
        if any(low[0] >= high[0] or low[1] >= high[1] for low, high in pairwise(steps)):
            raise ValueError("approval levels must rise, in amount and in approvals")
        return self


NO_RULES = Rules()


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line of goods that are sold, and what they cost last. Quantities are in their own units.

    Attributes:
        cost_net: of the newest posted purchase of the item up to the document's date; None without one.
    """

    position: int
    item_number: str
    net: Decimal
    quantity: Decimal
    unit: str
    cost_net: Decimal | None
    cost_quantity: Decimal | None
    cost_unit: str | None


def approvals_needed(rules: Rules, gross_total: Decimal) -> int:
    """How many different people must approve an amount."""
    return max([1, *(level.approvals for level in rules.approval_levels if abs(gross_total) > level.above)])


def margin_percent(line: PricedLine) -> Decimal | None:
    """What is left of a line's net after the cost of its goods, in per cent; None where that is not known."""
    if line.cost_net is None or not line.cost_quantity or line.cost_unit is None or line.net <= 0:
        return None
    per_unit = factor(line.unit, line.cost_unit)
    if per_unit is None:
        return None
    cost = line.cost_net / line.cost_quantity * line.quantity * per_unit
    return (line.net - cost) / line.net * 100


def thin_margins(rules: Rules, lines: Sequence[PricedLine]) -> list[Failure]:
    """The lines that earn less than they must."""
    lowest = rules.lowest_margin_percent
    if lowest is None:
        return []
    found = [(line, margin) for line in lines if (margin := margin_percent(line)) is not None and margin < lowest]
    return [
        Failure(
            "margin_too_low",
            f"Line {line.position} ({line.item_number}) earns {margin:.2f} %, but at least {lowest} % is asked for.",
            f"lines.{line.position - 1}.unit_price",
            {
                "position": str(line.position),
                "item": line.item_number,
                "margin": f"{margin:.2f}",
                "lowest": str(lowest),
            },
        )
        for line, margin in found
    ]


def over_credit(limit: Decimal | None, open_debt: Decimal, approved: Decimal, gross_total: Decimal) -> Failure | None:
    """Whether a customer would owe more than he may.

    Args:
        limit: of the party, gross; None without one.
        open_debt: posted and not paid.
        approved: other invoices that are approved and not posted yet.
        gross_total: of the document that is looked at.
    """
    total = open_debt + approved + gross_total
    if limit is None or total <= limit:
        return None
    return Failure(
        "credit_limit",
        f"{open_debt:.2f} is open, {approved:.2f} is approved, and {gross_total:.2f} would be added: {total:.2f} is "
        f"{total - limit:.2f} more than the credit limit of {limit:.2f}.",
        "party_id",
        {
            "open": f"{open_debt:.2f}",
            "approved": f"{approved:.2f}",
            "added": f"{gross_total:.2f}",
            "over": f"{total - limit:.2f}",
            "limit": f"{limit:.2f}",
        },
    )


def dated_back(rules: Rules, document_date: date, today: date) -> Failure | None:
    """Whether a document is older than it may be when it is posted."""
    days = (today - document_date).days
    if rules.back_dating_days is None or days <= rules.back_dating_days:
        return None
    return Failure(
        "dated_back",
        f"The document date {document_date} is {days} days ago; at most {rules.back_dating_days} are allowed.",
        "document_date",
        {"days": str(days), "allowed": str(rules.back_dating_days)},
    )
