"""`/policies`: the trader's rules, tried out on the past, and put in force by a second person. The API's use cases."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from valeo_erp.composition import services_of
from valeo_erp.identity.access import Reading, reading, writing
from valeo_erp.identity.scopes import Scope
from valeo_erp.kernel.clock import business_date
from valeo_erp.kernel.unit_of_work import Transaction, TransactionalRoute
from valeo_erp.pages.rendering import page
from valeo_erp.pages.sent import sent_fields
from valeo_erp.pages.typed import body_of, decimal, done, whole
from valeo_erp.policies import service
from valeo_erp.policies.routes import PolicyBody, SimulationBody, Version
from valeo_erp.policies.rules import Strictness

reads = APIRouter(prefix="/policies", tags=["policy"], include_in_schema=False)
writes = APIRouter(prefix="/policies", tags=["policy"], include_in_schema=False, route_class=TransactionalRoute)

Read = Annotated[Reading, reading(Scope.POLICY_READ)]
Write = Annotated[Transaction, writing(Scope.POLICY_WRITE)]
Fields = Annotated[dict[str, str], Depends(sent_fields)]

LEVELS = 3


async def _content(read: Reading) -> dict[str, Any]:
    found = await service.all_policies(read.connection, read.tenant_id)
    subject = read.principal.subject
    return {"policies": [(row, service.against_activation(row, subject)) for row in found]}


@reads.get("")
async def policies_page(request: Request, read: Read) -> Response:
    """Every version, the form, and the simulator."""
    today = business_date(read.at)
    values = {
        "levels": range(LEVELS),
        "strictness": list(Strictness),
        "first": today - timedelta(days=365),
        "last": today,
        "event_cursor": services_of(request.app).events.cursor(),
    }
    return page("policies.html", request, read.principal, {**await _content(read), **values})


@reads.get("/content")
async def policies_part(request: Request, read: Read) -> Response:
    """The part that changes."""
    return page("policies_content.html", request, read.principal, await _content(read))


@reads.post("/simulate")
async def simulate(request: Request, fields: Fields, read: Read) -> Response:
    """What the rules of the form would have said of the documents of some days; stores nothing."""
    days = {name: fields.get(name, "") for name in ("first", "last")}
    body = body_of(SimulationBody, {"rules": _rules(fields), **days})
    found = await service.simulate(read.connection, read.tenant_id, body.rules, body.first, body.last)
    return page("policies_simulation.html", request, read.principal, {"found": found})


@writes.post("", name="create")
async def draft(fields: Fields, transaction: Write) -> Response:
    """A new version; nothing changes until somebody else puts it in force."""
    body = body_of(PolicyBody, {"rules": _rules(fields), "note": fields.get("note", "").strip()})
    await service.draft(transaction, body.rules, body.note)
    return done()


@writes.post("/{version}/activate", name="activate")
async def activate(version: Version, transaction: Write) -> Response:
    """By somebody else than its author."""
    await service.activate(transaction, version)
    return done()


def _rules(fields: Mapping[str, str]) -> dict[str, object]:
    """The rules of the form; levels without an amount and empty rules are left out."""
    levels = [
        {"above": decimal(fields[f"above.{row}"]), "approvals": whole(fields.get(f"approvals.{row}", ""))}
        for row in range(LEVELS)
        if fields.get(f"above.{row}", "").strip()
    ]
    rules: dict[str, object] = {"approval_levels": levels, "credit_limit": fields.get("credit_limit", "")}
    if margin := fields.get("lowest_margin_percent", "").strip():
        rules["lowest_margin_percent"] = decimal(margin)
    if days := fields.get("back_dating_days", "").strip():
        rules["back_dating_days"] = whole(days)
    return rules


router = APIRouter()
router.include_router(reads)
router.include_router(writes)
