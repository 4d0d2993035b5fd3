"""The web API of number series."""

import json
from dataclasses import asdict
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from valeo_erp.identity.access import Reading, reading
from valeo_erp.identity.scopes import Scope
from valeo_erp.kernel.answers import EVERY_ANSWER
from valeo_erp.kernel.bodies import json_answer
from valeo_erp.kernel.clock import business_date
from valeo_erp.kernel.problems import not_found
from valeo_erp.numbering import repository
from valeo_erp.numbering.series import Numbered

router = APIRouter(tags=["number_series"], responses=EVERY_ANSWER)


class YearAnswer(BaseModel):
    """The counter of one year."""

    year: int
    last: int
    last_date: date


class SeriesAnswer(BaseModel):
    """A series and its counters."""

    document_kind: Numbered
    prefix: str
    years: list[YearAnswer]


class SeriesListAnswer(BaseModel):
    """All series."""

    items: list[SeriesAnswer]
    next_cursor: None


class ProofAnswer(BaseModel):
    """Whether the numbers of a year are 1 to n, each on one document, in the order of dates, and what is not."""

    document_kind: Numbered
    year: int
    complete: bool
    prefix: str
    counter: int
    count: int
    first: str | None
    last: str | None
    first_date: date | None
    last_date: date | None
    missing: list[str]
    duplicates: list[str]
    unexplained: list[str]
    voided: list[str]
    falling_dates: list[str]


@router.get(
    "/number-series", response_model=SeriesListAnswer, operation_id="list_number_series", summary="List number series"
)
async def list_number_series(read: Annotated[Reading, reading(Scope.NUMBERING_READ)]) -> Response:
    """With the last number of every year."""
    rows = await repository.series(read.connection, read.tenant_id)
    items = [{"document_kind": r.document_kind, "prefix": r.prefix, "years": json.loads(r.years)} for r in rows]
    return json_answer({"items": items, "next_cursor": None})


@router.get(
    "/number-series/{document_kind}/proof",
    response_model=ProofAnswer,
    operation_id="prove_number_series",
    summary="Prove that a series is whole",
)
async def prove_number_series(
    document_kind: Numbered,
    read: Annotated[Reading, reading(Scope.NUMBERING_READ)],
    year: Annotated[int | None, Query(ge=1990, le=2100, description="This year if left out")] = None,
) -> Response:
    """Compares the counter, the list of given numbers and the documents, which know nothing of each other."""
    wanted = year or business_date(read.at).year
    found = await repository.proof(read.connection, read.tenant_id, document_kind.value, wanted)
    if found is None:
        raise not_found("number series")
    return json_answer({"document_kind": document_kind, "year": wanted, "complete": found.complete, **asdict(found)})
