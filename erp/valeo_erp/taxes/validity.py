"""What stands against writing, changing and ending a rate of a tax code. Pure.

A rate that a document carries never changes: it ends, and another one follows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from valeo_erp.kernel.problems import Failure


@dataclass(frozen=True, slots=True)
class TaxRate:
    """A rate of a code and the days of supply that it holds for; `valid_to` is the last one, None while it holds.

    Rates are per cent; the accounts are those of output tax, input tax, and of what a buyer owes itself.
    """

    code: str
    name: str
    rate: Decimal
    valid_from: date
    valid_to: date | None
    tax_account: str
    input_account: str | None
    self_assessed_rate: Decimal | None
    self_assessed_account: str | None
    version: int


@dataclass(frozen=True, slots=True)
class Carrying:
    """Documents that carry a rate: how many, and what the first of them are called."""

    count: int
    first: Sequence[str]

    @property
    def words(self) -> str:
        """For a person who must do something about them."""
        more = f" and {self.count - len(self.first)} more" if self.count > len(self.first) else ""
        return f"{', '.join(self.first)}{more}"


def against_change(carrying: Carrying) -> list[Failure]:
    """What stands against another rate, other accounts or another name: documents that carry it."""
    if not carrying.count:
        return []
    message = f"It stands on {carrying.words}. Let it end, and write a successor."
    return [Failure("tax_code_used", message, facts={"documents": carrying.words})]


def against_end(rate: TaxRate, valid_to: date, later: Carrying) -> list[Failure]:
    """What stands against a rate ending on a day.

    Args:
        rate: as it is stored.
        valid_to: its last day.
        later: documents that carry it and were supplied, or are to be supplied, after that day.
    """
    failures = []
    if valid_to < rate.valid_from:
        message = f"It begins on {rate.valid_from}; it can not end before."
        failures.append(Failure("ends_before_it_begins", message, "valid_to"))
    if rate.valid_to is not None and valid_to > rate.valid_to:
        message = f"It ends on {rate.valid_to} already; write another rate for the days after."
        failures.append(Failure("ends_already", message, "valid_to"))
    if later.count:
        message = (
            f"{later.words} carry it for a supply after {valid_to}. Reverse what is posted, cancel what is not, "
            "and write it anew when the successor is there."
        )
        failures.append(Failure("tax_code_used", message, "valid_to", {"documents": later.words}))
    return failures
