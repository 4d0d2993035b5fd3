"""Which open items a payment settles, what stands against it, and how it is booked. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from valeo_erp.accounts.chart import Role, number_of
from valeo_erp.calculation.shares import split
from valeo_erp.calculation.totals import TaxTotal
from valeo_erp.documents.document import Kind, State
from valeo_erp.documents.kinds import Counter, rules_of
from valeo_erp.journal.entries import Debit
from valeo_erp.kernel.money import round_half_up
from valeo_erp.kernel.problems import Failure

_ZERO = Decimal("0.00")


class Direction(StrEnum):
    """Whether money came in from a customer or went out to a supplier."""

    INCOMING = "incoming"
    OUTGOING = "outgoing"

    @property
    def counter(self) -> Counter:
        """Whose items it settles."""
        return Counter.RECEIVABLES if self is Direction.INCOMING else Counter.PAYABLES

    @property
    def sign(self) -> int:
        """1 where the bank is debited."""
        return 1 if self is Direction.INCOMING else -1


@dataclass(frozen=True, slots=True)
class Match:
    """What of a payment settles a document, and what the other side may keep for paying early."""

    document_id: UUID
    amount: Decimal
    cash_discount: Decimal


@dataclass(frozen=True, slots=True)
class Item:
    """A posted document, as its payment sees it.

    Attributes:
        settled: by payments so far, cash discounts included.
        cash_discount: per cent that the party may keep until `cash_discount_until`.
    """

    document_id: UUID
    kind: Kind
    state: State
    number: str
    is_reversal: bool
    party_id: UUID
    gross: Decimal
    settled: Decimal
    taxes: tuple[TaxTotal, ...]
    cash_discount: Decimal
    cash_discount_until: date

    @property
    def open(self) -> Decimal:
        """What is still to be paid."""
        return self.gross - self.settled


def direction_sign(kind: Kind, direction: Direction) -> int:
    """1 where a payment of this direction pays the document, -1 where the document lowers what is paid."""
    booking = rules_of(kind).booking
    return 0 if booking is None or booking.counter is not direction.counter else booking.direction * direction.sign


def match_faults(
    direction: Direction,
    party_id: UUID,
    free: Decimal,
    paid_on: date,
    matches: Sequence[Match],
    items: Mapping[UUID, Item],
) -> list[Failure]:
    """Everything that stands against a payment settling these documents.

    Args:
        direction: of the payment.
        party_id: who paid or was paid.
        free: what of the payment settles nothing yet.
        paid_on: decides whether a cash discount is still granted.
        matches: what it shall settle.
        items: the documents, as far as they exist.
    """
    failures = []
    for index, match in enumerate(matches):
        item = items.get(match.document_id)
        field = f"matches.{index}"
        if item is None:
            failures.append(Failure("document_unknown", "There is no such posted document.", f"{field}.document_id"))
        else:
            failures += _item_faults(direction, party_id, paid_on, field, match, item)
    used = sum(
        (direction_sign(items[m.document_id].kind, direction) * m.amount for m in matches if m.document_id in items),
        _ZERO,
    )
    if used > free:
        failures.append(
            Failure("more_than_payment", f"{used} would be settled; the payment has {free} left.", "matches")
        )
    if len({match.document_id for match in matches}) < len(matches):
        failures.append(Failure("matched_twice", "A document stands here more than once.", "matches"))
    return failures


def _item_faults(
    direction: Direction, party_id: UUID, paid_on: date, field: str, match: Match, item: Item
) -> list[Failure]:
    failures = []
    if direction_sign(item.kind, direction) == 0 or item.state is not State.POSTED or item.is_reversal:
        message = f"{item.number} is not an open item that an {direction} payment settles."
        failures.append(Failure("not_open", message, f"{field}.document_id"))
    if item.party_id != party_id:
        failures.append(Failure("other_party", f"{item.number} is of another party.", f"{field}.document_id"))
    if match.amount + match.cash_discount > item.open:
        message = f"{match.amount + match.cash_discount} would be settled; {item.open} of {item.number} is open."
        failures.append(Failure("more_than_open", message, f"{field}.amount"))
    granted = round_half_up(item.gross * item.cash_discount / 100) if paid_on <= item.cash_discount_until else _ZERO
    if match.cash_discount > granted:
        message = f"A cash discount of {granted} is granted on {item.number} on {paid_on}, not {match.cash_discount}."
        failures.append(Failure("more_than_granted", message, f"{field}.cash_discount"))
    return failures


_DISCOUNTS = {
    (Counter.RECEIVABLES, Decimal(19)): Role.DISCOUNT_GRANTED_STANDARD,
    (Counter.RECEIVABLES, Decimal(7)): Role.DISCOUNT_GRANTED_REDUCED,
    (Counter.PAYABLES, Decimal(19)): Role.DISCOUNT_RECEIVED_STANDARD,
    (Counter.PAYABLES, Decimal(7)): Role.DISCOUNT_RECEIVED_REDUCED,
}
_OTHER_DISCOUNTS = {Counter.RECEIVABLES: Role.DISCOUNT_GRANTED, Counter.PAYABLES: Role.DISCOUNT_RECEIVED}
"""Cash discounts granted and received, by tax rate; the last table is for every other rate."""


def debits(
    direction: Direction, chart: str, amount: Decimal, matches: Sequence[Match], items: Mapping[UUID, Item]
) -> list[Debit]:
    """The bank and the discounts against the other side's account; discounts lower the tax, too (§17 UStG)."""
    sign, counter = direction.sign, direction.counter
    discounts = [
        (account, sign * direction_sign(items[match.document_id].kind, direction) * share, text)
        for match in matches
        for account, share, text in _discount(chart, counter, match.cash_discount, items[match.document_id])
    ]
    bank = (number_of(chart, Role.BANK), sign * amount, "Zahlung")
    settled = sum((each[1] for each in discounts), sign * amount)
    return [bank, *discounts, (number_of(chart, counter.role), -settled, "Ausgleich")]


def _discount(chart: str, counter: Counter, discount: Decimal, item: Item) -> Iterator[Debit]:
    """Shared among the rates of the document by their gross amounts; of each share the tax is taken out, rounded."""
    if not discount:
        return
    taxes = {f"{tax.code} {tax.rate}": tax for tax in item.taxes}
    shares = split(discount, {key: tax.net + tax.tax for key, tax in taxes.items()})
    for key, tax in taxes.items():
        of_tax = round_half_up(shares[key] * tax.rate / (100 + tax.rate))
        role = _DISCOUNTS.get((counter, tax.rate.normalize()), _OTHER_DISCOUNTS[counter])
        yield number_of(chart, role), shares[key] - of_tax, f"Skonto {item.number}"
        yield tax.account, of_tax, f"Steuer auf Skonto {item.number}"


def reversed_debits(lines: Sequence[Debit]) -> list[Debit]:
    """The same entry the other way round."""
    return [(account, -amount, text) for account, amount, text in lines]
