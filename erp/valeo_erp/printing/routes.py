"""`GET /api/v1/invoices/{document_id}/pdf`."""

from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response

from valeo_erp.composition import services_of
from valeo_erp.documents.document import Kind
from valeo_erp.identity.access import allowed
from valeo_erp.identity.scopes import Principal, Scope
from valeo_erp.kernel.answers import EVERY_ANSWER
from valeo_erp.printing.formats import Language

router = APIRouter(prefix="/invoices", tags=["print"])

_ANSWERS: dict[int | str, dict[str, Any]] = EVERY_ANSWER | {
    HTTPStatus.OK.value: {
        "description": "The PDF. `ETag` is the sha-256 of its bytes; an issued document has the same for ever.",
        "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
    },
    HTTPStatus.NOT_MODIFIED.value: {"description": "What `If-None-Match` named is still the print."},
}


@router.get(
    "/{document_id}/pdf",
    operation_id="print_invoice",
    summary="The invoice on paper",
    response_class=Response,
    responses=_ANSWERS,
)
async def print_invoice(
    request: Request,
    document_id: UUID,
    principal: Annotated[Principal, allowed(Scope.DOCS_PRINT)],
    language: Annotated[Language, Query(description="Of the fixed words, numbers and dates")] = Language.GERMAN,
    if_none_match: Annotated[str, Header(max_length=1000)] = "",
) -> Response:
    """A posted invoice is rendered once for each language, archived, and byte-identical ever after.

    Before posting it says ENTWURF (DRAFT) on every page and has no number. Every print is audited.
    """
    printed = await services_of(request.app).printing.print(principal, Kind.INVOICE, document_id, language)
    headers = {
        "ETag": f'"{printed.sha256}"',
        "Cache-Control": "private, no-cache",
        "Content-Disposition": f'inline; filename="{printed.file_name}"',
    }
    if headers["ETag"] in if_none_match:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(printed.pdf, headers=headers, media_type="application/pdf")
