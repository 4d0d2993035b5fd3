"""`/periods`: accounting periods, with what stands against closing and reopening each. The API's use cases."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from valeo_erp.composition import services_of
from valeo_erp.identity.access import Reading, reading, writing
from valeo_erp.identity.scopes import Scope
from valeo_erp.kernel.clock import business_date
from valeo_erp.kernel.dates import BusinessDate
from valeo_erp.kernel.problems import Failure
from valeo_erp.kernel.unit_of_work import Transaction, TransactionalRoute
from valeo_erp.pages.rendering import page
from valeo_erp.pages.sent import sent_fields
from valeo_erp.pages.typed import body_of, done, seen_version, whole
from valeo_erp.periods import service
from valeo_erp.periods.routes import CloseBody, ReopenBody, YearBody
from valeo_erp.periods.rules import Period, against_reopening

reads = APIRouter(prefix="/periods", tags=["period"], include_in_schema=False)
writes = APIRouter(prefix="/periods", tags=["period"], include_in_schema=False, route_class=TransactionalRoute)

Read = Annotated[Reading, reading(Scope.MASTER_READ)]
Close = Annotated[Transaction, writing(Scope.LEDGER_CLOSE)]
Fields = Annotated[dict[str, str], Depends(sent_fields)]


@dataclass(frozen=True)
class PeriodOffer:
    """A period with what can be done with it.

    Attributes:
        unposted: how many documents of its days are not posted yet, by kind and state; of open periods.
        blocked_by: what stands against reopening a closed one.
    """

    period: Period
    unposted: Mapping[tuple[str, str], int]
    blocked_by: list[Failure]


async def _content(read: Reading) -> dict[str, Any]:
    known = await service.all_periods(read.connection, read.tenant_id)
    unposted = await service.unposted_by_period(read.connection, read.tenant_id)
    offers = [
        PeriodOffer(each, unposted.get(each.starts_on, {}), against_reopening(each, known) if each.closed else [])
        for each in reversed(known)
    ]
    return {"offers": offers, "next_year": (known[-1].ends_on if known else business_date(read.at)).year + bool(known)}


@reads.get("")
async def periods_page(request: Request, read: Read) -> Response:
    """All periods, the newest first."""
    at = services_of(request.app).events.cursor()
    return page("periods.html", request, read.principal, {**await _content(read), "event_cursor": at})


@reads.get("/content")
async def periods_part(request: Request, read: Read) -> Response:
    """The part that changes."""
    return page("periods_content.html", request, read.principal, await _content(read))


@writes.post("", name="open")
async def open_year(fields: Fields, transaction: Close) -> Response:
    """The months of a year."""
    await service.open_year(transaction, body_of(YearBody, {"year": whole(fields.get("year", ""))}).year)
    return done()


@writes.post("/{starts_on}/close", name="close")
async def close(starts_on: BusinessDate, fields: Fields, transaction: Close) -> Response:
    """Nothing is posted into it from then on."""
    body = CloseBody(unposted=fields.get("unposted") == "on")
    await service.close(transaction, starts_on, seen_version(fields), unposted=body.unposted)
    return done()


@writes.post("/{starts_on}/reopen", name="reopen")
async def reopen(starts_on: BusinessDate, fields: Fields, transaction: Close) -> Response:
    """With a reason."""
    reason = body_of(ReopenBody, {"reason": fields.get("reason", "")}).reason
    await service.reopen(transaction, starts_on, seen_version(fields), reason)
    return done()


router = APIRouter()
router.include_router(reads)
router.include_router(writes)
