"""Closing a period: from then on nothing is posted into it."""

from datetime import date
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from valeo_erp.kernel.problems import not_found, refused
from valeo_erp.kernel.unit_of_work import Transaction
from valeo_erp.periods.models import period

_COLUMNS = [period.c[name] for name in ("starts_on", "ends_on", "state", "closed_at", "closed_by")]


async def all_periods(connection: AsyncConnection, tenant_id: UUID) -> list[dict[str, Any]]:
    """Every period, the oldest first."""
    statement = select(*_COLUMNS).where(period.c.tenant_id == tenant_id).order_by(period.c.starts_on)
    return [dict(row) for row in (await connection.execute(statement)).mappings()]


async def close(transaction: Transaction, starts_on: date) -> dict[str, Any]:
    """Close a period; waits for the postings that are at work in it.

    Raises:
        Problem: 404, or 409 when it is closed already.
    """
    own = (period.c.tenant_id == transaction.tenant_id, period.c.starts_on == starts_on)
    closing = (
        update(period)
        .where(*own, period.c.state == "open")
        .values(state="closed", closed_at=transaction.at, closed_by=transaction.principal.subject)
        .returning(*_COLUMNS)
    )
    row = (await transaction.connection.execute(closing)).mappings().one_or_none()
    if row is None:
        await _refuse(transaction, starts_on)
        raise not_found("period")
    identifier = uuid5(transaction.tenant_id, f"period {starts_on}")  # periods are known by their first day
    transaction.audit("close", "period", identifier, after={"starts_on": str(starts_on), "state": "closed"})
    transaction.publish("period.closed", "period", identifier, {"starts_on": str(starts_on), "state": "closed"})
    return dict(row)


async def _refuse(transaction: Transaction, starts_on: date) -> None:
    own = (period.c.tenant_id == transaction.tenant_id, period.c.starts_on == starts_on)
    found = (await transaction.connection.execute(select(period.c.closed_by).where(*own))).one_or_none()
    if found is not None:
        raise refused("already_closed", f"The period from {starts_on} was already closed by {found.closed_by}.")
