"""The web API of number series."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from valeo_erp.identity.access import Reading, reading, writing
from valeo_erp.identity.scopes import Scope
from valeo_erp.kernel.answers import EVERY_ANSWER
from valeo_erp.kernel.bodies import json_answer
from valeo_erp.kernel.clock import business_date
from valeo_erp.kernel.problems import not_found
from valeo_erp.kernel.unit_of_work import Transaction, TransactionalRoute
from valeo_erp.kernel.versions import IfMatch, etag, expected_version
from valeo_erp.numbering import repository, service
from valeo_erp.numbering.schemas import (
    PrefixBody,
    ProofAnswer,
    ReopenBody,
    SeriesAnswer,
    SeriesBody,
    SeriesListAnswer,
    StartBody,
    VoidBody,
)
from valeo_erp.numbering.series import Numbered, Series

reads = APIRouter(prefix="/number-series", tags=["number_series"], responses=EVERY_ANSWER)
writes = APIRouter(
    prefix="/number-series", tags=["number_series"], responses=EVERY_ANSWER, route_class=TransactionalRoute
)

Read = Annotated[Reading, reading(Scope.NUMBERING_READ)]
Write = Annotated[Transaction, writing(Scope.NUMBERING_WRITE)]
PathYear = Annotated[int, Path(ge=1990, le=2100)]


def _answer(series: Series, status: int = 200) -> Response:
    return json_answer(asdict(series), status, {"ETag": etag(series.version)})


@reads.get("", response_model=SeriesListAnswer, operation_id="list_number_series", summary="List number series")
async def list_number_series(read: Read) -> Response:
    """With the first and last number of every year."""
    found = await repository.every(read.connection, read.tenant_id)
    return json_answer({"items": [asdict(each) for each in found], "next_cursor": None})


@reads.get(
    "/{document_kind}", response_model=SeriesAnswer, operation_id="get_number_series", summary="Read a number series"
)
async def get_number_series(document_kind: Numbered, read: Read) -> Response:
    """With its version, for a change."""
    found = await repository.find(read.connection, read.tenant_id, document_kind.value)
    if found is None:
        raise not_found("number series")
    return _answer(found)


@reads.get(
    "/{document_kind}/proof",
    response_model=ProofAnswer,
    operation_id="prove_number_series",
    summary="Prove that a series is whole",
)
async def prove_number_series(
    document_kind: Numbered,
    read: Read,
    year: Annotated[int | None, Query(ge=1990, le=2100, description="This year if left out")] = None,
) -> Response:
    """Compares the counter, the list of given numbers and the documents, which know nothing of each other."""
    wanted = year or business_date(read.at).year
    found = await repository.proof(read.connection, read.tenant_id, document_kind.value, wanted)
    if found is None:
        raise not_found("number series")
    return json_answer({"document_kind": document_kind, "year": wanted, "complete": found.complete, **asdict(found)})


@writes.post(
    "",
    response_model=SeriesAnswer,
    status_code=201,
    operation_id="create_number_series",
    summary="Set up a number series",
    name="create",
)
async def create_number_series(body: SeriesBody, transaction: Write) -> Response:
    """One for each kind; without one nothing of that kind is posted. No two kinds share a prefix."""
    return _answer(await service.create(transaction, body.document_kind, body.prefix), 201)


@writes.put(
    "/{document_kind}",
    response_model=SeriesAnswer,
    operation_id="change_number_series",
    summary="Change the prefix of a number series",
    name="edit",
)
async def change_number_series(
    document_kind: Numbered, body: PrefixBody, transaction: Write, if_match: IfMatch = None
) -> Response:
    """Only while no number was given: numbers are proven by their prefix."""
    return _answer(await service.change_prefix(transaction, document_kind, expected_version(if_match), body.prefix))


@writes.post(
    "/{document_kind}/years",
    response_model=SeriesAnswer,
    operation_id="begin_number_series_year",
    summary="Say with which number a year begins",
    name="begin_year",
)
async def begin_number_series_year(
    document_kind: Numbered, body: StartBody, transaction: Write, if_match: IfMatch = None
) -> Response:
    """Only while no number of the year was given. Without a word a year begins with 1."""
    version = expected_version(if_match)
    return _answer(await service.begin_year(transaction, document_kind, version, body.year, body.start))


@writes.post(
    "/{document_kind}/years/{year}/close",
    response_model=SeriesAnswer,
    operation_id="close_number_series_year",
    summary="Give no more numbers of a year",
    name="close_year",
)
async def close_number_series_year(
    document_kind: Numbered, year: PathYear, transaction: Write, if_match: IfMatch = None
) -> Response:
    """Of a year that is over; waits for the postings that are at work in it."""
    return _answer(await service.close_year(transaction, document_kind, expected_version(if_match), year))


@writes.post(
    "/{document_kind}/years/{year}/reopen",
    response_model=SeriesAnswer,
    operation_id="reopen_number_series_year",
    summary="Give numbers of a closed year again",
    name="reopen_year",
)
async def reopen_number_series_year(
    document_kind: Numbered, year: PathYear, body: ReopenBody, transaction: Write, if_match: IfMatch = None
) -> Response:
    """With a reason, which stays in the audit."""
    version = expected_version(if_match)
    return _answer(await service.reopen_year(transaction, document_kind, version, year, body.reason))


@writes.post(
    "/{document_kind}/voids",
    response_model=SeriesAnswer,
    operation_id="void_numbers",
    summary="Explain numbers that no document has",
    name="void",
)
async def void_numbers(
    document_kind: Numbered, body: VoidBody, transaction: Write, if_match: IfMatch = None
) -> Response:
    """The next numbers, which are then never given, or ones that the proof names as missing. It can't be taken back."""
    version = expected_version(if_match)
    return _answer(
        await service.void(transaction, document_kind, version, body.year, body.first, body.last, body.reason)
    )


router = APIRouter()
router.include_router(reads)
router.include_router(writes)
