"""`/files`: files that are made in the background, and the posting batch for DATEV."""

from datetime import date
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from valeo_erp.composition import services_of
from valeo_erp.documents.document import Kind
from valeo_erp.documents.listing import ListFilter
from valeo_erp.identity.access import Reading, reading, writing
from valeo_erp.identity.scopes import Scope
from valeo_erp.jobs import repository, service
from valeo_erp.jobs.job import Product, Wish
from valeo_erp.kernel.problems import Failure, invalid
from valeo_erp.kernel.unit_of_work import Transaction, TransactionalRoute
from valeo_erp.pages.documents import Filters, filters_of
from valeo_erp.pages.languages import language_of
from valeo_erp.pages.rendering import page
from valeo_erp.pages.sent import whole

reads = APIRouter(prefix="/files", tags=["job"], include_in_schema=False)
writes = APIRouter(prefix="/files", tags=["job"], include_in_schema=False, route_class=TransactionalRoute)

Own = Annotated[Reading, reading(Scope.DOCS_PRINT)]
Asked = Annotated[Filters, Depends(filters_of)]


async def _days(request: Request) -> dict[str, str]:
    await whole(request)
    sent = await request.form(max_fields=10, max_files=0)
    return {name: value for name, value in sent.multi_items() if isinstance(value, str)}


async def _jobs(read: Reading) -> dict[str, Any]:
    return {"jobs": await repository.newest(read.connection, read.principal)}


@reads.get("")
async def files_page(request: Request, read: Own) -> Response:
    """Everything that one asked for, with its progress."""
    at = services_of(request.app).events.cursor()
    return page("files.html", request, read.principal, {**await _jobs(read), "event_cursor": at})


@reads.get("/table")
async def files_table(request: Request, read: Own) -> Response:
    """The table by itself, for when something changed."""
    return page("files_table.html", request, read.principal, await _jobs(read))


@writes.post("/prints")
async def ask_for_prints(
    request: Request,
    filters: Asked,
    transaction: Annotated[Transaction, writing(Scope.DOCS_PRINT)],
    kind: Kind = Kind.INVOICE,
) -> Response:
    """The issued documents of the list in one ZIP."""
    return await _asked(request, transaction, filters.wanted(kind), Product.PRINTS)


@writes.post("/workbook")
async def ask_for_workbook(
    request: Request,
    filters: Asked,
    transaction: Annotated[Transaction, writing(Scope.DOCS_EXPORT)],
    kind: Kind = Kind.INVOICE,
) -> Response:
    """The list as a workbook."""
    return await _asked(request, transaction, filters.wanted(kind), Product.XLSX)


@writes.post("/gobd")
async def ask_for_gobd(
    transaction: Annotated[Transaction, writing(Scope.LEDGER_READ)],
    sent: Annotated[dict[str, str], Depends(_days)],
) -> Response:
    """The data of a period for a tax auditor."""
    try:
        first, last = (date.fromisoformat(sent[name]) for name in ("from", "to"))
    except (KeyError, ValueError) as error:
        fault = Failure("not_a_date", "Give both days, such as 2026-03-31.", "from")
        raise invalid("faulty_period", fault.message, [fault]) from error
    await service.request_job(transaction, service.gobd_wish(first, last))
    return _to_the_files()


async def _asked(request: Request, transaction: Transaction, wanted: ListFilter, product: Product) -> Response:
    language = language_of(request.cookies, request.headers.get("accept-language", ""))
    await service.request_job(transaction, Wish(product, wanted, language=language))
    return _to_the_files()


def _to_the_files() -> Response:
    return Response(status_code=HTTPStatus.CREATED, headers={"HX-Redirect": "/files", "Location": "/files"})


@writes.post("/{job_id}/cancel")
async def cancel(job_id: UUID, transaction: Annotated[Transaction, writing(Scope.DOCS_PRINT)]) -> Response:
    """End a job that is not done."""
    await service.cancel_job(transaction, job_id)
    return Response(status_code=HTTPStatus.NO_CONTENT, headers={"HX-Trigger": "valeo:done"})


@writes.post("/{job_id}/open")
async def open_file(job_id: UUID, transaction: Annotated[Transaction, writing(Scope.DOCS_PRINT)]) -> Response:
    """Go to the file by a link that holds once."""
    secret, _ = await service.give_link(transaction, job_id)
    return RedirectResponse(f"/download/{job_id}?ticket={secret}", HTTPStatus.SEE_OTHER)
