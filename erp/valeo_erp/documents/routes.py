"""The web API of documents: the same routes for every kind, made from the table of kinds."""

import dataclasses
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from valeo_erp.audit.repository import history
from valeo_erp.audit.schemas import HistoryAnswer
from valeo_erp.documents import listing, repository, service
from valeo_erp.documents.document import Document, Kind, State
from valeo_erp.documents.kinds import KINDS, KindRules, rules_of
from valeo_erp.documents.lifecycle import Action, action_scope, actions_of
from valeo_erp.documents.listing import ListFilter, Sort
from valeo_erp.documents.rooms import room_of
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
from valeo_erp.identity.scopes import Principal
from valeo_erp.kernel.bodies import json_answer
from valeo_erp.kernel.clock import business_date
from valeo_erp.kernel.dates import BusinessDate
from valeo_erp.kernel.money import Money
from valeo_erp.kernel.paging import Cursor, Limit, Search
from valeo_erp.kernel.problems import not_found
from valeo_erp.kernel.unit_of_work import Transaction
from valeo_erp.kernel.versions import IfMatch, etag, expected_version

Handler = Callable[..., Awaitable[Response]]
DocumentSearch = Annotated[
    Search,
    Query(description="Found anywhere, in any case; one or two letters only at the beginning of a word"),
]


def list_filter_of(kind: Kind) -> Callable[..., ListFilter]:
    """The filters of a kind's list; exports take the same."""

    def wanted(
        state: Annotated[State | None, Query(description="Only documents in this state")] = None,
        party_id: Annotated[UUID | None, Query(description="Only documents of this party")] = None,
        from_date: Annotated[BusinessDate | None, Query(alias="from", description="First document date")] = None,
        to_date: Annotated[BusinessDate | None, Query(alias="to", description="Last document date")] = None,
        text: DocumentSearch = None,
        number: Annotated[str | None, Query(max_length=40, pattern=r"^[A-Z0-9-]+$", description="Whole")] = None,
        from_gross: Annotated[Money | None, Query(description="Smallest gross total")] = None,
        to_gross: Annotated[Money | None, Query(description="Largest gross total")] = None,
    ) -> ListFilter:
        return ListFilter(kind, state, party_id, from_date, to_date, text, number, from_gross, to_gross)

    return wanted


list_filter = list_filter_of(Kind.INVOICE)


def any_list_filter(
    wanted: Annotated[ListFilter, Depends(list_filter)],
    kind: Annotated[Kind, Query(description="Whose list")] = Kind.INVOICE,
) -> ListFilter:
    """The same filters, for the list of whichever kind."""
    return dataclasses.replace(wanted, kind=kind)


def router_of(kind: Kind) -> APIRouter:
    """Everything that can be asked of one kind."""
    rules = rules_of(kind)
    room = room_of(kind)
    _add_reads(room.reads, kind, rules)
    _add_writes(room.writes, kind, rules)
    for action in actions_of(kind):
        _add_action(room.writes, kind, rules, action)
    return room.router()


def _add_reads(reads: APIRouter, kind: Kind, rules: KindRules) -> None:
    many = rules.collection.replace("-", "_")
    routes: tuple[tuple[str, str, Handler, Any, str, str], ...] = (
        ("GET", "", _lists(kind), PageAnswer, f"list_{many}", f"List {rules.english}s"),
        ("GET", "/{document_id}", _gets(kind), DocumentAnswer, f"get_{kind}", f"Read a {rules.english}"),
        (
            "GET",
            "/{document_id}/audit",
            _tells(kind),
            HistoryAnswer,
            f"get_{kind}_audit",
            f"The history of a {rules.english}",
        ),
        (
            "POST",
            "/calculate",
            _calculates(kind),
            CalculationAnswer,
            f"calculate_{kind}",
            f"Calculate the amounts of a {rules.english}",
        ),
    )
    for method, path, handler, answer, name, summary in routes:
        reads.add_api_route(path, handler, methods=[method], response_model=answer, operation_id=name, summary=summary)


def _add_writes(writes: APIRouter, kind: Kind, rules: KindRules) -> None:
    writes.add_api_route(
        "",
        _creates(kind),
        methods=["POST"],
        response_model=DocumentAnswer,
        status_code=201,
        operation_id=f"create_{kind}",
        summary=f"Write a {rules.english}",
        name="create",
    )
    writes.add_api_route(
        "/{document_id}",
        _replaces(kind),
        methods=["PUT"],
        response_model=DocumentAnswer,
        operation_id=f"replace_{kind}",
        summary=f"Write another content of a {rules.english}",
        name="edit",
    )


def _add_action(writes: APIRouter, kind: Kind, rules: KindRules, action: Action) -> None:
    writes.add_api_route(
        f"/{{document_id}}/actions/{action}",
        _acts(kind, action),
        methods=["POST"],
        response_model=DocumentAnswer,
        operation_id=f"{action}_{kind}",
        summary=f"{action.capitalize()} a {rules.english}",
        description="One step along the workflow; refused with every reason at once.",
        name=action.value,
    )


def _lists(kind: Kind) -> Handler:
    scope, filters = rules_of(kind).scopes.read, list_filter_of(kind)

    async def list_documents(
        read: Annotated[Reading, reading(scope)],
        wanted: Annotated[ListFilter, Depends(filters)],
        cursor: Cursor = None,
        limit: Limit = 50,
        sort: Sort = Sort.NEWEST_FIRST,
    ) -> Response:
        """Newest first unless sorted otherwise; filters narrow it down."""
        page = await listing.page(read.connection, read.tenant_id, wanted, cursor, limit, sort)
        return json_answer(page)

    return list_documents


def _gets(kind: Kind) -> Handler:
    async def get_document(
        document_id: UUID, read: Annotated[Reading, reading(rules_of(kind).scopes.read)]
    ) -> Response:
        """With its lines, and the actions that the caller may do now, each with the reason when it is blocked."""
        return answer_of(await _found(read, kind, document_id), read.principal, read.at)

    return get_document


def _tells(kind: Kind) -> Handler:
    async def get_audit(
        document_id: UUID,
        read: Annotated[Reading, reading(rules_of(kind).scopes.read)],
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> Response:
        """Every attempt, oldest first, also the refused ones with their reason."""
        await _found(read, kind, document_id)
        items, following = await history(read.connection, read.tenant_id, document_id, cursor, limit)
        return json_answer({"items": items, "next_cursor": following})

    return get_audit


def _calculates(kind: Kind) -> Handler:
    async def calculate(
        body: CalculationBody, read: Annotated[Reading, reading(rules_of(kind).scopes.write)]
    ) -> Response:
        """By the calculation that prints, books and exports; stores nothing."""
        return json_answer(await service.calculate(read, kind, body))

    return calculate


def _creates(kind: Kind) -> Handler:
    async def create(
        body: DocumentBody, transaction: Annotated[Transaction, writing(rules_of(kind).scopes.write)]
    ) -> Response:
        """A draft; it gets its number when it is posted."""
        document = await service.create(transaction, kind, body)
        return answer_of(document, transaction.principal, transaction.at, created=True)

    return create


def _replaces(kind: Kind) -> Handler:
    async def replace(
        document_id: UUID,
        body: DocumentBody,
        transaction: Annotated[Transaction, writing(rules_of(kind).scopes.write)],
        if_match: IfMatch = None,
    ) -> Response:
        """What was submitted or approved goes back to draft, because it was another content."""
        document = await service.replace_content(transaction, kind, document_id, expected_version(if_match), body)
        return answer_of(document, transaction.principal, transaction.at)

    return replace


def _acts(kind: Kind, action: Action) -> Handler:
    async def act(
        document_id: UUID,
        transaction: Annotated[Transaction, writing(action_scope(kind, action))],
        body: ActionBody | None = None,
        if_match: IfMatch = None,
    ) -> Response:
        reason = None if body is None else body.reason
        document = await service.act(transaction, kind, document_id, expected_version(if_match), action, reason)
        return answer_of(document, transaction.principal, transaction.at)

    return act


async def _found(read: Reading, kind: Kind, document_id: UUID) -> Document:
    document = await repository.find(read.connection, read.tenant_id, kind, document_id)
    if document is None:
        raise not_found(rules_of(kind).english)
    return document


def answer_of(document: Document, principal: Principal, at: datetime, *, created: bool = False) -> Response:
    """A document with its version, and the actions that are offered."""
    headers = {"ETag": etag(document.version)}
    if created:
        headers["Location"] = f"/api/v1/{rules_of(document.kind).collection}/{document.id}"
    body = document_answer(document, principal, business_date(at))
    return json_answer(body, 201 if created else 200, headers)


router = APIRouter()
for _kind in sorted(KINDS, key=lambda kind: kind is not Kind.INVOICE):  # invoices first: they are the busy ones
    router.include_router(router_of(_kind))
