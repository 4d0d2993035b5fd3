"""The history of one object, oldest first, and the whole trail, newest first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select, tuple_
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


@dataclass(frozen=True)
class EntryFilter:
    """What the trail is narrowed down to; None is no condition."""

    actor: str | None = None
    action: str | None = None
    object_kind: str | None = None
    object_id: UUID | None = None
    outcome: str | None = None
    correlation_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """In SQL."""
        table = audit_entry.c
        equal = ("actor", "action", "object_kind", "object_id", "outcome", "correlation_id")
        found = [table[name] == value for name in equal if (value := getattr(self, name)) is not None]
        if self.since is not None:
            found.append(table.at >= self.since)
        if self.until is not None:
            found.append(table.at < self.until)
        return found

    def text(self) -> str:
        """As a query string."""
        return urlencode({name: str(value) for name, value in vars(self).items() if value is not None})


_TRAIL = [*_COLUMNS, audit_entry.c.object_kind, audit_entry.c.object_id]


def entries_statement(tenant_id: UUID, wanted: EntryFilter) -> Select[Any]:
    """The entries of a filter, oldest first."""
    table = audit_entry.c
    return select(*_TRAIL).where(table.tenant_id == tenant_id, *wanted.conditions()).order_by(table.id)


async def page(
    connection: AsyncConnection, tenant_id: UUID, wanted: EntryFilter, cursor: str | None, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """One page of the trail, newest first, and where the next begins.

    Raises:
        Problem: 422 when the cursor was not made by this list.
    """
    table = audit_entry.c
    statement = entries_statement(tenant_id, wanted).order_by(None).order_by(table.id.desc()).limit(limit + 1)
    if cursor is not None:
        statement = statement.where(table.id < _identifier(cursor))
    rows = [dict(row) for row in (await connection.execute(statement)).mappings()]
    return rows[:limit], write_cursor(str(rows[limit - 1]["id"])) if len(rows) > limit else None


def _identifier(cursor: str) -> UUID:
    try:
        (identifier,) = read_cursor(cursor)
        return UUID(identifier)
    except ValueError as error:
        raise cursor_invalid() from error
