"""`GET /api/v1/{collection}/{document_id}/xrechnung`, for invoices and credit notes."""

import re
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from valeo_erp.composition import services_of
from valeo_erp.documents.document import Kind
from valeo_erp.documents.kinds import rules_of
from valeo_erp.einvoicing.terms import XRECHNUNG_KINDS
from valeo_erp.identity.access import allowed
from valeo_erp.identity.scopes import Principal, Scope
from valeo_erp.kernel.answers import EVERY_ANSWER

router = APIRouter(tags=["print"])

XML = "application/xml"
_ANSWERS: dict[int | str, dict[str, Any]] = EVERY_ANSWER | {
    HTTPStatus.OK.value: {
        "description": "The XML (CII), valid against the official schema.",
        "content": {XML: {"schema": {"type": "string", "format": "binary"}}},
    },
}


def _makes_xrechnung(kind: Kind) -> Callable[..., Awaitable[Response]]:
    async def as_xrechnung(
        request: Request, document_id: UUID, principal: Annotated[Principal, allowed(Scope.DOCS_PRINT)]
    ) -> Response:
        """EN 16931 with the additions of XRechnung 3.0, for what is posted; amounts are those of the paper.

        The buyer reference is the customer number. What the recipient would reject is refused with every reason.
        """
        made = await services_of(request.app).einvoicing.xrechnung(principal, kind, document_id)
        name = re.sub(r"[^A-Za-z0-9_-]", "-", made.number)
        headers = {
            "Cache-Control": "private, no-cache",
            "Content-Disposition": f'attachment; filename="{name}-xrechnung.xml"',
        }
        return Response(made.xml, headers=headers, media_type=XML)

    return as_xrechnung


for _kind in sorted(XRECHNUNG_KINDS):
    router.add_api_route(
        f"/{rules_of(_kind).collection}/{{document_id}}/xrechnung",
        _makes_xrechnung(_kind),
        operation_id=f"{_kind}_as_xrechnung",
        summary=f"The {rules_of(_kind).english} as XRechnung",
        response_class=Response,
        responses=_ANSWERS,
    )
