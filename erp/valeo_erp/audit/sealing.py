"""Seals the audit trail: one sealer at a time walks behind the writers, so that no writer waits for the chain."""

import asyncio
import logging
import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from valeo_erp.audit.chain import GENESIS, Link, sealed
from valeo_erp.audit.models import audit_link
from valeo_erp.kernel.answers import DATABASE_AWAY, database_problem
from valeo_erp.kernel.clock import Clock
from valeo_erp.kernel.tenancy import EVERY, acting_for
from valeo_erp.tenants.models import tenant

EVERY_SECONDS = 2.0
LOOK_BACK = timedelta(minutes=1)
"""Entries that a transaction wrote so long ago may appear only now."""
WHOLE_LOOK_EVERY = 300
"""Looks; then everything is looked at, also what appeared later than `LOOK_BACK`."""
BATCH = 1_000
SEALER_LOCK = 0x5345414C
"""Of one sealer in all replicas: the letters SEAL."""

# The key of entries grows with time. Texts of jsonb are what the database makes of them: always the same.
_UNSEALED = text("""
select e.tenant_id, e.id, e.at, e.actor, e.actor_name, e.action, e.object_kind, e.object_id, e.outcome, e.reason,
       e.before::text as before, e.after::text as after, e.correlation_id
from audit_entry e
where e.tenant_id = :tenant_id and e.id > :after
  and not exists (select from audit_link l where l.tenant_id = e.tenant_id and l.entry_id = e.id)
order by e.id limit :batch
""")
_LAST = select(audit_link.c.sequence, audit_link.c.hash).order_by(audit_link.c.sequence.desc()).limit(1)
_LOCK = text("select pg_try_advisory_xact_lock(:key)")

logger = logging.getLogger(__name__)


async def keep_sealing(engine: AsyncEngine, clock: Clock) -> None:
    """Seal every two seconds, until cancelled."""
    looks = 0
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        try:
            await seal_all(engine, clock, whole=looks % WHOLE_LOOK_EVERY == 0)
        except DATABASE_AWAY as error:
            logger.warning("Sealing the audit trail waits", extra={"cause": database_problem(error).code})
        else:
            looks += 1


async def seal_all(engine: AsyncEngine, clock: Clock, *, whole: bool = True) -> int:
    """Seal what no link holds yet, of every tenant; tells how many entries.

    Args:
        engine: of the application.
        clock: tells when.
        whole: look at all entries, not only at those of the last minute.
    """
    with acting_for(EVERY):
        async with engine.connect() as connection:
            tenants = list(await connection.scalars(select(tenant.c.id)))
    after = UUID(int=0) if whole else _first_id_at(clock() - LOOK_BACK)
    return sum([await _seal(engine, clock, tenant_id, after) for tenant_id in tenants])


async def _seal(engine: AsyncEngine, clock: Clock, tenant_id: UUID, after: UUID) -> int:
    count = 0
    while True:
        with acting_for(tenant_id):
            async with engine.begin() as connection:
                if not await connection.scalar(_LOCK, {"key": SEALER_LOCK}):
                    return count  # another replica does it
                found = await _seal_some(connection, tenant_id, after, clock())
        count += len(found)
        if len(found) < BATCH:
            return count
        after = found[-1].entry_id


async def _seal_some(connection: AsyncConnection, tenant_id: UUID, after: UUID, at: datetime) -> list[Link]:
    values = {"tenant_id": tenant_id, "after": after, "batch": BATCH}
    entries = [dict(row) for row in (await connection.execute(_UNSEALED, values)).mappings()]
    if not entries:
        return []
    last = (await connection.execute(_LAST.where(audit_link.c.tenant_id == tenant_id))).one_or_none()
    sequence, previous = (0, GENESIS) if last is None else (last.sequence, bytes(last.hash))
    links = []
    for entry in entries:
        sequence += 1
        link = sealed(sequence, previous, entry, secrets.token_bytes(16))
        links.append(link)
        previous = link.hash
    await connection.execute(insert(audit_link), [_row(tenant_id, link, at) for link in links])
    return links


def _row(tenant_id: UUID, link: Link, at: datetime) -> dict[str, Any]:
    return {
        "tenant_id": tenant_id,
        "sequence": link.sequence,
        "entry_id": link.entry_id,
        "salt": link.salt,
        "personal_digest": link.personal_digest,
        "hash": link.hash,
        "sealed_at": at,
    }


def _first_id_at(at: datetime) -> UUID:
    """The smallest identifier that an instant can give (UUID version 7 begins with the milliseconds since 1970)."""
    return UUID(int=int(at.timestamp() * 1000) << 80)
