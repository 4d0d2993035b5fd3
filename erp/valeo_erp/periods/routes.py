"""The web API of accounting periods."""

from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel

from valeo_erp.identity.access import Reading, reading, writing
from valeo_erp.identity.scopes import Scope
from valeo_erp.kernel.answers import EVERY_ANSWER
from valeo_erp.kernel.bodies import json_answer
from valeo_erp.kernel.dates import BusinessDate
from valeo_erp.kernel.unit_of_work import Transaction, TransactionalRoute
from valeo_erp.periods import service

reads = APIRouter(tags=["period"], responses=EVERY_ANSWER)
writes = APIRouter(tags=["period"], responses=EVERY_ANSWER, route_class=TransactionalRoute)


class PeriodAnswer(BaseModel):
    """A period, from its first to its last day."""

    starts_on: date
    ends_on: date
    state: Literal["open", "closed"]
    closed_at: datetime | None
    closed_by: str | None


class PeriodsAnswer(BaseModel):
    """All of them."""

    items: list[PeriodAnswer]
    next_cursor: None


@reads.get("/periods", response_model=PeriodsAnswer, operation_id="list_periods", summary="List accounting periods")
async def list_periods(read: Annotated[Reading, reading(Scope.MASTER_READ)]) -> Response:
    """The oldest first."""
    rows = await service.all_periods(read.connection, read.tenant_id)
    return json_answer({"items": rows, "next_cursor": None})


@writes.post(
    "/periods/{starts_on}/close",
    response_model=PeriodAnswer,
    operation_id="close_period",
    summary="Close an accounting period",
    name="close",
)
async def close_period(
    starts_on: BusinessDate, transaction: Annotated[Transaction, writing(Scope.LEDGER_CLOSE)]
) -> Response:
    """Nothing is posted into it from then on; it never opens again."""
    return json_answer(await service.close(transaction, starts_on))


router = APIRouter()
router.include_router(reads)
router.include_router(writes)
