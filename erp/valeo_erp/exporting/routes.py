"""`GET /api/v1/exports/invoices.csv`, `.jsonl` and `.xlsx`."""

import base64
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Send
from starlette.types import Scope as AsgiScope

from valeo_erp.composition import services_of
from valeo_erp.documents.listing import ListFilter, Sort
from valeo_erp.documents.routes import list_filter
from valeo_erp.exporting.datev_format import Batch
from valeo_erp.exporting.dialects import DialectName
from valeo_erp.exporting.manifest import instant_text
from valeo_erp.exporting.service import ExportFile
from valeo_erp.identity.access import allowed
from valeo_erp.identity.scopes import Principal, Scope
from valeo_erp.kernel.answers import EVERY_ANSWER
from valeo_erp.kernel.clock import BERLIN
from valeo_erp.kernel.dates import BusinessDate
from valeo_erp.kernel.problems import invalid
from valeo_erp.printing.formats import Language

router = APIRouter(prefix="/exports", tags=["export"], responses=EVERY_ANSWER)

CSV = "text/csv"
JSON_LINES = "application/jsonl"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_HEADERS = {
    "Export-Snapshot": "All rows are as they were at this instant",
    "Export-Filter": "The conditions, as a query string",
    "Export-Rows": "Documents (DATEV: postings) in the file",
    "Repr-Digest": "sha-256 of the file (RFC 9530)",
}

Wanted = Annotated[ListFilter, Depends(list_filter)]
Exporter = Annotated[Principal, allowed(Scope.DOCS_EXPORT)]
Route = TypeVar("Route", bound=Callable[..., Awaitable[StreamingResponse]])


class FileResponse(StreamingResponse):
    """A complete file with its length and digest; removed when it was sent, or when the client went away."""

    def __init__(self, made: ExportFile, media_type: str, ending: str, name: str = "") -> None:
        name = name or f"invoices-{made.snapshot_at.astimezone(BERLIN):%Y%m%d-%H%M%S}.{ending}"
        headers = {
            "Content-Length": str(made.spool.size),
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
            "Export-Snapshot": instant_text(made.snapshot_at),
            "Export-Filter": made.filter_text,
            "Export-Rows": str(made.rows),
            "Repr-Digest": f"sha-256=:{base64.b64encode(made.spool.sha256).decode()}:",
        }
        super().__init__(made.spool.chunks(), headers=headers, media_type=media_type)
        self._spool = made.spool

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Send the file."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._spool.close()


def _exported(path: str, media_type: str, operation_id: str, summary: str) -> Callable[[Route], Route]:
    """A route that answers with a whole file."""
    answer = {
        "description": "The file, complete: `Content-Length` and `Repr-Digest` tell if something was lost.",
        "content": {media_type: {"schema": {"type": "string", "format": "binary"}}},
        "headers": {name: {"description": text, "schema": {"type": "string"}} for name, text in _HEADERS.items()},
    }
    return router.get(
        path,
        operation_id=operation_id,
        summary=summary,
        response_class=FileResponse,
        status_code=HTTPStatus.OK,
        responses={HTTPStatus.OK.value: answer},
    )


@_exported("/invoices.csv", CSV, "export_invoices_csv", "Sales invoices as CSV")
async def export_csv(
    request: Request,
    principal: Exporter,
    wanted: Wanted,
    sort: Sort = Sort.NEWEST_FIRST,
    dialect: Annotated[
        DialectName,
        Query(description="`german`: `;`, decimal comma, dd.mm.yyyy, for spreadsheets. `machine`: `,`, dot, ISO 8601."),
    ] = DialectName.GERMAN,
) -> FileResponse:
    """The rows of the list with the same filters, as they were at one instant. Every export is audited.

    Text that a spreadsheet could take for a formula begins with an apostrophe, in both dialects.
    """
    made = await services_of(request.app).exporting.csv(principal, wanted, sort, dialect)
    return FileResponse(made, CSV, "csv")


@_exported("/invoices.jsonl", JSON_LINES, "export_invoices_jsonl", "Sales invoices as JSON lines")
async def export_json_lines(
    request: Request, principal: Exporter, wanted: Wanted, sort: Sort = Sort.NEWEST_FIRST
) -> FileResponse:
    """One JSON object in a line for each row of the list, as they were at one instant. Every export is audited.

    Names and values are those of the API: amounts are strings, dates are ISO 8601, what is empty is `null`.
    """
    made = await services_of(request.app).exporting.json_lines(principal, wanted, sort)
    return FileResponse(made, JSON_LINES, "jsonl")


@_exported("/invoices.xlsx", XLSX, "export_invoices_xlsx", "Sales invoices and their lines as a workbook")
async def export_xlsx(
    request: Request,
    principal: Exporter,
    wanted: Wanted,
    sort: Sort = Sort.NEWEST_FIRST,
    language: Annotated[Language, Query(description="Of headings and states")] = Language.GERMAN,
) -> FileResponse:
    """Three sheets of one snapshot: documents, lines, and a manifest with time, filter, counts and sha-256.

    Dates and amounts are dates and numbers, sums are formulas, text is always text. Every export is audited.
    """
    made = await services_of(request.app).exporting.xlsx(principal, wanted, sort, language)
    return FileResponse(made, XLSX, "xlsx")


def datev_batch(
    first: Annotated[BusinessDate, Query(alias="from", description="The first day")],
    last: Annotated[BusinessDate, Query(alias="to", description="The last day, inside the same fiscal year")],
    consultant: Annotated[int, Query(ge=1001, le=9_999_999, description="Beraternummer")],
    client: Annotated[int, Query(ge=1, le=99_999, description="Mandantennummer")],
    year_begins: Annotated[int, Query(ge=1, le=12, description="The month in which fiscal years begin")] = 1,
) -> Batch:
    """The batch that a query names.

    Raises:
        Problem: 422 when its days do not lie inside one fiscal year.
    """
    batch = Batch(consultant, client, first, last, year_begins)
    following = batch.fiscal_year.replace(year=batch.fiscal_year.year + 1)
    if not first <= last < following:
        raise invalid("datev_days", f"A batch ends after it begins and before the next fiscal year, {following}.")
    return batch


@_exported("/datev.csv", CSV, "export_datev", "The journal as a posting batch for DATEV")
async def export_datev(
    request: Request,
    principal: Annotated[Principal, allowed(Scope.LEDGER_EXPORT)],
    batch: Annotated[Batch, Depends(datev_batch)],
) -> FileResponse:
    """EXTF 700, Buchungsstapel version 13, SKR03, Windows-1252: gross amounts on customers' accounts, not yet fixed.

    Customers whose number is a DATEV account (10000 to 69999) are posted on it, others on the receivables account.
    Accounts 8400 and 8300 know their rate; on others the tax key says it. Every export is audited.
    """
    made = await services_of(request.app).exporting.datev(principal, batch)
    return FileResponse(made, f"{CSV}; charset=windows-1252", "csv", batch.file_name)
