"""The web API of the audit trail: search it, prove that nothing in it was changed, take it along."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel

from valeo_erp.audit import service
from valeo_erp.audit.repository import EntryFilter, page
from valeo_erp.audit.schemas import AuditEntryAnswer
from valeo_erp.composition import services_of
from valeo_erp.exporting.routes import JSON_LINES, FileResponse
from valeo_erp.identity.access import Reading, allowed, reading
from valeo_erp.identity.scopes import Principal, Scope
from valeo_erp.kernel.answers import EVERY_ANSWER
from valeo_erp.kernel.bodies import json_answer
from valeo_erp.kernel.clock import BERLIN
from valeo_erp.kernel.dates import Instant
from valeo_erp.kernel.paging import Cursor, Limit
from valeo_erp.ratelimits.allowance import LimitKind

router = APIRouter(prefix="/audit", tags=["audit"], responses=EVERY_ANSWER)

Word = Annotated[str | None, Query(max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]


class TrailEntryAnswer(AuditEntryAnswer):
    """One attempt, with what it was about."""

    object_kind: str
    object_id: UUID | None


class TrailAnswer(BaseModel):
    """One page of the trail, newest first."""

    items: list[TrailEntryAnswer]
    next_cursor: str | None


class BrokenEntryAnswer(BaseModel):
    """The first entry that is not what it was when it was sealed."""

    sequence: int
    entry_id: UUID
    at: datetime | None
    reason: str


class AuditVerificationAnswer(BaseModel):
    """Whether the trail is what it was. Note `head` elsewhere: then a cut end is seen too."""

    verified: bool
    entries: int
    head: str
    sealed_at: datetime | None
    unsealed: int
    first_broken: BrokenEntryAnswer | None


def entry_filter(
    actor: Annotated[Word, Query(description="The subject of the token, or `key:…` of an API key")] = None,
    action: Annotated[Word, Query(description="Such as post, reject, export")] = None,
    object_kind: Annotated[Word, Query(description="Such as invoice, party, policy")] = None,
    object_id: UUID | None = None,
    outcome: Literal["done", "refused"] | None = None,
    correlation_id: Annotated[Word, Query(description="All that one request left")] = None,
    since: Annotated[Instant | None, Query(alias="from", description="Not before this instant")] = None,
    until: Annotated[Instant | None, Query(alias="to", description="Before this instant")] = None,
) -> EntryFilter:
    """The conditions of list and export."""
    return EntryFilter(actor, action, object_kind, object_id, outcome, correlation_id, since, until)


Wanted = Annotated[EntryFilter, Depends(entry_filter)]


@router.get("", response_model=TrailAnswer, operation_id="list_audit_entries", summary="Search the audit trail")
async def list_audit_entries(
    read: Annotated[Reading, reading(Scope.AUDIT_READ)], wanted: Wanted, cursor: Cursor = None, limit: Limit = 50
) -> Response:
    """Every attempt of everybody, newest first, also the refused ones with their reason."""
    items, following = await page(read.connection, read.tenant_id, wanted, cursor, limit)
    return json_answer({"items": items, "next_cursor": following})


@router.get(
    "/verify",
    response_model=AuditVerificationAnswer,
    operation_id="verify_audit",
    summary="Prove that nothing in the trail was changed",
)
async def verify_audit(read: Annotated[Reading, reading(Scope.AUDIT_READ)]) -> Response:
    """Computes every hash again and names the first entry that was changed, removed or put in between."""
    return json_answer(await service.verify(read.connection, read.tenant_id))


_FILE: dict[int | str, dict[str, Any]] = {
    HTTPStatus.OK.value: {
        "description": "The file, complete: `Content-Length` and `Repr-Digest` tell if something was lost.",
        "content": {JSON_LINES: {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.get(
    "/export",
    operation_id="export_audit",
    summary="The audit trail as JSON lines",
    response_class=FileResponse,
    status_code=HTTPStatus.OK,
    responses=_FILE,
)
async def export_audit(
    request: Request, principal: Annotated[Principal, allowed(Scope.AUDIT_READ, LimitKind.EXPORTS)], wanted: Wanted
) -> FileResponse:
    """The entries of the same filters, oldest first, as they were at one instant. The export is audited itself."""
    services = services_of(request.app)
    made = await service.export(services.engine, services.clock, principal, wanted)
    return FileResponse(made, JSON_LINES, "jsonl", f"audit-{made.snapshot_at.astimezone(BERLIN):%Y%m%d-%H%M%S}.jsonl")
