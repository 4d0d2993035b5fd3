"""`/api/v1/jobs`: files that take long, and `/download/{job_id}`: the link that opens one once."""

import base64
from http import HTTPStatus
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse

from valeo_erp.composition import services_of
from valeo_erp.documents.document import Kind
from valeo_erp.documents.listing import ListFilter, Sort
from valeo_erp.documents.routes import any_list_filter
from valeo_erp.exporting.dialects import DialectName
from valeo_erp.exporting.listings import ListName, Narrowed
from valeo_erp.exporting.manifest import instant_text
from valeo_erp.identity.access import Reading, open_to_all, reading, writing
from valeo_erp.identity.scopes import Scope
from valeo_erp.jobs import repository, service
from valeo_erp.jobs.job import Product, Wish
from valeo_erp.jobs.schemas import JobAnswer, JobsAnswer, LinkAnswer, job_answer
from valeo_erp.kernel.answers import EVERY_ANSWER
from valeo_erp.kernel.dates import BusinessDate
from valeo_erp.kernel.paging import Search
from valeo_erp.kernel.problems import not_found
from valeo_erp.kernel.tenancy import EVERY, act_for
from valeo_erp.kernel.unit_of_work import Transaction, TransactionalRoute, own_transaction
from valeo_erp.printing.formats import Language

reads = APIRouter(tags=["job"], responses=EVERY_ANSWER)
writes = APIRouter(tags=["job"], responses=EVERY_ANSWER, route_class=TransactionalRoute)
downloads = APIRouter(include_in_schema=False, dependencies=[open_to_all()])

Wanted = Annotated[ListFilter, Depends(any_list_filter)]


def narrowed_list(
    text: Search = None,
    active: Annotated[bool | None, Query(description="Of parties and items")] = None,
    from_date: Annotated[BusinessDate | None, Query(alias="from", description="Of the journal")] = None,
    to_date: Annotated[BusinessDate | None, Query(alias="to", description="Of the journal")] = None,
) -> Narrowed:
    """What a list is narrowed down to."""
    return Narrowed(text, active, from_date, to_date)


Own = Scope.DOCS_PRINT
"""Jobs are seen by who asked for them; everybody may have some kind of job."""


@writes.post(
    "/exports/jobs",
    operation_id="request_export",
    summary="Make a list as a file in the background",
    status_code=HTTPStatus.ACCEPTED,
)
async def request_export(
    response: Response,
    transaction: Annotated[Transaction, writing(Scope.DOCS_EXPORT)],
    wanted: Wanted,
    format_: Annotated[Literal["csv", "jsonl", "xlsx"], Query(alias="format")],
    sort: Sort = Sort.NEWEST_FIRST,
    dialect: Annotated[DialectName, Query(description="Of CSV")] = DialectName.GERMAN,
    language: Annotated[Language, Query(description="Of headings in XLSX")] = Language.GERMAN,
) -> JobAnswer:
    """The list of any kind, written as `GET /api/v1/exports/invoices.*` does; needs the right to read it."""
    return await _requested(response, transaction, Wish(Product(format_), wanted, sort, dialect, language))


@writes.post(
    "/exports/lists/jobs",
    operation_id="request_list_export",
    summary="Parties, items or the journal as a file in the background",
    status_code=HTTPStatus.ACCEPTED,
)
async def request_list_export(
    response: Response,
    transaction: Annotated[Transaction, writing(Scope.DOCS_EXPORT)],
    name: Annotated[ListName, Query(alias="list")],
    narrowed: Annotated[Narrowed, Depends(narrowed_list)],
    format_: Annotated[Literal["csv", "jsonl"], Query(alias="format")],
    dialect: Annotated[DialectName, Query(description="Of CSV")] = DialectName.GERMAN,
) -> JobAnswer:
    """The rows and the order of the list; of the journal one row for each line. Needs the right to read it."""
    wish = Wish(Product(format_), ListFilter(Kind.INVOICE), dialect=dialect, list=name, narrowed=narrowed)
    return await _requested(response, transaction, wish)


@writes.post(
    "/prints/jobs",
    operation_id="request_prints",
    summary="Print many documents into one ZIP",
    status_code=HTTPStatus.ACCEPTED,
)
async def request_prints(
    response: Response,
    transaction: Annotated[Transaction, writing(Scope.DOCS_PRINT)],
    wanted: Wanted,
    sort: Sort = Sort.NEWEST_FIRST,
    language: Language = Language.GERMAN,
) -> JobAnswer:
    """The issued documents of the list, each archived as when it is printed by itself, with a manifest.

    What can not be printed is left out; the manifest says why, and `left_out` how many.
    """
    return await _requested(response, transaction, Wish(Product.PRINTS, wanted, sort, language=language))


@writes.post(
    "/exports/gobd/jobs",
    operation_id="request_gobd",
    summary="The data of a period for a tax auditor",
    status_code=HTTPStatus.ACCEPTED,
)
async def request_gobd(
    response: Response,
    transaction: Annotated[Transaction, writing(Scope.LEDGER_READ)],
    first: Annotated[BusinessDate, Query(alias="from", description="The first day")],
    last: Annotated[BusinessDate, Query(alias="to", description="The last day")],
) -> JobAnswer:
    """Journal, balances, documents, lines, payments, parties, tax codes and the proof of numbers, of one snapshot.

    One ZIP of CSV files with index.xml by the description standard (GoBD, Z3) and a manifest with their sha-256.
    """
    return await _requested(response, transaction, service.gobd_wish(first, last))


async def _requested(response: Response, transaction: Transaction, wish: Wish) -> JobAnswer:
    job = await service.request_job(transaction, wish)
    response.headers["Location"] = f"/api/v1/jobs/{job.id}"
    return job_answer(job)


@reads.get("/jobs", operation_id="list_jobs", summary="Your newest jobs")
async def list_jobs(read: Annotated[Reading, reading(Own)]) -> JobsAnswer:
    """The newest 50, each with its progress. `export_job.*` events tell when one changes."""
    jobs = await repository.newest(read.connection, read.principal)
    return JobsAnswer(items=[job_answer(job) for job in jobs])


@reads.get("/jobs/{job_id}", operation_id="get_job", summary="How far a job is")
async def get_job(read: Annotated[Reading, reading(Own)], job_id: UUID) -> JobAnswer:
    """One of your own jobs."""
    job = await repository.find(read.connection, read.principal, job_id)
    if job is None:
        raise not_found("job")
    return job_answer(job)


@writes.post("/jobs/{job_id}/cancel", operation_id="cancel_job", summary="End a job that is not done")
async def cancel_job(transaction: Annotated[Transaction, writing(Own)], job_id: UUID) -> JobAnswer:
    """Its worker stops within seconds; nothing is kept of the file."""
    return job_answer(await service.cancel_job(transaction, job_id))


@writes.post(
    "/jobs/{job_id}/link",
    operation_id="link_to_file",
    summary="A link that opens the file once",
    status_code=HTTPStatus.CREATED,
)
async def link_to_file(request: Request, transaction: Annotated[Transaction, writing(Own)], job_id: UUID) -> LinkAnswer:
    """For five minutes, for whoever has it: no token stands in an address. A cut download takes a new link."""
    secret, until = await service.give_link(transaction, job_id)
    base = services_of(request.app).settings.public_url.rstrip("/")
    return LinkAnswer(url=f"{base}/download/{job_id}?ticket={secret}", expires_at=until)


@downloads.get("/download/{job_id}")
async def download(
    request: Request, job_id: str, ticket: Annotated[str, Query(max_length=100)] = ""
) -> StreamingResponse:
    """The file with its length and digest: a cut one fits neither.

    Raises:
        Problem: 404 when the link was used, is too old, or never was.
    """
    services = services_of(request.app)
    act_for(EVERY)
    async with services.engine.begin() as connection:
        job = await repository.take_link(connection, _identifier(job_id), ticket, services.clock())
    if job is None or job.file is None:
        raise not_found("download. A link holds for five minutes, once: take a new one")
    async with own_transaction(services.engine, services.clock, job.principal) as transaction:
        transaction.audit("download", service.OBJECT, job.id, after={"sha256": job.file.sha256})
    digest = base64.b64encode(bytes.fromhex(job.file.sha256)).decode()
    headers = {
        "Content-Length": str(job.file.size),
        "Content-Disposition": f'attachment; filename="{job.file.name}"',
        "Cache-Control": "no-store",
        "Export-Snapshot": instant_text(job.file.snapshot_at),
        "Export-Filter": job.wish.conditions,
        "Export-Rows": str(job.done),
        "Repr-Digest": f"sha-256=:{digest}:",
    }
    return StreamingResponse(
        service.parts_of(services.read_engine, job), headers=headers, media_type=job.file.media_type
    )


def _identifier(text: str) -> UUID:
    """What is no id is the id of nothing."""
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)
