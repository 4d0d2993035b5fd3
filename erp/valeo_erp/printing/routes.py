"""`GET /api/v1/{collection}/{document_id}/pdf`, for every kind of document."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response

from valeo_erp.composition import services_of
from valeo_erp.documents.document import Kind
from valeo_erp.documents.kinds import KINDS
from valeo_erp.identity.access import allowed
from valeo_erp.identity.scopes import Principal, Scope
from valeo_erp.kernel.answers import EVERY_ANSWER
from valeo_erp.printing.formats import Language, PaperSize, Variant

_ANSWERS: dict[int | str, dict[str, Any]] = EVERY_ANSWER | {
    HTTPStatus.OK.value: {
        "description": "The PDF. `ETag` is the sha-256 of its bytes; an issued document has the same for ever.",
        "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
        "headers": {
            "Template-Version": {"description": "Of the layout it was made with", "schema": {"type": "string"}},
            "Branding-Version": {
                "description": "Of the branding it was made with; 0 before there was one in force",
                "schema": {"type": "integer"},
            },
        },
    },
    HTTPStatus.NOT_MODIFIED.value: {"description": "What `If-None-Match` named is still the print."},
}


def _prints(kind: Kind) -> Callable[..., Awaitable[Response]]:
    async def print_document(
        request: Request,
        document_id: UUID,
        principal: Annotated[Principal, allowed(Scope.DOCS_PRINT)],
        language: Annotated[Language, Query(description="Of the fixed words, numbers and dates")] = Language.GERMAN,
        paper: Annotated[PaperSize, Query(description="The sheet it is set for")] = PaperSize.A4,
        if_none_match: Annotated[str, Header(max_length=1000)] = "",
    ) -> Response:
        """Once posted it is rendered once for each language and paper, archived, and byte-identical ever after.

        Before posting it says ENTWURF (DRAFT) on every page and has no number. Every print is audited.
        """
        desk = services_of(request.app).printing
        printed = await desk.print(principal, kind, document_id, Variant(language, paper))
        headers = {
            "ETag": f'"{printed.sha256}"',
            "Cache-Control": "private, no-cache",
            "Content-Disposition": f'inline; filename="{printed.file_name}"',
            "Template-Version": printed.template_version,
            "Branding-Version": str(printed.branding_version),
        }
        if headers["ETag"] in if_none_match:
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        return Response(printed.pdf, headers=headers, media_type="application/pdf")

    return print_document


router = APIRouter(tags=["print"])
for _kind, _rules in KINDS.items():
    router.add_api_route(
        f"/{_rules.collection}/{{document_id}}/pdf",
        _prints(_kind),
        operation_id=f"print_{_kind}",
        summary=f"The {_rules.english} on paper",
        response_class=Response,
        responses=_ANSWERS,
    )
