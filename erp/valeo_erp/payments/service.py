"""The use cases of payments. They get the one transaction of the request and never commit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from valeo_erp.documents.document import Kind
from valeo_erp.journal.booking import booking, why_not_booked
from valeo_erp.journal.entries import Debit, lines_of
from valeo_erp.kernel.identifiers import new_id
from valeo_erp.kernel.problems import Failure, not_found, refused
from valeo_erp.kernel.statements import json_text
from valeo_erp.kernel.unit_of_work import BLANK_NUMBER, Transaction
from valeo_erp.parties.register import PARTIES
from valeo_erp.payments import repository
from valeo_erp.payments.matching import Direction, Item, Match, debits, direction_sign, match_faults, reversed_debits
from valeo_erp.tenants.repository import chart_of

KIND = "payment"


@dataclass(frozen=True, slots=True)
class _Record:
    """A payment that is about to be booked."""

    id: UUID
    direction: Direction
    party_id: UUID
    paid_on: date
    amount: Decimal
    reference: str
    reverses_id: UUID | None


async def record(
    transaction: Transaction,
    direction: Direction,
    party_id: UUID,
    paid_on: date,
    amount: Decimal,
    reference: str,
    matches: Sequence[Match],
) -> dict[str, Any]:
    """Book a payment with what it settles.

    Raises:
        Problem: 404 for the party; 409 with everything that stands against it, no number is used.
    """
    await PARTIES.find(transaction.connection, transaction.tenant_id, party_id)
    items = await _items(transaction, matches)
    failures = match_faults(direction, party_id, amount, paid_on, matches, items)
    if paid_on > transaction.business_date:
        failures.append(Failure("date_in_future", f"{paid_on} is after today.", "paid_on"))
    if failures:
        raise refused("not_recorded", "The payment was not recorded.", failures)
    chart = await chart_of(transaction.connection, transaction.tenant_id)
    paid = _Record(new_id(), direction, party_id, paid_on, amount, reference, None)
    return _book(transaction, paid, debits(direction, chart, amount, matches, items), matches, items)


async def match(transaction: Transaction, payment_id: UUID, matches: Sequence[Match]) -> dict[str, Any]:
    """Let what is left of a payment settle documents. Cash discounts come with the payment only: they are booked.

    Raises:
        Problem: 404, 409 with everything that stands against it.
    """
    payment = await _standing(transaction, payment_id)
    items = await _items(transaction, matches)
    direction = Direction(payment["direction"])
    used = sum(
        (_signed(Decimal(each["amount"]), each["kind"], direction) for each in payment["matches"]), Decimal("0.00")
    )
    failures = match_faults(
        direction, payment["party_id"], payment["amount"] - used, payment["paid_on"], matches, items
    )
    taken = {each["document_id"] for each in payment["matches"]}
    failures += [
        Failure("matched_already", f"The payment settles {items[each.document_id].number} already.")
        for each in matches
        if str(each.document_id) in taken
    ]
    if failures:
        raise refused("not_matched", "The payment was not matched.", failures)
    who, at = transaction.principal.subject, transaction.at
    await repository.add_matches(transaction.connection, transaction.tenant_id, payment_id, who, at, matches)
    _trace(transaction, "match", payment_id, {"matches": _audited(matches, items)})
    return await _found(transaction, payment_id)


async def unmatch(transaction: Transaction, payment_id: UUID, document_id: UUID) -> dict[str, Any]:
    """Take back that a payment settles a document: both are open again.

    Raises:
        Problem: 404; 409 where a cash discount was booked with it, then the payment is reversed instead.
    """
    payment = await _standing(transaction, payment_id)
    for each in payment["matches"]:
        if each["document_id"] == str(document_id) and Decimal(each["cash_discount"]):
            raise refused("discount_booked", "A cash discount was booked with it; reverse the payment instead.")
    if not await repository.remove_matches(transaction.connection, transaction.tenant_id, payment_id, document_id):
        raise not_found("match")
    _trace(transaction, "unmatch", payment_id, {"document_id": str(document_id)})
    return await _found(transaction, payment_id)


async def reverse(transaction: Transaction, payment_id: UUID, reason: str) -> dict[str, Any]:
    """Book the opposite today; what it settled is open again.

    Raises:
        Problem: 404, 409 when it is reversed already or is a reversal itself.
    """
    payment = await _standing(transaction, payment_id)
    matches = [
        Match(UUID(each["document_id"]), Decimal(each["amount"]), Decimal(each["cash_discount"]))
        for each in payment["matches"]
    ]
    items = await _items(transaction, matches)
    chart = await chart_of(transaction.connection, transaction.tenant_id)
    direction = Direction(payment["direction"])
    booked = debits(direction, chart, payment["amount"], matches, items)
    await repository.remove_matches(transaction.connection, transaction.tenant_id, payment_id, None)
    _trace(transaction, "reverse", payment_id, {"matches": _audited(matches, items)}, reason)
    taken_back = _Record(
        new_id(),
        direction,
        payment["party_id"],
        transaction.business_date,
        -payment["amount"],
        f"Storno {payment['number']}",
        payment_id,
    )
    return _book(transaction, taken_back, reversed_debits(booked), (), {})


async def _items(transaction: Transaction, matches: Sequence[Match]) -> dict[UUID, Item]:
    ids = [each.document_id for each in matches]
    return await repository.lock_items(transaction.connection, transaction.tenant_id, ids) if ids else {}


async def _standing(transaction: Transaction, payment_id: UUID) -> dict[str, Any]:
    payment = await repository.lock(transaction.connection, transaction.tenant_id, payment_id)
    if payment is None:
        raise not_found(KIND)
    if payment["reverses_id"] is not None or payment["reversed_by_id"] is not None:
        raise refused("payment_reversed", f"{payment['number']} is reversed or a reversal; record a new payment.")
    return payment


async def _found(transaction: Transaction, payment_id: UUID) -> dict[str, Any]:
    payment = await repository.find(transaction.connection, transaction.tenant_id, payment_id)
    if payment is None:
        raise not_found(KIND)
    return payment


def _book(
    transaction: Transaction, paid: _Record, booked: Sequence[Debit], matches: Sequence[Match], items: dict[UUID, Item]
) -> dict[str, Any]:
    """The number is taken last, after everything that could refuse; until then it is a blank."""
    who, at = transaction.principal.subject, transaction.at
    shown = {
        "id": paid.id,
        "number": BLANK_NUMBER,
        "direction": paid.direction.value,
        "party_id": paid.party_id,
        "paid_on": paid.paid_on,
        "amount": paid.amount,
        "reference": paid.reference,
        "reverses_id": paid.reverses_id,
        "recorded_by": who,
        "recorded_at": at,
    }
    entry_text = paid.reference if paid.reverses_id else "Zahlung"
    transaction.write_last(
        repository.RECORD,
        {
            **shown,
            **booking(transaction, KIND, paid.id, paid.paid_on, entry_text, lines_of(booked)),
            "matches": json_text(matches),
        },
        why_not_booked(transaction, KIND, paid.paid_on),
    )
    audited = {"number": BLANK_NUMBER, "amount": str(paid.amount), "matches": _audited(matches, items)}
    _trace(transaction, "record", paid.id, audited)
    told = [
        {
            "document_id": each.document_id,
            "number": items[each.document_id].number,
            "kind": items[each.document_id].kind,
            "amount": str(each.amount),
            "cash_discount": str(each.cash_discount),
        }
        for each in matches
    ]
    return {**shown, "reversed_by_id": None, "matches": sorted(told, key=lambda each: str(each["number"]))}


def _signed(amount: Decimal, kind: str, direction: Direction) -> Decimal:
    return direction_sign(Kind(kind), direction) * amount


def _audited(matches: Sequence[Match], items: dict[UUID, Item]) -> list[dict[str, str]]:
    return [
        {
            "document": items[each.document_id].number,
            "amount": str(each.amount),
            "cash_discount": str(each.cash_discount),
        }
        for each in matches
    ]


_PAST = {"record": "recorded", "match": "matched", "unmatch": "unmatched", "reverse": "reversed"}


def _trace(
    transaction: Transaction, action: str, payment_id: UUID, after: dict[str, Any], reason: str | None = None
) -> None:
    transaction.audit(action, KIND, payment_id, reason=reason, after=after)
    transaction.publish(f"{KIND}.{_PAST[action]}", KIND, payment_id, {})
