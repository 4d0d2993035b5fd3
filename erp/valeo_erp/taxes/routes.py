"""The web API of tax codes."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Path, Response

from valeo_erp.identity.access import Reading, reading, writing
from valeo_erp.identity.scopes import Scope
from valeo_erp.kernel.answers import EVERY_ANSWER
from valeo_erp.kernel.bodies import json_answer
from valeo_erp.kernel.dates import BusinessDate
from valeo_erp.kernel.problems import Failure, invalid
from valeo_erp.kernel.unit_of_work import Transaction, TransactionalRoute
from valeo_erp.kernel.versions import IfMatch, etag, expected_version
from valeo_erp.taxes import service
from valeo_erp.taxes.schemas import EndBody, RateBody, SuccessorBody, TaxCodeAnswer, TaxCodeBody, TaxCodesAnswer
from valeo_erp.taxes.validity import TaxRate

reads = APIRouter(prefix="/tax-codes", tags=["tax_code"], responses=EVERY_ANSWER)
writes = APIRouter(prefix="/tax-codes", tags=["tax_code"], responses=EVERY_ANSWER, route_class=TransactionalRoute)

Read = Annotated[Reading, reading(Scope.MASTER_READ)]
Write = Annotated[Transaction, writing(Scope.MASTER_WRITE)]
PathCode = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


def _answer(rate: TaxRate, status: int = 200) -> Response:
    return json_answer(asdict(rate), status, {"ETag": etag(rate.version)})


@reads.get("", response_model=TaxCodesAnswer, operation_id="list_tax_codes", summary="List tax codes")
async def list_tax_codes(read: Read) -> Response:
    """All of them, with every rate that ever held."""
    found = await service.every(read.connection, read.tenant_id)
    return json_answer({"items": [asdict(each) for each in found], "next_cursor": None})


@reads.get(
    "/{code}/{valid_from}",
    response_model=TaxCodeAnswer,
    operation_id="get_tax_code",
    summary="Read a rate",
)
async def get_tax_code(code: PathCode, valid_from: BusinessDate, read: Read) -> Response:
    """With its version, for a change."""
    return _answer(await service.find(read.connection, read.tenant_id, code, valid_from))


@writes.post(
    "",
    response_model=TaxCodeAnswer,
    status_code=201,
    operation_id="create_tax_code",
    summary="Write a rate of a tax code",
    name="create",
)
async def create_tax_code(body: TaxCodeBody, transaction: Write) -> Response:
    """Of a new code, or for days on which the code has none. No two rates of a code hold on the same day."""
    return _answer(await service.add(transaction, body.model_dump()), 201)


@writes.put(
    "/{code}/{valid_from}",
    response_model=TaxCodeAnswer,
    operation_id="replace_tax_code",
    summary="Change a rate that no document carries",
    name="edit",
)
async def replace_tax_code(
    code: PathCode, valid_from: BusinessDate, body: RateBody, transaction: Write, if_match: IfMatch = None
) -> Response:
    """A rate that stands on a document never changes: let it end, and write a successor."""
    version = expected_version(if_match)
    if body.valid_to is not None and body.valid_to < valid_from:
        failure = Failure("ends_before_it_begins", f"It begins on {valid_from}; it can not end before.", "valid_to")
        raise invalid("faulty_tax_code", "The rate can not be written like this; see the failures.", [failure])
    return _answer(await service.rewrite(transaction, code, valid_from, version, body.model_dump()))


@writes.post(
    "/{code}/{valid_from}/end",
    response_model=TaxCodeAnswer,
    operation_id="end_tax_code",
    summary="Let a rate end",
    name="end",
)
async def end_tax_code(
    code: PathCode, valid_from: BusinessDate, body: EndBody, transaction: Write, if_match: IfMatch = None
) -> Response:
    """Refused while documents carry it for a later day of supply. It never gets longer again."""
    version = expected_version(if_match)
    return _answer(await service.end(transaction, code, valid_from, version, body.valid_to))


@writes.post(
    "/{code}/{valid_from}/successor",
    response_model=TaxCodeAnswer,
    status_code=201,
    operation_id="follow_tax_code",
    summary="Let another rate follow",
    name="follow",
)
async def follow_tax_code(
    code: PathCode, valid_from: BusinessDate, body: SuccessorBody, transaction: Write, if_match: IfMatch = None
) -> Response:
    """The rate that begins on `valid_from` of the address ends on the day before that of the body."""
    version = expected_version(if_match)
    values = body.model_dump(exclude_none=True)
    return _answer(await service.follow(transaction, code, valid_from, version, values), 201)


router = APIRouter()
router.include_router(reads)
router.include_router(writes)
