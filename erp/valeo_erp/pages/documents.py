"""`/invoices…` and so on: list, document and form of every kind. The API's use cases; the answers are for people."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import HTMLResponse
from starlette.requests import ClientDisconnect

from valeo_erp.attachments.routes import file_answer
from valeo_erp.attachments.service import attachments_of, stored
from valeo_erp.audit.repository import history
from valeo_erp.calculation.units import Unit
from valeo_erp.comments.service import comments_of
from valeo_erp.composition import services_of
from valeo_erp.documents import listing, repository, service
from valeo_erp.documents.document import Document, Kind, State
from valeo_erp.documents.kinds import KINDS, Side, rules_of
from valeo_erp.documents.lifecycle import NEEDS_REASON, Action, action_scope, actions_of, editable
from valeo_erp.documents.listing import ListFilter
from valeo_erp.einvoicing.terms import XRECHNUNG_KINDS
from valeo_erp.identity.access import Reading, reading, require, writing
from valeo_erp.identity.scopes import Principal
from valeo_erp.kernel.clock import business_date
from valeo_erp.kernel.problems import Failure, Problem, invalid, not_found, refused
from valeo_erp.kernel.unit_of_work import Transaction, TransactionalRoute
from valeo_erp.pages import choices
from valeo_erp.pages.forms import TypedLines, at_form_fields, calculation_body, document_body, typed_lines
from valeo_erp.pages.languages import language_of
from valeo_erp.pages.offers import offers
from valeo_erp.pages.remarks import remark_writes
from valeo_erp.pages.rendering import page
from valeo_erp.printing.formats import Language

PAGE_ROWS = 25
MOST_ROWS = 200
NEW_LINES = 3
MOST_FIELDS = 10_000
HISTORY_ENTRIES = 200
LONGEST_REASON = 200

Handler = Callable[..., Awaitable[Response]]
WITHOUT_FORM = frozenset({Kind.WEIGHING_TICKET})
"""Kinds that are written through the API: a weighbridge fills in what no form of lines has."""


@dataclass(frozen=True)
class Filters:
    """What the list is narrowed down to; words that mean nothing are no condition."""

    state: State | None
    text: str

    @property
    def query(self) -> str:
        """As it stands in an address."""
        return urlencode({name: value for name, value in (("state", self.state), ("text", self.text)) if value})

    def wanted(self, kind: Kind) -> ListFilter:
        """As the repository takes it."""
        return ListFilter(kind, state=self.state, text=self.text or None)


def filters_of(state: str = "", text: Annotated[str, Query(max_length=1000)] = "") -> Filters:
    """The filters of an address."""
    shown = "".join(letter for letter in text.strip() if letter.isprintable())[:100]
    return Filters(State(state) if state in set(State) else None, shown)


Narrowed = Annotated[Filters, Depends(filters_of)]


@dataclass(frozen=True)
class DocumentForm:
    """What came from the form."""

    fields: dict[str, str]
    lines: TypedLines
    language: Language

    @property
    def version(self) -> int:
        """The version that the person saw.

        Raises:
            Problem: 422 when the form was tampered with.
        """
        text = self.fields.get("version", "")
        if not (text.isascii() and text.isdigit() and len(text) < 10):  # noqa: PLR2004 - fits into an integer
            raise invalid("version_missing", "The form does not say which version was seen. Load it again.")
        return int(text)


async def _form(request: Request) -> DocumentForm:
    language = language_of(request.cookies, request.headers.get("accept-language", ""))
    try:
        await request.body()  # kept by the request: the unit of work hashes it for the Idempotency-Key
    except ClientDisconnect as gone:
        raise Problem(HTTPStatus.BAD_REQUEST, "form_cut", "The form did not arrive whole.") from gone
    sent = await request.form(max_fields=MOST_FIELDS, max_files=0)
    typed = [(name, value) for name, value in sent.multi_items() if isinstance(value, str)]
    return DocumentForm(dict(typed), typed_lines(typed, language), language)


Sent = Annotated[DocumentForm, Depends(_form)]


@dataclass(frozen=True)
class _Room:
    """The pages of one kind: what every one of its templates is told."""

    kind: Kind

    @property
    def base(self) -> str:
        """Where its list is."""
        return f"/{rules_of(self.kind).collection}"

    def shows(self, template: str, request: Request, read: Reading, values: dict[str, Any]) -> HTMLResponse:
        """A page or a part of one."""
        rules = rules_of(self.kind)
        own = {
            "kind": self.kind.value,
            "base": self.base,
            "e_invoiced": self.kind in XRECHNUNG_KINDS,
            "other": "customer" if rules.side is Side.SALES else "supplier",
            "may_write": rules.scopes.write in read.principal.scopes and self.kind not in WITHOUT_FORM,
            "receives": self.kind is Kind.SUPPLIER_INVOICE,
        }
        return page(template, request, read.principal, {**own, **values})

    async def rows(self, read: Reading, filters: Filters, cursor: str | None, rows: int) -> dict[str, Any]:
        """A page of the list."""
        found = await listing.page(read.connection, read.tenant_id, filters.wanted(self.kind), cursor, rows)
        return {"filters": filters, "found": found}

    async def found(self, read: Reading, document_id: UUID) -> Document:
        """One document.

        Raises:
            Problem: 404.
        """
        document = await repository.find(read.connection, read.tenant_id, self.kind, document_id)
        if document is None:
            raise not_found(rules_of(self.kind).english)
        return document

    async def content(self, document: Document, read: Reading) -> dict[str, Any]:
        """What is shown of a document, besides the frame."""
        entries, _ = await history(read.connection, read.tenant_id, document.id, None, HISTORY_ENTRIES)
        may_write = rules_of(self.kind).scopes.write in read.principal.scopes
        return {
            "document": document,
            "history": entries,
            "offers": offers(document, read.principal, business_date(read.at)),
            "editable": not editable(document) and may_write and self.kind not in WITHOUT_FORM,
            "followers": _followers(document, read.principal),
        }

    async def remarks(self, read: Reading, document: Document) -> dict[str, Any]:
        """What was said about a document, and the files at it."""
        return {
            "document": document,
            "comments": await comments_of(read.connection, read.tenant_id, document.id),
            "attachments": await attachments_of(read.connection, read.tenant_id, document.id),
        }

    async def form(
        self, request: Request, read: Reading, document: Document | None, follows: Document | None
    ) -> Response:
        """The form, with what a document says, or with what another one has that is still open."""
        values = await _choices(read)
        shown = document or follows
        written = () if shown is None else tuple(line for line in shown.lines if not line.freight)
        more = {
            "document": document,
            "follows": follows,
            "written": written,
            "rows": max(NEW_LINES, len(written) + 1 if written else 0),
            "today": business_date(read.at),
            "key": uuid4().hex,
        }
        return self.shows("invoice_form.html", request, read, {**values, **more})

    async def source(self, read: Reading, document_id: UUID) -> Document:
        """A document that one of this kind may follow.

        Raises:
            Problem: 404, 403 where the reader may not see it.
        """
        for kind in rules_of(self.kind).follows:
            document = await repository.find(read.connection, read.tenant_id, kind, document_id)
            if document is not None:
                require(read.principal, rules_of(kind).scopes.read)
                return document
        raise not_found("document to follow")


def _followers(document: Document, principal: Principal) -> list[tuple[str, str]]:
    """The kinds that may follow a posted document, each with the address of its form."""
    if document.state is not State.POSTED or document.reverses_id is not None:
        return []
    return [
        (kind.value, f"/{rules.collection}/new?source={document.id}")
        for kind, rules in KINDS.items()
        if document.kind in rules.follows and rules.scopes.write in principal.scopes and kind not in WITHOUT_FORM
    ]


async def _choices(read: Reading) -> dict[str, Any]:
    return {
        "parties": await choices.parties(read.connection, read.tenant_id),
        "items": await choices.items(read.connection, read.tenant_id),
        "units": list(Unit),
    }


def _list_pages(reads: APIRouter, room: _Room) -> None:
    scope = rules_of(room.kind).scopes.read

    async def list_page(
        request: Request,
        read: Annotated[Reading, reading(scope)],
        filters: Narrowed,
        cursor: Annotated[str | None, Query(max_length=200)] = None,
    ) -> Response:
        """The list with its filters."""
        at = services_of(request.app).events.cursor()
        values = await room.rows(read, filters, cursor, PAGE_ROWS)
        return room.shows("invoices.html", request, read, {**values, "states": list(State), "event_cursor": at})

    async def list_table(
        request: Request,
        read: Annotated[Reading, reading(scope)],
        filters: Narrowed,
        shown: Annotated[str, Query(max_length=10)] = "",
    ) -> Response:
        """The table alone: after a filter was changed, or after somebody changed a document."""
        rows = min(max(int(shown) if shown.isascii() and shown.isdigit() else 0, PAGE_ROWS), MOST_ROWS)
        answer = room.shows("invoice_table.html", request, read, await room.rows(read, filters, None, rows))
        answer.headers["HX-Replace-Url"] = f"{room.base}?{filters.query}" if filters.query else room.base
        return answer

    async def list_rows(
        request: Request,
        read: Annotated[Reading, reading(scope)],
        filters: Narrowed,
        cursor: Annotated[str, Query(max_length=200)],
    ) -> Response:
        """Further rows."""
        return room.shows("invoice_rows.html", request, read, await room.rows(read, filters, cursor, PAGE_ROWS))

    for path, handler in (("", list_page), ("/table", list_table), ("/rows", list_rows)):
        reads.add_api_route(path, handler, methods=["GET"])


def _form_pages(reads: APIRouter, room: _Room) -> None:
    scope = rules_of(room.kind).scopes.write

    async def new_page(
        request: Request, read: Annotated[Reading, reading(scope)], source: UUID | None = None
    ) -> Response:
        """An empty form, or one with the lines that the document shall follow."""
        follows = None if source is None else await room.source(read, source)
        return await room.form(request, read, None, follows)

    async def line_part(
        request: Request, read: Annotated[Reading, reading(scope)], index: Annotated[int, Path(ge=0, le=9999)]
    ) -> Response:
        """One more empty line."""
        values = await _choices(read)
        return room.shows(
            "invoice_next_line.html", request, read, {**values, "index": index, "line": None, "follows": None}
        )

    async def totals_part(request: Request, read: Annotated[Reading, reading(scope)], form: Sent) -> Response:
        """The amounts of what stands in the form, by the one calculation; lines that are not complete are left out."""
        body, indices = calculation_body(form.fields, form.lines)
        values: dict[str, Any] = {"calculated": None, "indices": indices, "failures": []}
        if body is not None:
            try:
                values["calculated"] = await service.calculate(read, room.kind, body)
            except Problem as problem:  # told beside the totals: somebody is still typing
                values["failures"] = at_form_fields(problem, indices).failures
        values["all_indices"] = form.lines.indices
        return room.shows("invoice_totals.html", request, read, values)

    async def edit_page(request: Request, read: Annotated[Reading, reading(scope)], document_id: UUID) -> Response:
        """The form with what the document says now."""
        document = await room.found(read, document_id)
        if failures := editable(document):
            raise refused("not_editable", f"This {rules_of(room.kind).english} cannot be changed.", failures)
        return await room.form(request, read, document, None)

    for path, handler in (("/new", new_page), ("/lines/{index}", line_part), ("/{document_id}/edit", edit_page)):
        reads.add_api_route(path, handler, methods=["GET"])
    reads.add_api_route("/calculate", totals_part, methods=["POST"])


def _form_writes(writes: APIRouter, room: _Room) -> None:
    scope = rules_of(room.kind).scopes.write

    async def create(form: Sent, transaction: Annotated[Transaction, writing(scope)]) -> Response:
        """Write a draft, and go to it."""
        body = document_body(form.fields, form.lines)
        try:
            document = await service.create(transaction, room.kind, body)
        except Problem as problem:
            raise at_form_fields(problem, form.lines.indices) from problem
        return _gone_to(room, document)

    async def replace(document_id: UUID, form: Sent, transaction: Annotated[Transaction, writing(scope)]) -> Response:
        """Write another content, and go back to the document."""
        body = document_body(form.fields, form.lines)
        try:
            document = await service.replace_content(transaction, room.kind, document_id, form.version, body)
        except Problem as problem:
            raise at_form_fields(problem, form.lines.indices) from problem
        return _gone_to(room, document)

    writes.add_api_route("", create, methods=["POST"], name="create")
    writes.add_api_route("/{document_id}", replace, methods=["POST"], name="edit")


def _gone_to(room: _Room, document: Document) -> Response:
    """Htmx goes there by its own header; other clients by theirs."""
    address = f"{room.base}/{document.id}"
    return Response(status_code=HTTPStatus.CREATED, headers={"HX-Redirect": address, "Location": address})


def _document_pages(reads: APIRouter, room: _Room) -> None:
    scope = rules_of(room.kind).scopes.read

    async def document_page(request: Request, read: Annotated[Reading, reading(scope)], document_id: UUID) -> Response:
        """One document with its actions and its history."""
        at = services_of(request.app).events.cursor()
        document = await room.found(read, document_id)
        values = await room.content(document, read) | await room.remarks(read, document)
        more = {
            "event_cursor": at,
            "need_reason": sorted(NEEDS_REASON),
            "may_remark": rules_of(room.kind).scopes.write in read.principal.scopes,
        }
        return room.shows("invoice.html", request, read, {**values, **more})

    async def document_part(request: Request, read: Annotated[Reading, reading(scope)], document_id: UUID) -> Response:
        """The part of the page that changes with the document."""
        values = await room.content(await room.found(read, document_id), read)
        return room.shows("invoice_content.html", request, read, values)

    async def remarks_part(request: Request, read: Annotated[Reading, reading(scope)], document_id: UUID) -> Response:
        """What was said, and the files; the forms beside them stay as they are."""
        values = await room.remarks(read, await room.found(read, document_id))
        return room.shows("remarks.html", request, read, values)

    async def file_part(document_id: UUID, attachment_id: UUID, read: Annotated[Reading, reading(scope)]) -> Response:
        """A file, to be saved."""
        return file_answer(await stored(read.connection, read.tenant_id, room.kind, document_id, attachment_id))

    reads.add_api_route("/{document_id}", document_page, methods=["GET"])
    reads.add_api_route("/{document_id}/content", document_part, methods=["GET"])
    reads.add_api_route("/{document_id}/remarks", remarks_part, methods=["GET"])
    reads.add_api_route("/{document_id}/attachments/{attachment_id}", file_part, methods=["GET"])


def _acting(kind: Kind, action: Action) -> Handler:
    async def act(
        document_id: UUID, form: Sent, transaction: Annotated[Transaction, writing(action_scope(kind, action))]
    ) -> Response:
        reason = _reason(form.fields.get("reason", ""))
        await service.act(transaction, kind, document_id, form.version, action, reason)
        # The page then loads what changed: the history is written with the commit, after this answer was made.
        return Response(status_code=HTTPStatus.NO_CONTENT, headers={"HX-Trigger": "valeo:done"})

    return act


def _reason(typed: str) -> str | None:
    reason = typed.strip()
    if len(reason) > LONGEST_REASON or not reason.isprintable():
        fault = Failure("string_too_long", f"A reason is one line of up to {LONGEST_REASON} characters.", "reason")
        raise invalid("faulty_reason", fault.message, [fault])
    return reason or None


def router_of(kind: Kind) -> APIRouter:
    """The pages of one kind."""
    room = _Room(kind)
    reads = APIRouter(prefix=room.base, tags=[kind.value], include_in_schema=False)
    writes = APIRouter(prefix=room.base, tags=[kind.value], include_in_schema=False, route_class=TransactionalRoute)
    _list_pages(reads, room)
    if kind not in WITHOUT_FORM:
        _form_pages(reads, room)
        _form_writes(writes, room)
    _document_pages(reads, room)
    remark_writes(writes, kind)
    for action in actions_of(kind):
        writes.add_api_route(
            f"/{{document_id}}/actions/{action}", _acting(kind, action), methods=["POST"], name=action.value
        )
    both = APIRouter()
    both.include_router(reads)
    both.include_router(writes)
    return both


router = APIRouter()
for _kind in KINDS:
    router.include_router(router_of(_kind))
