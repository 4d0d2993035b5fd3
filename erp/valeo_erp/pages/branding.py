"""`/branding`: the versions of the branding, one with its preview, and the form. The API's use cases, for people."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Depends, Path, Request, Response

from valeo_erp.branding import repository, service
from valeo_erp.branding.contrast import LEAST_FOR_TEXT, contrast
from valeo_erp.branding.lifecycle import TRANSITIONS, State, Step, against
from valeo_erp.branding.logo import accepted_logo
from valeo_erp.branding.look import BankAccount, Look
from valeo_erp.branding.repository import Row
from valeo_erp.branding.rules import PAPER, SMALL_TEXT
from valeo_erp.branding.service import standing
from valeo_erp.identity.access import Reading, reading, writing
from valeo_erp.identity.scopes import Principal, Scope
from valeo_erp.kernel.problems import Failure, Problem, invalid
from valeo_erp.kernel.unit_of_work import Transaction, TransactionalRoute
from valeo_erp.pages.branding_form import ACCOUNTS, FOOTER_LINES, at_form_fields, branding_body, typed
from valeo_erp.pages.rendering import page
from valeo_erp.pages.sent import sent_fields, sent_file
from valeo_erp.tenants.repository import own_account

reads = APIRouter(prefix="/branding", tags=["branding"], include_in_schema=False)
writes = APIRouter(prefix="/branding", tags=["branding"], include_in_schema=False, route_class=TransactionalRoute)

Reader = Annotated[Reading, reading(Scope.BRANDING_READ)]
Author = Annotated[Reading, reading(Scope.BRANDING_WRITE)]
Writer = Annotated[Transaction, writing(Scope.BRANDING_WRITE)]
Fields = Annotated[dict[str, str], Depends(sent_fields)]
Version = Annotated[int, Path(ge=1, le=1_000_000)]


@dataclass(frozen=True)
class StepOffer:
    """One button, and everything that stands against it."""

    step: Step
    blocked_by: list[Failure]


@reads.get("")
async def list_page(request: Request, read: Reader) -> Response:
    """Every version."""
    rows = await repository.versions(read.connection, read.tenant_id)
    return page("brandings.html", request, read.principal, {"versions": rows})


@reads.get("/new")
async def new_page(request: Request, read: Author) -> Response:
    """The form, with what holds now."""
    rows = await repository.versions(read.connection, read.tenant_id)
    active = next((row for row in rows if row["state"] == State.ACTIVE), None)
    look = await _of_master_data(read) if active is None else Look.model_validate(active["look"])
    logo_of = active["version"] if active and active["logo"] else None
    values = {"row": None, "logo_of": logo_of, "key": uuid4().hex, **_form(look)}
    return page("branding_new.html", request, read.principal, values)


async def _of_master_data(read: Reading) -> Look:
    """What papers show without a branding; not checked, because nobody has sent it yet."""
    account = BankAccount.model_construct(None, **await own_account(read.connection, read.tenant_id))
    return Look.model_construct(bank_accounts=(account,))


@reads.get("/{version}")
async def version_page(request: Request, version: Version, read: Reader) -> Response:
    """One version with its preview; drafts with the form."""
    row = await repository.find(read.connection, read.tenant_id, version)
    values = {"row": row, "offers": _offers(row, read.principal), **_form(Look.model_validate(row["look"]))}
    return page("branding.html", request, read.principal, values)


@writes.post("", name="create")
async def create(fields: Fields, transaction: Writer) -> Response:
    """Write a draft, and go to it."""
    body = branding_body(fields)
    logo_of = fields.get("logo_of", "")
    taken_over = int(logo_of) if logo_of.isascii() and logo_of.isdigit() and len(logo_of) < 8 else None  # noqa: PLR2004
    try:
        row = await service.draft(transaction, body.look, body.note, taken_over)
    except Problem as problem:
        raise at_form_fields(problem) from problem
    return _gone_to(row)


@writes.post("/{version}", name="edit")
async def edit(version: Version, fields: Fields, transaction: Writer) -> Response:
    """Write another content, and look at it."""
    body = branding_body(fields)
    try:
        row = await service.rewrite(transaction, version, _revision(fields), body.look, body.note)
    except Problem as problem:
        raise at_form_fields(problem) from problem
    return _gone_to(row)


@writes.post("/{version}/logo", name="put_logo")
async def put_logo(request: Request, version: Version, revision: int, transaction: Writer) -> Response:
    """Keep a logo, and look at it."""
    _, content = await sent_file(request)
    logo = await asyncio.to_thread(accepted_logo, content)
    return _gone_to(await service.put_logo(transaction, version, revision, logo))


@writes.post("/{version}/logo/remove", name="remove_logo")
async def remove_logo(version: Version, fields: Fields, transaction: Writer) -> Response:
    """Take the logo away."""
    return _gone_to(await service.put_logo(transaction, version, _revision(fields), None))


def _add_step(step: Step) -> None:
    async def take_step(version: Version, fields: Fields, transaction: Writer) -> Response:
        return _gone_to(await service.take(transaction, version, _revision(fields), step))

    writes.add_api_route(f"/{{version}}/{step}", take_step, methods=["POST"], name=step.value)


for _step in Step:
    _add_step(_step)


def _form(look: Look) -> dict[str, Any]:
    return {
        "typed": typed(look),
        "accounts": range(ACCOUNTS),
        "footer_lines": FOOTER_LINES,
        "contrasts": {
            "primary": contrast(look.colours.primary, PAPER),
            "tint": contrast(SMALL_TEXT, look.colours.tint),
            "least": LEAST_FOR_TEXT,
        },
    }


def _offers(row: Row, principal: Principal) -> list[StepOffer]:
    """The steps that lead on from here, possible ones first."""
    now = standing(row)
    missing = (
        []
        if Scope.BRANDING_WRITE in principal.scopes
        else [Failure("scope_missing", f"This needs the scope {Scope.BRANDING_WRITE}.")]
    )
    made = [
        StepOffer(step, missing or against(now, step, principal.subject))
        for step in Step
        if (now.state, step) in TRANSITIONS
    ]
    return sorted(made, key=lambda offer: bool(offer.blocked_by))


def _revision(fields: Mapping[str, str]) -> int:
    text = fields.get("revision", "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):  # noqa: PLR2004 - fits into an integer
        raise invalid("version_missing", "The form does not say which revision was seen. Load it again.")
    return int(text)


def _gone_to(row: Row) -> Response:
    address = f"/branding/{row['version']}"
    return Response(status_code=HTTPStatus.CREATED, headers={"HX-Redirect": address, "Location": address})


router = APIRouter()
router.include_router(reads)
router.include_router(writes)
