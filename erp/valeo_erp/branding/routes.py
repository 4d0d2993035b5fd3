"""The web API of the branding."""

import asyncio
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from valeo_erp.branding import repository, service
from valeo_erp.branding.lifecycle import Step
from valeo_erp.branding.logo import accepted_logo
from valeo_erp.branding.schemas import (
    LOGO_BODY,
    BrandingAnswer,
    BrandingBody,
    BrandingsAnswer,
    NewBrandingBody,
    Version,
)
from valeo_erp.composition import services_of
from valeo_erp.identity.access import Reading, allowed, reading, writing
from valeo_erp.identity.scopes import Principal, Scope
from valeo_erp.kernel.answers import EVERY_ANSWER
from valeo_erp.kernel.bodies import json_answer
from valeo_erp.kernel.problems import not_found
from valeo_erp.kernel.unit_of_work import Transaction, TransactionalRoute
from valeo_erp.kernel.versions import IfMatch, etag, expected_version
from valeo_erp.printing.formats import Language, PaperSize, Variant

reads = APIRouter(prefix="/branding", tags=["branding"], responses=EVERY_ANSWER)
writes = APIRouter(prefix="/branding", tags=["branding"], responses=EVERY_ANSWER, route_class=TransactionalRoute)

Writer = Annotated[Transaction, writing(Scope.BRANDING_WRITE)]
Reader = Annotated[Reading, reading(Scope.BRANDING_READ)]
OfWords = Annotated[Language, Query(description="Of the fixed words, numbers and dates")]
Sheet = Annotated[PaperSize, Query(description="The sheet it is set for")]


def _file(description: str, *media_types: str) -> dict[int | str, dict[str, Any]]:
    content = {media_type: {"schema": {"type": "string", "format": "binary"}} for media_type in media_types}
    return EVERY_ANSWER | {HTTPStatus.OK.value: {"description": description, "content": content}}


def _answered(row: dict[str, Any], status: int = 200) -> Response:
    return json_answer(row, status, {"ETag": etag(row["revision"])})


@reads.get(
    "", response_model=BrandingsAnswer, operation_id="list_brandings", summary="List all versions of the branding"
)
async def list_brandings(read: Reader) -> Response:
    """One at most is active; without one papers are made from the master data of the tenant alone."""
    return json_answer({"items": await repository.versions(read.connection, read.tenant_id), "next_cursor": None})


@reads.get(
    "/{version}", response_model=BrandingAnswer, operation_id="get_branding", summary="One version of the branding"
)
async def get_branding(version: Version, read: Reader) -> Response:
    """`ETag` is its revision, which every change of it names in `If-Match`."""
    return _answered(await repository.find(read.connection, read.tenant_id, version))


@reads.get(
    "/{version}/logo",
    response_class=Response,
    responses=_file("The logo as it is printed.", "image/png", "image/svg+xml"),
    operation_id="get_branding_logo",
    summary="The logo of a version",
)
async def get_branding_logo(version: Version, read: Reader) -> Response:
    """As it was written anew, without comments and metadata."""
    logo = await repository.find_logo(read.connection, read.tenant_id, version)
    if logo is None:
        raise not_found("version of the branding with a logo")
    headers = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}
    return Response(logo.content, headers=headers, media_type=logo.media_type)


@reads.get(
    "/{version}/preview.pdf",
    response_class=Response,
    responses=_file("A sample invoice with ENTWURF (DRAFT) on it.", "application/pdf"),
    operation_id="preview_branding",
    summary="A version on paper",
)
async def preview_branding(
    request: Request,
    version: Version,
    principal: Annotated[Principal, allowed(Scope.BRANDING_READ)],
    language: OfWords = Language.GERMAN,
    paper: Sheet = PaperSize.A4,
) -> Response:
    """In any state. Nothing of it is archived."""
    pdf = await services_of(request.app).previews.pdf(principal, version, Variant(language, paper))
    return Response(pdf, headers={"Content-Disposition": "inline"}, media_type="application/pdf")


@reads.get(
    "/{version}/preview.png",
    response_class=Response,
    responses=_file("The same as a picture.", "image/png"),
    operation_id="picture_branding",
    summary="A version as a picture",
)
async def picture_branding(
    request: Request,
    version: Version,
    principal: Annotated[Principal, allowed(Scope.BRANDING_READ)],
    language: OfWords = Language.GERMAN,
    paper: Sheet = PaperSize.A4,
) -> Response:
    """The first page of the preview, for the screen."""
    picture = await services_of(request.app).previews.picture(principal, version, Variant(language, paper))
    return Response(picture, media_type="image/png")


@writes.post(
    "",
    response_model=BrandingAnswer,
    status_code=201,
    operation_id="draft_branding",
    summary="Write a version",
    name="create",
)
async def draft_branding(body: NewBrandingBody, transaction: Writer) -> Response:
    """The next version, as a draft.

    Colours that can not be read, accounts that do not exist, and texts with markup or templates are refused.
    """
    return _answered(await service.draft(transaction, body.look, body.note, body.logo_of), 201)


@writes.put("/{version}", response_model=BrandingAnswer, operation_id="edit_branding", summary="Change a draft")
async def edit(version: Version, body: BrandingBody, transaction: Writer, if_match: IfMatch = None) -> Response:
    """Its logo stays as it is."""
    expected = expected_version(if_match)
    return _answered(await service.rewrite(transaction, version, expected, body.look, body.note))


@writes.put(
    "/{version}/logo",
    response_model=BrandingAnswer,
    operation_id="put_branding_logo",
    summary="Give a draft a logo",
    openapi_extra=LOGO_BODY,
)
async def put_logo(request: Request, version: Version, transaction: Writer, if_match: IfMatch = None) -> Response:
    """PNG or plain SVG, by its bytes. Scripts, references, entities, fonts and pictures inside of it are refused."""
    expected = expected_version(if_match)
    logo = await asyncio.to_thread(accepted_logo, await request.body())
    return _answered(await service.put_logo(transaction, version, expected, logo))


@writes.delete(
    "/{version}/logo",
    response_model=BrandingAnswer,
    operation_id="remove_branding_logo",
    summary="Take the logo of a draft away",
)
async def remove_logo(version: Version, transaction: Writer, if_match: IfMatch = None) -> Response:
    """Other versions keep theirs."""
    return _answered(await service.put_logo(transaction, version, expected_version(if_match), None))


def _add_step(step: Step, summary: str, description: str) -> None:
    async def take_step(version: Version, transaction: Writer, if_match: IfMatch = None) -> Response:
        return _answered(await service.take(transaction, version, expected_version(if_match), step))

    writes.add_api_route(
        f"/{{version}}/{step}",
        take_step,
        methods=["POST"],
        response_model=BrandingAnswer,
        operation_id=f"{step}_branding",
        summary=summary,
        description=description,
        name=step.value,
    )


_add_step(Step.PROPOSE, "Propose a draft", "It can not be changed any more, unless it is withdrawn.")
_add_step(Step.WITHDRAW, "Make it a draft again", "By whoever may write: to change it, or because it is not wanted.")
_add_step(
    Step.ACTIVATE,
    "Put a version in force",
    "By somebody who neither wrote nor last changed nor proposed it. It holds for what is printed from then on; "
    "archived papers stay as they are. A version that was replaced may come back.",
)

router = APIRouter()
router.include_router(reads)
router.include_router(writes)
