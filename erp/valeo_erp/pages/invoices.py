"""`/invoices…`: the list, one invoice, the form. The same use cases as the API; only the answers are for people."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from starlette.requests import ClientDisconnect

from valeo_erp.audit.repository import history
from valeo_erp.calculation.units import Unit
from valeo_erp.composition import services_of
from valeo_erp.documents import repository, service
from valeo_erp.documents.document import Document, Kind, State
from valeo_erp.documents.lifecycle import NEEDS_REASON, Action, action_scope, editable
from valeo_erp.documents.repository import ListFilter
from valeo_erp.identity.access import Reading, reading, writing
from valeo_erp.identity.scopes import Scope
from valeo_erp.kernel.clock import business_date
from valeo_erp.kernel.problems import Failure, Problem, invalid, not_found, refused
from valeo_erp.kernel.unit_of_work import Transaction, TransactionalRoute
from valeo_erp.pages import choices
from valeo_erp.pages.forms import TypedLines, at_form_fields, calculation_body, document_body, typed_lines
from valeo_erp.pages.languages import language_of
from valeo_erp.pages.offers import offers
from valeo_erp.pages.rendering import page
from valeo_erp.printing.formats import Language

PAGE_ROWS = 25
MOST_ROWS = 200
NEW_LINES = 3
MOST_FIELDS = 5_000
HISTORY_ENTRIES = 200
LONGEST_REASON = 200

reads = APIRouter(prefix="/invoices", tags=["invoice"], include_in_schema=False)
writes = APIRouter(prefix="/invoices", tags=["invoice"], include_in_schema=False, route_class=TransactionalRoute)

Seller = Annotated[Reading, reading(Scope.SALES_READ)]
Writer = Annotated[Reading, reading(Scope.SALES_WRITE)]


@dataclass(frozen=True)
class Filters:
    """What the list is narrowed down to; words that mean nothing are no condition."""

    state: State | None
    text: str

    @property
    def query(self) -> str:
        """As it stands in an address."""
        return urlencode({name: value for name, value in (("state", self.state), ("text", self.text)) if value})

    def wanted(self) -> ListFilter:
        """As the repository takes it."""
        return ListFilter(Kind.INVOICE, state=self.state, text=self.text or None)


def filters_of(state: str = "", text: Annotated[str, Query(max_length=1000)] = "") -> Filters:
    """The filters of an address."""
    shown = "".join(letter for letter in text.strip() if letter.isprintable())[:100]
    return Filters(State(state) if state in set(State) else None, shown)


@dataclass(frozen=True)
class InvoiceForm:
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


async def _form(request: Request) -> InvoiceForm:
    language = language_of(request.cookies, request.headers.get("accept-language", ""))
    try:
        await request.body()  # kept by the request: the unit of work hashes it for the Idempotency-Key
    except ClientDisconnect as gone:
        raise Problem(HTTPStatus.BAD_REQUEST, "form_cut", "The form did not arrive whole.") from gone
    sent = await request.form(max_fields=MOST_FIELDS, max_files=0)
    typed = [(name, value) for name, value in sent.multi_items() if isinstance(value, str)]
    return InvoiceForm(dict(typed), typed_lines(typed, language), language)


Sent = Annotated[InvoiceForm, Depends(_form)]


# --- the list ---


async def _rows(read: Reading, filters: Filters, cursor: str | None, rows: int) -> dict[str, Any]:
    found = await repository.page(read.connection, read.tenant_id, filters.wanted(), cursor, rows)
    return {"filters": filters, "found": found}


@reads.get("")
async def list_page(
    request: Request,
    read: Seller,
    filters: Annotated[Filters, Depends(filters_of)],
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """The list with its filters."""
    at = services_of(request.app).events.cursor()
    values = await _rows(read, filters, cursor, PAGE_ROWS)
    return page("invoices.html", request, read.principal, {**values, "states": list(State), "event_cursor": at})


@reads.get("/table")
async def list_table(
    request: Request,
    read: Seller,
    filters: Annotated[Filters, Depends(filters_of)],
    shown: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    """The table alone: after a filter was changed, or after somebody changed an invoice."""
    rows = min(max(int(shown) if shown.isascii() and shown.isdigit() else 0, PAGE_ROWS), MOST_ROWS)
    answer = page("invoice_table.html", request, read.principal, await _rows(read, filters, None, rows))
    answer.headers["HX-Replace-Url"] = f"/invoices?{filters.query}" if filters.query else "/invoices"
    return answer


@reads.get("/rows")
async def list_rows(
    request: Request,
    read: Seller,
    filters: Annotated[Filters, Depends(filters_of)],
    cursor: Annotated[str, Query(max_length=200)],
) -> Response:
    """Further rows."""
    return page("invoice_rows.html", request, read.principal, await _rows(read, filters, cursor, PAGE_ROWS))


# --- the form ---


@reads.get("/new")
async def new_page(request: Request, read: Writer) -> Response:
    """An empty form."""
    return await _form_page(request, read, None)


@reads.get("/lines/{index}")
async def line_part(request: Request, read: Writer, index: Annotated[int, Path(ge=0, le=9999)]) -> Response:
    """One more empty line."""
    values = await _choices(read)
    return page("invoice_next_line.html", request, read.principal, {**values, "index": index, "line": None})


@reads.post("/calculate")
async def totals_part(request: Request, read: Writer, form: Sent) -> Response:
    """The amounts of what stands in the form, by the one calculation; lines that are not complete yet are left out."""
    body, indices = calculation_body(form.fields, form.lines)
    values: dict[str, Any] = {"calculated": None, "indices": indices, "failures": []}
    if body is not None:
        try:
            values["calculated"] = await service.calculate(read, Kind.INVOICE, body)
        except Problem as problem:  # told beside the totals: somebody is still typing
            values["failures"] = at_form_fields(problem, indices).failures
    values["all_indices"] = form.lines.indices
    return page("invoice_totals.html", request, read.principal, values)


@reads.get("/{document_id}/edit")
async def edit_page(request: Request, read: Writer, document_id: UUID) -> Response:
    """The form with what the invoice says now."""
    document = await _found(read, document_id)
    if failures := editable(document):
        raise refused("not_editable", "This invoice cannot be changed.", failures)
    return await _form_page(request, read, document)


async def _form_page(request: Request, read: Reading, document: Document | None) -> Response:
    values = await _choices(read)
    rows = max(NEW_LINES, 0 if document is None else len(document.lines) + 1)
    return page(
        "invoice_form.html",
        request,
        read.principal,
        {**values, "document": document, "rows": rows, "today": business_date(read.at), "key": uuid4().hex},
    )


async def _choices(read: Reading) -> dict[str, Any]:
    return {
        "parties": await choices.parties(read.connection, read.tenant_id),
        "items": await choices.items(read.connection, read.tenant_id),
        "units": list(Unit),
    }


@writes.post("", name="create")
async def create(form: Sent, transaction: Annotated[Transaction, writing(Scope.SALES_WRITE)]) -> Response:
    """Write a draft, and go to it."""
    body = document_body(form.fields, form.lines)
    try:
        document = await service.create(transaction, Kind.INVOICE, body)
    except Problem as problem:
        raise at_form_fields(problem, form.lines.indices) from problem
    return _gone_to(document)


@writes.post("/{document_id}", name="edit")
async def replace(
    document_id: UUID, form: Sent, transaction: Annotated[Transaction, writing(Scope.SALES_WRITE)]
) -> Response:
    """Write another content, and go back to the invoice."""
    body = document_body(form.fields, form.lines)
    try:
        document = await service.replace_content(transaction, Kind.INVOICE, document_id, form.version, body)
    except Problem as problem:
        raise at_form_fields(problem, form.lines.indices) from problem
    return _gone_to(document)


def _gone_to(document: Document) -> Response:
    """Htmx goes there by its own header; other clients by theirs."""
    address = f"/invoices/{document.id}"
    return Response(status_code=HTTPStatus.CREATED, headers={"HX-Redirect": address, "Location": address})


# --- one invoice ---


@reads.get("/{document_id}")
async def invoice_page(request: Request, read: Seller, document_id: UUID) -> Response:
    """One invoice with its actions and its history."""
    at = services_of(request.app).events.cursor()
    document = await _found(read, document_id)
    values = await _content(document, read)
    return page(
        "invoice.html", request, read.principal, {**values, "event_cursor": at, "need_reason": sorted(NEEDS_REASON)}
    )


@reads.get("/{document_id}/content")
async def invoice_part(request: Request, read: Seller, document_id: UUID) -> Response:
    """The part of the page that changes with the invoice."""
    return page("invoice_content.html", request, read.principal, await _content(await _found(read, document_id), read))


async def _found(read: Reading, document_id: UUID) -> Document:
    document = await repository.find(read.connection, read.tenant_id, Kind.INVOICE, document_id)
    if document is None:
        raise not_found(Kind.INVOICE)
    return document


async def _content(document: Document, read: Reading) -> dict[str, Any]:
    entries, _ = await history(read.connection, read.tenant_id, document.id, None, HISTORY_ENTRIES)
    return {
        "document": document,
        "history": entries,
        "offers": offers(document, read.principal, business_date(read.at)),
        "editable": not editable(document) and Scope.SALES_WRITE in read.principal.scopes,
    }


def _acting(action: Action) -> Callable[..., Awaitable[Response]]:
    async def act(
        document_id: UUID, form: Sent, transaction: Annotated[Transaction, writing(action_scope(Kind.INVOICE, action))]
    ) -> Response:
        reason = _reason(form.fields.get("reason", ""))
        await service.act(transaction, Kind.INVOICE, document_id, form.version, action, reason)
        # The page then loads what changed: the history is written with the commit, after this answer was made.
        return Response(status_code=HTTPStatus.NO_CONTENT, headers={"HX-Trigger": "valeo:done"})

    return act


def _reason(typed: str) -> str | None:
    reason = typed.strip()
    if len(reason) > LONGEST_REASON or not reason.isprintable():
        fault = Failure("string_too_long", f"A reason is one line of up to {LONGEST_REASON} characters.", "reason")
        raise invalid("faulty_reason", fault.message, [fault])
    return reason or None


for _action in Action:
    writes.add_api_route(f"/{{document_id}}/actions/{_action}", _acting(_action), methods=["POST"], name=_action.value)

router = APIRouter()
router.include_router(reads)
router.include_router(writes)
