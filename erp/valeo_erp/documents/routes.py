"""The web API of sales invoices."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from valeo_erp.audit.repository import history
from valeo_erp.audit.schemas import HistoryAnswer
from valeo_erp.documents import repository, service
from valeo_erp.documents.document import Document, Kind, State
from valeo_erp.documents.lifecycle import ACTION_SCOPES, Action
from valeo_erp.documents.repository import ListFilter, Sort
from valeo_erp.documents.schemas import (
    ActionBody,
    CalculationAnswer,
    CalculationBody,
    DocumentAnswer,
    DocumentBody,
    PageAnswer,
    document_answer,
)
from valeo_erp.identity.access import Reading, reading, writing
from valeo_erp.identity.scopes import Principal, Scope
from valeo_erp.kernel.answers import EVERY_ANSWER
from valeo_erp.kernel.bodies import json_answer
from valeo_erp.kernel.clock import business_date
from valeo_erp.kernel.dates import BusinessDate
from valeo_erp.kernel.paging import Cursor, Limit, Search
from valeo_erp.kernel.problems import not_found
from valeo_erp.kernel.unit_of_work import Transaction, TransactionalRoute
from valeo_erp.kernel.versions import IfMatch, etag, expected_version

reads = APIRouter(tags=["invoice"], responses=EVERY_ANSWER)
writes = APIRouter(tags=["invoice"], responses=EVERY_ANSWER, route_class=TransactionalRoute)


def list_filter(
    state: Annotated[State | None, Query(description="Only documents in this state")] = None,
    party_id: Annotated[UUID | None, Query(description="Only documents of this party")] = None,
    from_date: Annotated[BusinessDate | None, Query(alias="from", description="First document date")] = None,
    to_date: Annotated[BusinessDate | None, Query(alias="to", description="Last document date")] = None,
    text: Search = None,
) -> ListFilter:
    """The filters of the list; exports take the same."""
    return ListFilter(Kind.INVOICE, state, party_id, from_date, to_date, text)


@reads.get("/invoices", response_model=PageAnswer, operation_id="list_invoices", summary="List sales invoices")
async def list_invoices(
    read: Annotated[Reading, reading(Scope.SALES_READ)],
    wanted: Annotated[ListFilter, Depends(list_filter)],
    cursor: Cursor = None,
    limit: Limit = 50,
    sort: Sort = Sort.NEWEST_FIRST,
) -> Response:
    """Newest first unless sorted otherwise; filters narrow it down."""
    page = await repository.page(read.connection, read.tenant_id, wanted, cursor, limit, sort)
    return json_answer(page)


@reads.get(
    "/invoices/{document_id}", response_model=DocumentAnswer, operation_id="get_invoice", summary="Read a sales invoice"
)
async def get_invoice(document_id: UUID, read: Annotated[Reading, reading(Scope.SALES_READ)]) -> Response:
    """With its lines, and the actions that the caller may do now, each with the reason when it is blocked."""
    return _answer(await _found(read, document_id), read.principal, read.at)


@reads.get(
    "/invoices/{document_id}/audit",
    response_model=HistoryAnswer,
    operation_id="get_invoice_audit",
    summary="The history of a sales invoice",
)
async def get_invoice_audit(
    document_id: UUID,
    read: Annotated[Reading, reading(Scope.SALES_READ)],
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Response:
    """Every attempt, oldest first, also the refused ones with their reason."""
    await _found(read, document_id)
    items, following = await history(read.connection, read.tenant_id, document_id, cursor, limit)
    return json_answer({"items": items, "next_cursor": following})


@reads.post(
    "/invoices/calculate",
    response_model=CalculationAnswer,
    operation_id="calculate_invoice",
    summary="Calculate the amounts of lines",
)
async def calculate(body: CalculationBody, read: Annotated[Reading, reading(Scope.SALES_WRITE)]) -> Response:
    """By the calculation that prints, books and exports; stores nothing."""
    return json_answer(await service.calculate(read, body))


@writes.post(
    "/invoices",
    response_model=DocumentAnswer,
    status_code=201,
    operation_id="create_invoice",
    summary="Write a sales invoice",
    name="create",
)
async def create_invoice(
    body: DocumentBody, transaction: Annotated[Transaction, writing(Scope.SALES_WRITE)]
) -> Response:
    """A draft; it gets its number when it is posted."""
    document = await service.create(transaction, Kind.INVOICE, body)
    return _answer(document, transaction.principal, transaction.at, created=True)


@writes.put(
    "/invoices/{document_id}",
    response_model=DocumentAnswer,
    operation_id="replace_invoice",
    summary="Write another content",
    name="edit",
)
async def replace_invoice(
    document_id: UUID,
    body: DocumentBody,
    transaction: Annotated[Transaction, writing(Scope.SALES_WRITE)],
    if_match: IfMatch = None,
) -> Response:
    """What was submitted or approved goes back to draft, because it was another content."""
    document = await service.replace_content(transaction, Kind.INVOICE, document_id, expected_version(if_match), body)
    return _answer(document, transaction.principal, transaction.at)


def _acting(action: Action) -> Callable[..., Awaitable[Response]]:
    async def act(
        document_id: UUID,
        transaction: Annotated[Transaction, writing(ACTION_SCOPES[action])],
        body: ActionBody | None = None,
        if_match: IfMatch = None,
    ) -> Response:
        reason = None if body is None else body.reason
        document = await service.act(transaction, Kind.INVOICE, document_id, expected_version(if_match), action, reason)
        return _answer(document, transaction.principal, transaction.at)

    return act


for _action in Action:
    writes.add_api_route(
        f"/invoices/{{document_id}}/actions/{_action}",
        _acting(_action),
        methods=["POST"],
        response_model=DocumentAnswer,
        operation_id=f"{_action}_invoice",
        summary=f"{_action.capitalize()} a sales invoice",
        description="One step along the workflow; refused with every reason at once.",
        name=_action.value,
    )


async def _found(read: Reading, document_id: UUID) -> Document:
    document = await repository.find(read.connection, read.tenant_id, Kind.INVOICE, document_id)
    if document is None:
        raise not_found(Kind.INVOICE)
    return document


def _answer(document: Document, principal: Principal, at: datetime, *, created: bool = False) -> Response:
    headers = {"ETag": etag(document.version)}
    if created:
        headers["Location"] = f"/api/v1/invoices/{document.id}"
    body = document_answer(document, principal, business_date(at))
    return json_answer(body, 201 if created else 200, headers)


router = APIRouter()
router.include_router(reads)
router.include_router(writes)
