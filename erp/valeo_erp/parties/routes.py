"""The web API of parties."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from valeo_erp.identity.access import Reading, reading, writing
from valeo_erp.identity.scopes import Scope
from valeo_erp.kernel.answers import EVERY_ANSWER
from valeo_erp.kernel.bodies import json_answer
from valeo_erp.kernel.files import CSV_BODY, CsvFile, DryRun, ImportAnswer, import_rows
from valeo_erp.kernel.imports import imported
from valeo_erp.kernel.paging import Cursor, Limit, Search
from valeo_erp.kernel.unit_of_work import Transaction, TransactionalRoute
from valeo_erp.kernel.versions import IfMatch, etag, expected_version
from valeo_erp.parties.register import PARTIES
from valeo_erp.parties.schemas import PartiesAnswer, PartyAnswer, PartyBody

reads = APIRouter(tags=["party"], responses=EVERY_ANSWER)
writes = APIRouter(tags=["party"], responses=EVERY_ANSWER, route_class=TransactionalRoute)


@reads.get("/parties", response_model=PartiesAnswer, operation_id="list_parties", summary="List parties")
async def list_parties(
    read: Annotated[Reading, reading(Scope.MASTER_READ)],
    text: Search = None,
    active: Annotated[bool | None, Query(description="Only active ones, or only the others")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """By number."""
    rows, following = await PARTIES.page(read.connection, read.tenant_id, text, active, cursor, limit)
    return json_answer({"items": rows, "next_cursor": following})


@reads.get("/parties/{party_id}", response_model=PartyAnswer, operation_id="get_party", summary="Read a party")
async def get_party(party_id: UUID, read: Annotated[Reading, reading(Scope.MASTER_READ)]) -> Response:
    """With its version, for a change."""
    row = await PARTIES.find(read.connection, read.tenant_id, party_id)
    return json_answer(row, headers={"ETag": etag(row["version"])})


@writes.post(
    "/parties",
    response_model=PartyAnswer,
    status_code=201,
    operation_id="create_party",
    summary="Write a new party",
    name="create",
)
async def create_party(body: PartyBody, transaction: Annotated[Transaction, writing(Scope.MASTER_WRITE)]) -> Response:
    """The number must be free."""
    row = await PARTIES.add(transaction, body.model_dump())
    return json_answer(row, 201, {"ETag": etag(row["version"]), "Location": f"/api/v1/parties/{row['id']}"})


@writes.post(
    "/parties/import",
    response_model=ImportAnswer,
    operation_id="import_parties",
    summary="Write the parties of a CSV file",
    name="import",
    openapi_extra=CSV_BODY,
)
async def import_parties(
    content: CsvFile,
    transaction: Annotated[Transaction, writing(Scope.MASTER_WRITE)],
    dry_run: DryRun = False,
) -> Response:
    """All of them or none: every bad row is told. The heading names the fields of a party."""
    found = imported(content, PartyBody)
    rows = [(place, body.model_dump()) for place, body in found.rows]
    return json_answer(await import_rows(transaction, PARTIES, rows, found.failures, dry_run=dry_run))


@writes.put(
    "/parties/{party_id}",
    response_model=PartyAnswer,
    operation_id="replace_party",
    summary="Write other values of a party",
    name="edit",
)
async def replace_party(
    party_id: UUID,
    body: PartyBody,
    transaction: Annotated[Transaction, writing(Scope.MASTER_WRITE)],
    if_match: IfMatch = None,
) -> Response:
    """Issued documents keep the name and address that they were issued with."""
    row = await PARTIES.rewrite(transaction, party_id, expected_version(if_match), body.model_dump())
    return json_answer(row, headers={"ETag": etag(row["version"])})


router = APIRouter()
router.include_router(reads)
router.include_router(writes)
