"""The web API of items."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from valeo_erp.identity.access import Reading, reading, writing
from valeo_erp.identity.scopes import Scope
from valeo_erp.items.register import ITEMS, require_tax_code, unknown_tax_codes, with_cost_accounts
from valeo_erp.items.schemas import ItemAnswer, ItemBody, ItemsAnswer
from valeo_erp.kernel.answers import EVERY_ANSWER
from valeo_erp.kernel.bodies import json_answer
from valeo_erp.kernel.files import CSV_BODY, CsvFile, DryRun, ImportAnswer, import_rows
from valeo_erp.kernel.imports import imported
from valeo_erp.kernel.paging import Cursor, Limit, Search
from valeo_erp.kernel.unit_of_work import Transaction, TransactionalRoute
from valeo_erp.kernel.versions import IfMatch, etag, expected_version

reads = APIRouter(tags=["item"], responses=EVERY_ANSWER)
writes = APIRouter(tags=["item"], responses=EVERY_ANSWER, route_class=TransactionalRoute)


@reads.get("/items", response_model=ItemsAnswer, operation_id="list_items", summary="List items")
async def list_items(
    read: Annotated[Reading, reading(Scope.MASTER_READ)],
    text: Search = None,
    active: Annotated[bool | None, Query(description="Only active ones, or only the others")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """By number."""
    rows, following = await ITEMS.page(read.connection, read.tenant_id, text, active, cursor, limit)
    return json_answer({"items": rows, "next_cursor": following})


@reads.get("/items/{item_id}", response_model=ItemAnswer, operation_id="get_item", summary="Read an item")
async def get_item(item_id: UUID, read: Annotated[Reading, reading(Scope.MASTER_READ)]) -> Response:
    """With its version, for a change."""
    row = await ITEMS.find(read.connection, read.tenant_id, item_id)
    return json_answer(row, headers={"ETag": etag(row["version"])})


@writes.post(
    "/items",
    response_model=ItemAnswer,
    status_code=201,
    operation_id="create_item",
    summary="Write a new item",
    name="create",
)
async def create_item(body: ItemBody, transaction: Annotated[Transaction, writing(Scope.MASTER_WRITE)]) -> Response:
    """The number must be free, the tax code known."""
    values = _values(body)
    await require_tax_code(transaction, values)
    await with_cost_accounts(transaction, [values])
    row = await ITEMS.add(transaction, values)
    return json_answer(row, 201, {"ETag": etag(row["version"]), "Location": f"/api/v1/items/{row['id']}"})


@writes.post(
    "/items/import",
    response_model=ImportAnswer,
    operation_id="import_items",
    summary="Write the items of a CSV file",
    name="import",
    openapi_extra=CSV_BODY,
)
async def import_items(
    content: CsvFile,
    transaction: Annotated[Transaction, writing(Scope.MASTER_WRITE)],
    dry_run: DryRun = False,
) -> Response:
    """All of them or none: every bad row is told. The heading names the fields of an item."""
    found = imported(content, ItemBody)
    rows = [(place, _values(body)) for place, body in found.rows]
    await with_cost_accounts(transaction, [values for _, values in rows])
    failures = [*found.failures, *await unknown_tax_codes(transaction, rows)]
    return json_answer(await import_rows(transaction, ITEMS, rows, failures, dry_run=dry_run))


def _values(body: ItemBody) -> dict[str, Any]:
    return body.model_dump() | {"grain": body.grain and body.grain.model_dump(mode="json")}


@writes.put(
    "/items/{item_id}",
    response_model=ItemAnswer,
    operation_id="replace_item",
    summary="Write other values of an item",
    name="edit",
)
async def replace_item(
    item_id: UUID,
    body: ItemBody,
    transaction: Annotated[Transaction, writing(Scope.MASTER_WRITE)],
    if_match: IfMatch = None,
) -> Response:
    """Documents keep what they were written with."""
    values = _values(body)
    await require_tax_code(transaction, values)
    await with_cost_accounts(transaction, [values])
    row = await ITEMS.rewrite(transaction, item_id, expected_version(if_match), values)
    return json_answer(row, headers={"ETag": etag(row["version"])})


router = APIRouter()
router.include_router(reads)
router.include_router(writes)
