"""The web API of payments and open items."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from valeo_erp.documents.document import Kind
from valeo_erp.documents.kinds import Side
from valeo_erp.identity.access import Reading, reading, writing
from valeo_erp.identity.scopes import Scope
from valeo_erp.kernel.answers import EVERY_ANSWER
from valeo_erp.kernel.bodies import json_answer
from valeo_erp.kernel.clock import business_date
from valeo_erp.kernel.dates import BusinessDate
from valeo_erp.kernel.money import Money
from valeo_erp.kernel.paging import Cursor, Limit
from valeo_erp.kernel.problems import not_found
from valeo_erp.kernel.text import Reference, ShortText
from valeo_erp.kernel.unit_of_work import Transaction, TransactionalRoute
from valeo_erp.payments import repository, service
from valeo_erp.payments.matching import Direction, Match

reads = APIRouter(tags=["payment"], responses=EVERY_ANSWER)
writes = APIRouter(tags=["payment"], responses=EVERY_ANSWER, route_class=TransactionalRoute)

MOST_MATCHES = 200


class MatchBody(BaseModel):
    """What of a payment settles a document."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    document_id: UUID
    amount: Annotated[Money, Field(gt=0)]


class PaidMatchBody(MatchBody):
    """What of a payment settles a document, and what is kept for paying early."""

    cash_discount: Annotated[Money, Field(ge=0, description="Within the party's terms")] = Decimal("0.00")


class PaymentBody(BaseModel):
    """A payment as it is recorded."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "direction": "incoming",
                    "party_id": "01980000-0001-7000-8000-000000000001",
                    "amount": "5240.91",
                    "reference": "INV-2026-00001 abzgl. 2 % Skonto",
                    "matches": [
                        {
                            "document_id": "01980000-0009-7000-8000-000000000001",
                            "amount": "5240.91",
                            "cash_discount": "106.96",
                        }
                    ],
                }
            ]
        },
    )

    direction: Direction
    party_id: UUID
    paid_on: Annotated[BusinessDate | None, Field(description="Today if left out")] = None
    amount: Annotated[Money, Field(gt=0)]
    reference: Reference = ""
    matches: Annotated[list[PaidMatchBody], Field(max_length=MOST_MATCHES)] = []


class MatchesBody(BaseModel):
    """What the rest of a payment settles."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    matches: Annotated[list[MatchBody], Field(min_length=1, max_length=MOST_MATCHES)]


class ReverseBody(BaseModel):
    """Why a payment is taken back."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: Annotated[ShortText, Field(examples=["Rücklastschrift"])]


class MatchAnswer(BaseModel):
    """A document that a payment settles."""

    document_id: UUID
    number: str
    kind: Kind
    amount: Money
    cash_discount: Money


class PaymentAnswer(BaseModel):
    """A payment with what it settles; a reversal has a negative amount."""

    id: UUID
    number: str
    direction: Direction
    party_id: UUID
    paid_on: date
    amount: Money
    reference: str
    reverses_id: UUID | None
    reversed_by_id: UUID | None
    recorded_by: str
    recorded_at: datetime
    matches: list[MatchAnswer]


class PaymentsAnswer(BaseModel):
    """One page of payments, the newest first."""

    items: list[PaymentAnswer]
    next_cursor: str | None


class OpenItemAnswer(BaseModel):
    """A posted document that is not settled."""

    id: UUID
    kind: Kind
    number: str
    party_id: UUID
    party_number: str
    party_name: str
    document_date: date
    due_date: date
    currency: str
    gross_total: Money
    settled: Money
    open: Money
    days_overdue: int


class OpenItemsAnswer(BaseModel):
    """One page of open items, the first due first."""

    items: list[OpenItemAnswer]
    next_cursor: str | None


class BalanceAnswer(BaseModel):
    """What a customer owes, what is approved and not posted yet, and the limit that was agreed."""

    open: Money
    overdue: Money
    approved: Money
    credit_limit: Money | None


@reads.get("/open-items", response_model=OpenItemsAnswer, operation_id="list_open_items", summary="List open items")
async def list_open_items(
    read: Annotated[Reading, reading(Scope.LEDGER_READ)],
    side: Annotated[Side, Query(description="What customers owe us, or what we owe")] = Side.SALES,
    party_id: UUID | None = None,
    due_before: Annotated[BusinessDate | None, Query(description="For reminders: what was due before")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Posted documents that payments have not settled, the first due first."""
    rows, following = await repository.open_items(
        read.connection, read.tenant_id, side, party_id, due_before, cursor, limit
    )
    today = business_date(read.at)
    items = [{**row, "days_overdue": max(0, (today - row["due_date"]).days)} for row in rows]
    return json_answer({"items": items, "next_cursor": following})


@reads.get(
    "/parties/{party_id}/balance",
    response_model=BalanceAnswer,
    operation_id="get_party_balance",
    summary="What a customer owes",
)
async def get_party_balance(party_id: UUID, read: Annotated[Reading, reading(Scope.LEDGER_READ)]) -> Response:
    """Open, overdue and approved, beside the credit limit."""
    found = await repository.balance(read.connection, read.tenant_id, party_id, business_date(read.at))
    if found is None:
        raise not_found("party")
    return json_answer(found)


@reads.get("/payments", response_model=PaymentsAnswer, operation_id="list_payments", summary="List payments")
async def list_payments(
    read: Annotated[Reading, reading(Scope.LEDGER_READ)],
    party_id: UUID | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """The newest first."""
    rows, following = await repository.page(read.connection, read.tenant_id, party_id, cursor, limit)
    return json_answer({"items": rows, "next_cursor": following})


@reads.get("/payments/{payment_id}", response_model=PaymentAnswer, operation_id="get_payment", summary="Read a payment")
async def get_payment(payment_id: UUID, read: Annotated[Reading, reading(Scope.LEDGER_READ)]) -> Response:
    """With what it settles."""
    found = await repository.find(read.connection, read.tenant_id, payment_id)
    if found is None:
        raise not_found("payment")
    return json_answer(found)


@writes.post(
    "/payments",
    response_model=PaymentAnswer,
    status_code=201,
    operation_id="record_payment",
    summary="Record a payment",
    name="record",
)
async def record_payment(
    body: PaymentBody, transaction: Annotated[Transaction, writing(Scope.LEDGER_POST)]
) -> Response:
    """Booked at once, with its number; it settles the documents that are named, in whole or in part."""
    matches = [Match(each.document_id, each.amount, each.cash_discount) for each in body.matches]
    paid_on = body.paid_on or transaction.business_date
    made = await service.record(
        transaction, body.direction, body.party_id, paid_on, body.amount, body.reference, matches
    )
    return json_answer(made, 201, {"Location": f"/api/v1/payments/{made['id']}"})


@writes.post(
    "/payments/{payment_id}/matches",
    response_model=PaymentAnswer,
    operation_id="match_payment",
    summary="Settle documents with the rest of a payment",
    name="match",
)
async def match_payment(
    payment_id: UUID, body: MatchesBody, transaction: Annotated[Transaction, writing(Scope.LEDGER_POST)]
) -> Response:
    """Nothing is booked: debt and payment stand on the same account already."""
    matches = [Match(each.document_id, each.amount, Decimal("0.00")) for each in body.matches]
    return json_answer(await service.match(transaction, payment_id, matches))


@writes.delete(
    "/payments/{payment_id}/matches/{document_id}",
    response_model=PaymentAnswer,
    operation_id="unmatch_payment",
    summary="Take back that a payment settles a document",
    name="unmatch",
)
async def unmatch_payment(
    payment_id: UUID, document_id: UUID, transaction: Annotated[Transaction, writing(Scope.LEDGER_POST)]
) -> Response:
    """Both are open again."""
    return json_answer(await service.unmatch(transaction, payment_id, document_id))


@writes.post(
    "/payments/{payment_id}/reverse",
    response_model=PaymentAnswer,
    operation_id="reverse_payment",
    summary="Take a payment back",
    name="reverse",
)
async def reverse_payment(
    payment_id: UUID, body: ReverseBody, transaction: Annotated[Transaction, writing(Scope.LEDGER_REVERSE)]
) -> Response:
    """Books the opposite today, under a number of its own; what it settled is open again."""
    return json_answer(await service.reverse(transaction, payment_id, body.reason))


router = APIRouter()
router.include_router(reads)
router.include_router(writes)
