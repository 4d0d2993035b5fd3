"""Who has been here, keeping somebody out, and letting him in again."""

from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from valeo_erp.kernel.cursors import cursor_invalid, read_cursor, write_cursor
from valeo_erp.kernel.problems import not_found, refused
from valeo_erp.kernel.unit_of_work import Transaction
from valeo_erp.users.models import app_user

_SHOWN = [column for column in app_user.columns if column.name != "tenant_id"]


async def people(
    connection: AsyncConnection, tenant_id: UUID, cursor: str | None, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """A page of those who have been here, by subject, and where the next begins.

    Raises:
        Problem: 422 when the cursor was not made by this list.
    """
    statement = select(*_SHOWN).where(app_user.c.tenant_id == tenant_id).order_by(app_user.c.subject)
    if cursor is not None:
        statement = statement.where(app_user.c.subject > _subject_in(cursor))
    rows = [dict(row) for row in (await connection.execute(statement.limit(limit + 1))).mappings()]
    return rows[:limit], write_cursor(rows[limit - 1]["subject"]) if len(rows) > limit else None


async def deactivate(transaction: Transaction, subject: str) -> dict[str, Any]:
    """Keep somebody out, whatever the identity provider says.

    Raises:
        Problem: 404, 409 for oneself.
    """
    if subject == transaction.principal.subject:
        raise refused("own_user", "You would lock yourself out. Another administrator must do this.")
    values = {"deactivated_at": transaction.at, "deactivated_by": transaction.principal.subject}
    return await _changed(transaction, subject, "deactivate", values)


async def reactivate(transaction: Transaction, subject: str) -> dict[str, Any]:
    """Let somebody in again.

    Raises:
        Problem: 404.
    """
    return await _changed(transaction, subject, "reactivate", {"deactivated_at": None, "deactivated_by": None})


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
