"""`/numbering`: number series with their proofs, and what an administrator sets up. The API's use cases."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from valeo_erp.composition import services_of
from valeo_erp.identity.access import Reading, reading, writing
from valeo_erp.identity.scopes import Scope
from valeo_erp.kernel.clock import business_date
from valeo_erp.kernel.problems import not_found
from valeo_erp.kernel.unit_of_work import Transaction, TransactionalRoute
from valeo_erp.numbering import repository, service
from valeo_erp.numbering.routes import PathYear
from valeo_erp.numbering.schemas import PrefixBody, ReopenBody, SeriesBody, StartBody, VoidBody
from valeo_erp.numbering.series import Numbered, against_closing, against_prefix, against_start
from valeo_erp.pages.rendering import page
from valeo_erp.pages.sent import sent_fields
from valeo_erp.pages.typed import body_of, done, seen_version, whole

reads = APIRouter(prefix="/numbering", tags=["number_series"], include_in_schema=False)
writes = APIRouter(prefix="/numbering", tags=["number_series"], include_in_schema=False, route_class=TransactionalRoute)

Read = Annotated[Reading, reading(Scope.NUMBERING_READ)]
Write = Annotated[Transaction, writing(Scope.NUMBERING_WRITE)]
Fields = Annotated[dict[str, str], Depends(sent_fields)]
AskedYear = Annotated[int | None, Query(alias="year", ge=1990, le=2100)]


async def _list(read: Reading) -> dict[str, Any]:
    found = await repository.every(read.connection, read.tenant_id)
    there = {each.document_kind for each in found}
    missing = [kind.value for kind in Numbered if kind.value not in there]
    return {"series": found, "missing_kinds": missing, "this_year": business_date(read.at).year}


async def _proof(read: Reading, kind: Numbered, year: int | None) -> dict[str, Any]:
    today = business_date(read.at)
    wanted = year or today.year
    found = await repository.find(read.connection, read.tenant_id, kind.value)
    proof = await repository.proof(read.connection, read.tenant_id, kind.value, wanted)
    if found is None or proof is None:
        raise not_found("number series")
    counter = found.counter(wanted)
    return {
        "series": found,
        "year": wanted,
        "proof": proof,
        "closed": counter is not None and counter.closed_at is not None,
        "following": max(proof.start, proof.counter + 1),
        "against_prefix": against_prefix(found),
        "against_start": against_start(found, wanted),
        "against_closing": against_closing(found, wanted, today),
        "years": sorted({each.year for each in found.years} | {today.year}, reverse=True),
    }


@reads.get("")
async def list_page(request: Request, read: Read) -> Response:
    """Every series with its last numbers."""
    at = services_of(request.app).events.cursor()
    return page("numbering.html", request, read.principal, {**await _list(read), "event_cursor": at})


@reads.get("/content")
async def list_part(request: Request, read: Read) -> Response:
    """The part that changes."""
    return page("numbering_content.html", request, read.principal, await _list(read))


@reads.get("/{document_kind}")
async def proof_page(request: Request, document_kind: Numbered, read: Read, year: AskedYear = None) -> Response:
    """The proof of one series and year, with what can be set up."""
    at = services_of(request.app).events.cursor()
    values = await _proof(read, document_kind, year)
    return page("number_series.html", request, read.principal, {**values, "event_cursor": at})


@reads.get("/{document_kind}/content")
async def proof_part(request: Request, document_kind: Numbered, read: Read, year: AskedYear = None) -> Response:
    """The part that changes."""
    return page("number_series_content.html", request, read.principal, await _proof(read, document_kind, year))


@writes.post("", name="create")
async def create(fields: Fields, transaction: Write) -> Response:
    """A series for a kind that has none."""
    body = body_of(SeriesBody, {name: fields.get(name, "") for name in ("document_kind", "prefix")})
    await service.create(transaction, body.document_kind, body.prefix)
    return done()


@writes.post("/{document_kind}", name="edit")
async def change_prefix(document_kind: Numbered, fields: Fields, transaction: Write) -> Response:
    """While no number was given."""
    body = body_of(PrefixBody, {"prefix": fields.get("prefix", "")})
    await service.change_prefix(transaction, document_kind, seen_version(fields), body.prefix)
    return done()


@writes.post("/{document_kind}/years/{year}/start", name="begin_year")
async def begin_year(document_kind: Numbered, year: PathYear, fields: Fields, transaction: Write) -> Response:
    """Where the year begins."""
    body = body_of(StartBody, {"year": year, "start": whole(fields.get("start", ""))})
    await service.begin_year(transaction, document_kind, seen_version(fields), body.year, body.start)
    return done()


@writes.post("/{document_kind}/years/{year}/close", name="close_year")
async def close_year(document_kind: Numbered, year: PathYear, fields: Fields, transaction: Write) -> Response:
    """No more numbers of it."""
    await service.close_year(transaction, document_kind, seen_version(fields), year)
    return done()


@writes.post("/{document_kind}/years/{year}/reopen", name="reopen_year")
async def reopen_year(document_kind: Numbered, year: PathYear, fields: Fields, transaction: Write) -> Response:
    """With a reason."""
    reason = body_of(ReopenBody, {"reason": fields.get("reason", "")}).reason
    await service.reopen_year(transaction, document_kind, seen_version(fields), year, reason)
    return done()


@writes.post("/{document_kind}/years/{year}/voids", name="void")
async def void(document_kind: Numbered, year: PathYear, fields: Fields, transaction: Write) -> Response:
    """Numbers that no document has."""
    numbers = {name: whole(fields.get(name, "")) for name in ("first", "last")}
    body = body_of(VoidBody, {"year": year, "reason": fields.get("reason", "")} | numbers)
    await service.void(transaction, document_kind, seen_version(fields), body.year, body.first, body.last, body.reason)
    return done()


router = APIRouter()
router.include_router(reads)
router.include_router(writes)
