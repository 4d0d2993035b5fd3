"""Which price holds on a day, and that there is never more than one. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from valeo_erp.documents.kinds import Side
from valeo_erp.kernel.problems import Failure


@dataclass(frozen=True, slots=True)
class Validity:
    """Of what a price is the price, and when.

    Attributes:
        party_id: None is for everybody who has no price of its own.
        valid_to: the last day; None is until further notice.
    """

    side: Side
    item_id: UUID
    party_id: UUID | None
    valid_from: date
    valid_to: date | None

    def overlaps(self, other: "Validity") -> bool:
        """Whether both would hold on some day."""
        if (self.side, self.item_id, self.party_id) != (other.side, other.item_id, other.party_id):
            return False
        last, its_last = self.valid_to or date.max, other.valid_to or date.max
        return self.valid_from <= its_last and other.valid_from <= last


def overlaps(new: Sequence[tuple[str, Validity]], known: Iterable[Validity]) -> list[Failure]:
    """Every new price that would hold beside another one.

    Args:
        new: each with the prefix of its fields, such as `row 3.`; looked at in their order.
        known: those that hold already.
    """
    by_item: dict[UUID, list[Validity]] = {}
    for validity in known:
        by_item.setdefault(validity.item_id, []).append(validity)
    failures = []
    for prefix, validity in new:
        beside = by_item.setdefault(validity.item_id, [])
        if other := next((other for other in beside if validity.overlaps(other)), None):
            message = f"Another price holds {_days(other)}. End that one first, or begin after it."
            failures.append(Failure("price_overlaps", message, f"{prefix}valid_from"))
        beside.append(validity)
    return failures


def _days(validity: Validity) -> str:
    until = f"until {validity.valid_to}" if validity.valid_to else "until further notice"
    return f"from {validity.valid_from} {until}"
