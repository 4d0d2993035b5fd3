"""Versions of which one is in force: numbered without gaps, put in force by a second person instead of the present one.

Their tables have `tenant_id`, `version`, `state`, `activated_by` and `activated_at`; the states `active` and `retired`
are among theirs, and an index lets only one be active.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Table, func, select, text, update

from valeo_erp.kernel.unit_of_work import Transaction

Row = dict[str, Any]

_ONE_WRITER = text("select pg_advisory_xact_lock(hashtextextended(:noun || ' ' || :tenant_id, 0))")


@dataclass(frozen=True, slots=True)
class Succeeded:
    """What was in force before, None without one, and what is now."""

    before: Row | None
    after: Row


async def next_version(transaction: Transaction, table: Table) -> int:
    """The number of the next version; one writer of a tenant at a time."""
    await transaction.connection.execute(_ONE_WRITER, {"noun": table.name, "tenant_id": str(transaction.tenant_id)})
    newest = select(func.coalesce(func.max(table.c.version), 0) + 1).where(table.c.tenant_id == transaction.tenant_id)
    version: int = (await transaction.connection.execute(newest)).scalar_one()
    return version


async def succeed(
    transaction: Transaction, table: Table, shown: Sequence[Column[Any]], version: int, **more: Any
) -> Succeeded:
    """Put a version in force that is known to be there and to be allowed, and retire the present one.

    Args:
        transaction: of the request.
        table: of the versions.
        shown: the columns of the answer.
        version: what comes into force.
        more: other values of its row.
    """
    own = table.c.tenant_id == transaction.tenant_id
    await transaction.connection.execute(_ONE_WRITER, {"noun": table.name, "tenant_id": str(transaction.tenant_id)})
    present = update(table).where(own, table.c.state == "active").values(state="retired").returning(*shown)
    before = (await transaction.connection.execute(present)).mappings().one_or_none()
    values = {"state": "active", "activated_by": transaction.principal.subject, "activated_at": transaction.at, **more}
    changing = update(table).where(own, table.c.version == version).values(values).returning(*shown)
    after = dict((await transaction.connection.execute(changing)).mappings().one())
    return Succeeded(None if before is None else dict(before), after)
