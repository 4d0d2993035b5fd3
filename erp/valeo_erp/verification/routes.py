"""`GET /verify/{document_id}?code=…`: the page behind the QR code of a paper. Open to everybody who holds one."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from valeo_erp.composition import services_of
from valeo_erp.kernel.tenancy import EVERY, act_for
from valeo_erp.pages.rendering import page
from valeo_erp.verification import repository

router = APIRouter(include_in_schema=False)


@router.get("/verify/{document_id}")
async def verify(request: Request, document_id: str, code: Annotated[str, Query(max_length=200)] = "") -> Response:
    """Says whether the code is genuine, and then what the paper itself must show; nothing else about anybody."""
    services = services_of(request.app)
    services.verifications.take()
    act_for(EVERY)
    async with services.read_engine.connect() as connection:
        found = await repository.papers(connection, _identifier(document_id))
    paper = next((paper for paper in found if services.seal.genuine(paper, code)), None)
    return page("verify.html", request, None, {"paper": paper}, HTTPStatus.OK if paper else HTTPStatus.NOT_FOUND)


def _identifier(text: str) -> UUID:
    """What is no id is the id of nothing, and looked for like any other."""
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)
