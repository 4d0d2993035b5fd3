"""The web API of accounting periods."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from valeo_erp.identity.access import Reading, reading, writing
from valeo_erp.identity.scopes import Scope
from valeo_erp.kernel.answers import EVERY_ANSWER
from valeo_erp.kernel.bodies import json_answer
from valeo_erp.kernel.dates import BusinessDate
from valeo_erp.kernel.text import ShortText
from valeo_erp.kernel.unit_of_work import Transaction, TransactionalRoute
from valeo_erp.kernel.versions import IfMatch, etag, expected_version
from valeo_erp.periods import service
from valeo_erp.periods.rules import Period

reads = APIRouter(prefix="/periods", tags=["period"], responses=EVERY_ANSWER)
writes = APIRouter(prefix="/periods", tags=["period"], responses=EVERY_ANSWER, route_class=TransactionalRoute)

Read = Annotated[Reading, reading(Scope.MASTER_READ)]
Close = Annotated[Transaction, writing(Scope.LEDGER_CLOSE)]


class YearBody(BaseModel):
    """A calendar year whose months become periods."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    year: Annotated[int, Field(strict=True, ge=1990, le=2100, examples=[2028])]


class CloseBody(BaseModel):
    """Whether documents of the period's days may stay unposted."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    unposted: Annotated[
        bool, Field(strict=True, description="Close it although documents of its days stay unposted")
    ] = False


class ReopenBody(BaseModel):
    """Why a closed period takes entries again."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: Annotated[ShortText, Field(examples=["Eingangsrechnung nachgereicht"])]


class PeriodAnswer(BaseModel):
    """A period, from its first to its last day."""

    starts_on: date
    ends_on: date
    state: Literal["open", "closed"]
    closed_at: datetime | None
    closed_by: str | None
    version: int


class PeriodsAnswer(BaseModel):
    """All of them."""

    items: list[PeriodAnswer]
    next_cursor: None


def _answer(period: Period) -> Response:
    return json_answer(asdict(period), headers={"ETag": etag(period.version)})


@reads.get("", response_model=PeriodsAnswer, operation_id="list_periods", summary="List accounting periods")
async def list_periods(read: Read) -> Response:
    """The oldest first."""
    found = await service.all_periods(read.connection, read.tenant_id)
    return json_answer({"items": [asdict(each) for each in found], "next_cursor": None})


@reads.get("/{starts_on}", response_model=PeriodAnswer, operation_id="get_period", summary="Read an accounting period")
async def get_period(starts_on: BusinessDate, read: Read) -> Response:
    """With its version, for a change."""
    return _answer(await service.find(read.connection, read.tenant_id, starts_on))


@writes.post(
    "",
    response_model=PeriodsAnswer,
    status_code=201,
    operation_id="open_year",
    summary="Open the periods of a year",
    name="open",
)
async def open_year(body: YearBody, transaction: Close) -> Response:
    """Its twelve months, beside those that are there: no day is left out, none is covered twice."""
    opened = await service.open_year(transaction, body.year)
    return json_answer({"items": [asdict(each) for each in opened], "next_cursor": None}, 201)


@writes.post(
    "/{starts_on}/close",
    response_model=PeriodAnswer,
    operation_id="close_period",
    summary="Close an accounting period",
    name="close",
)
async def close_period(
    starts_on: BusinessDate, transaction: Close, body: CloseBody = CloseBody(), if_match: IfMatch = None
) -> Response:
    """Nothing is posted into it from then on. Refused while documents of its days wait, unless that is wanted."""
    version = expected_version(if_match)
    return _answer(await service.close(transaction, starts_on, version, unposted=body.unposted))


@writes.post(
    "/{starts_on}/reopen",
    response_model=PeriodAnswer,
    operation_id="reopen_period",
    summary="Reopen an accounting period",
    name="reopen",
)
async def reopen_period(
    starts_on: BusinessDate, body: ReopenBody, transaction: Close, if_match: IfMatch = None
) -> Response:
    """With a reason, which stays in the audit. Refused once a later year is closed."""
    return _answer(await service.reopen(transaction, starts_on, expected_version(if_match), body.reason))


router = APIRouter()
router.include_router(reads)
router.include_router(writes)
