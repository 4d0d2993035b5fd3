"""The history of one object, oldest first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from valeo_erp.audit.models import audit_entry
from valeo_erp.kernel.cursors import cursor_invalid, read_cursor, write_cursor


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One attempt, done or refused."""

    id: UUID
    at: datetime
    actor: str
    actor_name: str
    action: str
    outcome: str
    reason: str | None
    before: Any
    after: Any
    correlation_id: str


_COLUMNS = [audit_entry.c[name] for name in AuditEntry.__dataclass_fields__]


async def history(
    connection: AsyncConnection, tenant_id: UUID, object_id: UUID, cursor: str | None, limit: int
) -> tuple[list[AuditEntry], str | None]:
    """One page, and where the next begins.

    Raises:
        Problem: 422 when the cursor was not made by this list.
    """
    table = audit_entry.c
    statement = (
        select(*_COLUMNS)
        .where(table.tenant_id == tenant_id, table.object_id == object_id)
        .order_by(table.at, table.id)
        .limit(limit + 1)
    )
    if cursor is not None:
        statement = statement.where(tuple_(table.at, table.id) > tuple_(*_position(cursor)))
    entries = [AuditEntry(*row) for row in await connection.execute(statement)]
    if len(entries) <= limit:
        return entries, None
    last = entries[limit - 1]
    return entries[:limit], write_cursor(last.at.isoformat(), str(last.id))


def _position(cursor: str) -> tuple[datetime, UUID]:
    try:
        at, identifier = read_cursor(cursor)
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None:
            raise cursor_invalid()
        return moment, UUID(identifier)
    except ValueError as error:
        raise cursor_invalid() from error
