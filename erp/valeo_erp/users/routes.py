"""The web API of people: who has been here, with which roles, and who may not come in again."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID, uuid5

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel
from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from valeo_erp.identity.access import Reading, reading, writing
from valeo_erp.identity.scopes import Role, Scope
from valeo_erp.kernel.answers import EVERY_ANSWER
from valeo_erp.kernel.bodies import json_answer
from valeo_erp.kernel.cursors import cursor_invalid, read_cursor, write_cursor
from valeo_erp.kernel.paging import Cursor, Limit
from valeo_erp.kernel.problems import not_found, refused
from valeo_erp.kernel.unit_of_work import Transaction, TransactionalRoute
from valeo_erp.users.models import app_user

reads = APIRouter(prefix="/users", tags=["user"], responses=EVERY_ANSWER)
writes = APIRouter(prefix="/users", tags=["user"], responses=EVERY_ANSWER, route_class=TransactionalRoute)

Subject = Annotated[str, Path(max_length=200, description="The `sub` of the identity provider")]
_SHOWN = [column for column in app_user.columns if column.name != "tenant_id"]


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
    statement = select(*_SHOWN).where(app_user.c.tenant_id == read.tenant_id).order_by(app_user.c.subject)
    if cursor is not None:
        statement = statement.where(app_user.c.subject > _subject_in(cursor))
    rows = [dict(row) for row in (await read.connection.execute(statement.limit(limit + 1))).mappings()]
    following = write_cursor(rows[limit - 1]["subject"]) if len(rows) > limit else None
    return json_answer({"items": rows[:limit], "next_cursor": following})


@writes.post(
    "/{subject}/deactivate", response_model=UserAnswer, operation_id="deactivate_user", summary="Keep somebody out"
)
async def deactivate_user(
    subject: Subject, transaction: Annotated[Transaction, writing(Scope.USERS_ADMIN)]
) -> Response:
    """Whatever the identity provider says. Every replica knows within ten seconds. Nobody deactivates himself."""
    if subject == transaction.principal.subject:
        raise refused("own_user", "You would lock yourself out. Another administrator must do this.")
    values = {"deactivated_at": transaction.at, "deactivated_by": transaction.principal.subject}
    return json_answer(await _changed(transaction, subject, "deactivate", values))


@writes.post(
    "/{subject}/reactivate", response_model=UserAnswer, operation_id="reactivate_user", summary="Let somebody in again"
)
async def reactivate_user(
    subject: Subject, transaction: Annotated[Transaction, writing(Scope.USERS_ADMIN)]
) -> Response:
    """As far as the identity provider does."""
    values = {"deactivated_at": None, "deactivated_by": None}
    return json_answer(await _changed(transaction, subject, "reactivate", values))


async def _changed(transaction: Transaction, subject: str, action: str, values: dict[str, Any]) -> dict[str, Any]:
    own = (app_user.c.tenant_id == transaction.tenant_id, app_user.c.subject == subject)
    old = await _found(transaction.connection, own)
    statement = update(app_user).where(*own).values(values).returning(*_SHOWN)
    row = dict((await transaction.connection.execute(statement)).mappings().one())
    identifier = user_id(transaction.tenant_id, subject)
    transaction.audit(action, "user", identifier, before=_standing(old), after=_standing(row))
    return row


async def _found(connection: AsyncConnection, own: tuple[ColumnElement[bool], ...]) -> dict[str, Any]:
    row = (await connection.execute(select(*_SHOWN).where(*own).with_for_update())).mappings().one_or_none()
    if row is None:
        raise not_found("user")
    return dict(row)


def user_id(tenant_id: UUID, subject: str) -> UUID:
    """How the audit names somebody: people are known by their subject."""
    return uuid5(tenant_id, f"user {subject}")


def _standing(row: dict[str, Any]) -> dict[str, Any]:
    at = row["deactivated_at"]
    return {"subject": row["subject"], "deactivated_at": at and at.isoformat()}


def _subject_in(cursor: str) -> str:
    match read_cursor(cursor):
        case [subject]:
            return subject
        case _:
            raise cursor_invalid()


router = APIRouter()
router.include_router(reads)
router.include_router(writes)
