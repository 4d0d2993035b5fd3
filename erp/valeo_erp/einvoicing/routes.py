"""`GET /api/v1/invoices/{document_id}/xrechnung`."""

import re
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from valeo_erp.composition import services_of
from valeo_erp.documents.document import Kind
from valeo_erp.identity.access import allowed
from valeo_erp.identity.scopes import Principal, Scope
from valeo_erp.kernel.answers import EVERY_ANSWER

router = APIRouter(prefix="/invoices", tags=["print"])

XML = "application/xml"
_ANSWERS: dict[int | str, dict[str, Any]] = EVERY_ANSWER | {
    HTTPStatus.OK.value: {
        "description": "The XML (CII), valid against the official schema.",
        "content": {XML: {"schema": {"type": "string", "format": "binary"}}},
    },
}


@router.get(
    "/{document_id}/xrechnung",
    operation_id="invoice_as_xrechnung",
    summary="The invoice as XRechnung",
    response_class=Response,
    responses=_ANSWERS,
)
async def invoice_as_xrechnung(
    request: Request, document_id: UUID, principal: Annotated[Principal, allowed(Scope.DOCS_PRINT)]
) -> Response:
    """EN 16931 with the additions of XRechnung 3.0, for a posted invoice or a reversal; amounts are those of the paper.

    The buyer reference is the customer number. What the recipient would reject is refused with every reason.
    """
    made = await services_of(request.app).einvoicing.xrechnung(principal, Kind.INVOICE, document_id)
    name = re.sub(r"[^A-Za-z0-9_-]", "-", made.number)
    headers = {
        "Cache-Control": "private, no-cache",
        "Content-Disposition": f'attachment; filename="{name}-xrechnung.xml"',
    }
    return Response(made.xml, headers=headers, media_type=XML)
