"""The web API of price lists."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from valeo_erp.identity.access import Reading, reading, writing
from valeo_erp.identity.scopes import Scope
from valeo_erp.kernel.answers import EVERY_ANSWER
from valeo_erp.kernel.bodies import json_answer
from valeo_erp.kernel.dates import BusinessDate
from valeo_erp.kernel.files import CSV_BODY, CsvFile, DryRun, ImportAnswer, refuse_faulty
from valeo_erp.kernel.imports import imported
from valeo_erp.kernel.paging import Cursor, Limit
from valeo_erp.kernel.problems import invalid
from valeo_erp.kernel.unit_of_work import Transaction, TransactionalRoute
from valeo_erp.prices import service
from valeo_erp.prices.schemas import EndBody, PriceAnswer, PriceBody, PricesAnswer

reads = APIRouter(tags=["price"], responses=EVERY_ANSWER)
writes = APIRouter(tags=["price"], responses=EVERY_ANSWER, route_class=TransactionalRoute)


@reads.get("/prices", response_model=PricesAnswer, operation_id="list_prices", summary="List prices")
async def list_prices(
    read: Annotated[Reading, reading(Scope.MASTER_READ)],
    item_id: Annotated[UUID | None, Query(description="Only those of this item")] = None,
    party_id: Annotated[UUID | None, Query(description="Only those of this party")] = None,
    on: Annotated[BusinessDate | None, Query(description="Only those that hold on this day")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """The newest first."""
    rows, following = await service.page(read.connection, read.tenant_id, item_id, party_id, on, cursor, limit)
    return json_answer({"items": rows, "next_cursor": following})


@writes.post(
    "/prices",
    response_model=PriceAnswer,
    status_code=201,
    operation_id="create_price",
    summary="Write a price",
    name="create",
)
async def create_price(body: PriceBody, transaction: Annotated[Transaction, writing(Scope.MASTER_WRITE)]) -> Response:
    """It fills the lines of drafts that give no price, by their date of supply. Two can not hold on the same day."""
    if failures := await service.add(transaction, [("", body)]):
        raise invalid("faulty_price", "The price can not be written like this; see the failures.", failures)
    [row], _ = await service.page(transaction.connection, transaction.tenant_id, None, None, None, None, 1)
    return json_answer(row, 201)


@writes.post(
    "/prices/import",
    response_model=ImportAnswer,
    operation_id="import_prices",
    summary="Write the prices of a CSV file",
    name="import",
    openapi_extra=CSV_BODY,
)
async def import_prices(
    content: CsvFile,
    transaction: Annotated[Transaction, writing(Scope.MASTER_WRITE)],
    dry_run: DryRun = False,
) -> Response:
    """All of them or none: every bad row is told. The heading names the fields of a price."""
    found = imported(content, PriceBody)
    rows = [(f"row {place}.", body) for place, body in found.rows]
    write = not dry_run and not found.failures
    refuse_faulty([*found.failures, *await service.add(transaction, rows, write=write)])
    return json_answer({"rows": len(rows), "written": 0 if dry_run else len(rows)})


@writes.post(
    "/prices/{price_id}/end",
    response_model=PriceAnswer,
    operation_id="end_price",
    summary="Let a price end",
    name="end",
)
async def end_price(
    price_id: UUID, body: EndBody, transaction: Annotated[Transaction, writing(Scope.MASTER_WRITE)]
) -> Response:
    """Documents keep the price that they were written with. A price never gets longer again."""
    return json_answer(await service.end(transaction, price_id, body.valid_to))


router = APIRouter()
router.include_router(reads)
router.include_router(writes)
