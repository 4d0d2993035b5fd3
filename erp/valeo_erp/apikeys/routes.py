"""The web API of API keys. Secrets are shown once, so these writes remember no answer for a repetition."""

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from valeo_erp.apikeys import service
from valeo_erp.apikeys.key import LONGEST_OVERLAP
from valeo_erp.composition import services_of
from valeo_erp.identity.access import Reading, allowed, reading
from valeo_erp.identity.scopes import Principal, Scope
from valeo_erp.kernel.answers import EVERY_ANSWER
from valeo_erp.kernel.bodies import json_answer
from valeo_erp.kernel.dates import Instant
from valeo_erp.kernel.unit_of_work import own_transaction

router = APIRouter(prefix="/api-keys", tags=["api_key"], responses=EVERY_ANSWER)

LIFE = timedelta(days=90)

Admin = Annotated[Principal, allowed(Scope.USERS_ADMIN)]


class KeyBody(BaseModel):
    """A key to give."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "Weighbridge Nord",
                    "scopes": ["sales:read", "sales:write"],
                    "expires_at": "2027-06-30T00:00:00Z",
                }
            ]
        },
    )

    name: str = Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$", description="Which machine it is")
    scopes: list[Scope] = Field(min_length=1, max_length=40)
    expires_at: Instant = Field(description="Within a year")


class RotationBody(BaseModel):
    """How the next key lives, and for how long the present one still does."""

    model_config = ConfigDict(extra="forbid")

    expires_at: Instant | None = Field(None, description="In 90 days unless said")
    overlap_hours: int = Field(24, strict=True, ge=0, le=int(LONGEST_OVERLAP.total_seconds() // 3600))


class KeyAnswer(BaseModel):
    """A key without its secret."""

    id: UUID
    name: str
    scopes: list[Scope]
    created_by: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    replaces_id: UUID | None
    last_used_at: datetime | None


class GivenKeyAnswer(KeyAnswer):
    """A new key. The secret is shown this once; send it as `Authorization: Bearer`."""

    secret: str


class KeysAnswer(BaseModel):
    """All keys."""

    items: list[KeyAnswer]
    next_cursor: None


@router.get("", response_model=KeysAnswer, operation_id="list_api_keys", summary="List API keys")
async def list_api_keys(read: Annotated[Reading, reading(Scope.USERS_ADMIN)]) -> Response:
    """The newest first, also revoked and expired ones, with the minute of their last use."""
    return json_answer({"items": await service.all_keys(read.connection, read.tenant_id), "next_cursor": None})


@router.post("", response_model=GivenKeyAnswer, status_code=201, operation_id="give_api_key", summary="Give an API key")
async def give_api_key(request: Request, principal: Admin, body: KeyBody) -> Response:
    """For a machine, with scopes that the giver has too. Some scopes are for persons only."""
    services = services_of(request.app)
    async with own_transaction(services.engine, services.clock, principal) as transaction:
        row, secret = await service.give(transaction, body.name, body.scopes, body.expires_at)
    return json_answer(row | {"secret": secret}, HTTPStatus.CREATED, {"Cache-Control": "no-store"})


@router.post(
    "/{key_id}/rotate",
    response_model=GivenKeyAnswer,
    status_code=201,
    operation_id="rotate_api_key",
    summary="Give the next key for the same machine",
)
async def rotate_api_key(
    request: Request, principal: Admin, key_id: UUID, body: RotationBody | None = None
) -> Response:
    """Same name and scopes. The present key holds until the overlap ends, so that the machine can change over."""
    services = services_of(request.app)
    wanted = body or RotationBody.model_validate({})
    expires_at = wanted.expires_at or services.clock() + LIFE
    overlap = timedelta(hours=wanted.overlap_hours)
    async with own_transaction(services.engine, services.clock, principal) as transaction:
        row, secret = await service.rotate(transaction, key_id, expires_at, overlap)
    return json_answer(row | {"secret": secret}, HTTPStatus.CREATED, {"Cache-Control": "no-store"})


@router.post("/{key_id}/revoke", response_model=KeyAnswer, operation_id="revoke_api_key", summary="End an API key now")
async def revoke_api_key(request: Request, principal: Admin, key_id: UUID) -> Response:
    """Every replica refuses it within ten seconds."""
    services = services_of(request.app)
    async with own_transaction(services.engine, services.clock, principal) as transaction:
        row = await service.revoke(transaction, key_id)
    return json_answer(row)
