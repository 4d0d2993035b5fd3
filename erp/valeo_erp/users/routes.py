"""The web API of people: who has been here, with which roles, and who may not come in again."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel

from valeo_erp.identity.access import Reading, reading, writing
from valeo_erp.identity.scopes import Role, Scope
from valeo_erp.kernel.answers import EVERY_ANSWER
from valeo_erp.kernel.bodies import json_answer
from valeo_erp.kernel.paging import Cursor, Limit
from valeo_erp.kernel.unit_of_work import Transaction, TransactionalRoute
from valeo_erp.users.service import deactivate, people, reactivate

reads = APIRouter(prefix="/users", tags=["user"], responses=EVERY_ANSWER)
writes = APIRouter(prefix="/users", tags=["user"], responses=EVERY_ANSWER, route_class=TransactionalRoute)

Subject = Annotated[str, Path(max_length=200, description="The `sub` of the identity provider")]


class UserAnswer(BaseModel):
    """Somebody who has signed in. Roles are those of the last sign-in; they are given by the identity provider."""

    subject: str
    name: str
    roles: list[Role]
    first_seen_at: datetime
    last_seen_at: datetime
    deactivated_at: datetime | None
    deactivated_by: str | None


class UsersAnswer(BaseModel):
    """One page, by subject."""

    items: list[UserAnswer]
    next_cursor: str | None


@reads.get("", response_model=UsersAnswer, operation_id="list_users", summary="List people")
async def list_users(
    read: Annotated[Reading, reading(Scope.USERS_ADMIN)], cursor: Cursor = None, limit: Limit = 100
) -> Response:
    """Everybody who has been here."""
    rows, following = await people(read.connection, read.tenant_id, cursor, limit)
    return json_answer({"items": rows, "next_cursor": following})


@writes.post(
    "/{subject}/deactivate", response_model=UserAnswer, operation_id="deactivate_user", summary="Keep somebody out"
)
async def deactivate_user(
    subject: Subject, transaction: Annotated[Transaction, writing(Scope.USERS_ADMIN)]
) -> Response:
    """Whatever the identity provider says. Every replica knows within ten seconds. Nobody deactivates himself."""
    return json_answer(await deactivate(transaction, subject))


@writes.post(
    "/{subject}/reactivate", response_model=UserAnswer, operation_id="reactivate_user", summary="Let somebody in again"
)
async def reactivate_user(
    subject: Subject, transaction: Annotated[Transaction, writing(Scope.USERS_ADMIN)]
) -> Response:
    """As far as the identity provider does."""
    return json_answer(await reactivate(transaction, subject))


router = APIRouter()
router.include_router(reads)
router.include_router(writes)
