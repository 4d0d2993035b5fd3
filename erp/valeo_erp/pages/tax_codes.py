"""`/tax-codes`: every rate with its days, successors and ends. The API's use cases."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from valeo_erp.composition import services_of
from valeo_erp.identity.access import Reading, reading, writing
from valeo_erp.identity.scopes import Scope
from valeo_erp.kernel.clock import business_date
from valeo_erp.kernel.dates import BusinessDate
from valeo_erp.kernel.unit_of_work import Transaction, TransactionalRoute
from valeo_erp.pages.rendering import page
from valeo_erp.pages.sent import sent_fields
from valeo_erp.pages.typed import body_of, decimal, done, seen_version
from valeo_erp.taxes import service
from valeo_erp.taxes.routes import PathCode
from valeo_erp.taxes.schemas import EndBody, SuccessorBody, TaxCodeBody

reads = APIRouter(prefix="/tax-codes", tags=["tax_code"], include_in_schema=False)
writes = APIRouter(prefix="/tax-codes", tags=["tax_code"], include_in_schema=False, route_class=TransactionalRoute)

Read = Annotated[Reading, reading(Scope.MASTER_READ)]
Write = Annotated[Transaction, writing(Scope.MASTER_WRITE)]
Fields = Annotated[dict[str, str], Depends(sent_fields)]


async def _content(read: Reading) -> dict[str, Any]:
    return {"rates": await service.every(read.connection, read.tenant_id), "today": business_date(read.at)}


@reads.get("")
async def tax_codes_page(request: Request, read: Read) -> Response:
    """All of them."""
    at = services_of(request.app).events.cursor()
    return page("tax_codes.html", request, read.principal, {**await _content(read), "event_cursor": at})


@reads.get("/content")
async def tax_codes_part(request: Request, read: Read) -> Response:
    """The part that changes."""
    return page("tax_codes_content.html", request, read.principal, await _content(read))


@writes.post("", name="create")
async def create(fields: Fields, transaction: Write) -> Response:
    """A rate of a new code, or for days on which a code has none."""
    named = ("code", "name", "valid_from", "valid_to", "tax_account", "input_account")
    typed = {name: fields.get(name, "") for name in named} | {"rate": decimal(fields.get("rate", ""))}
    await service.add(transaction, body_of(TaxCodeBody, typed).model_dump())
    return done()


@writes.post("/{code}/{valid_from}/successor", name="follow")
async def follow(code: PathCode, valid_from: BusinessDate, fields: Fields, transaction: Write) -> Response:
    """Another rate from a day on."""
    typed = {"valid_from": fields.get("valid_from", ""), "rate": decimal(fields.get("rate", ""))}
    values = body_of(SuccessorBody, typed).model_dump(exclude_none=True)
    await service.follow(transaction, code, valid_from, seen_version(fields), values)
    return done()


@writes.post("/{code}/{valid_from}/end", name="end")
async def end(code: PathCode, valid_from: BusinessDate, fields: Fields, transaction: Write) -> Response:
    """Let it end."""
    last = body_of(EndBody, {"valid_to": fields.get("valid_to", "")}).valid_to
    await service.end(transaction, code, valid_from, seen_version(fields), last)
    return done()


router = APIRouter()
router.include_router(reads)
router.include_router(writes)
