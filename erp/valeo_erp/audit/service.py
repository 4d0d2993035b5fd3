"""Verifying, searching and exporting the audit trail."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from valeo_erp.audit.chain import GENESIS, Link, fault
from valeo_erp.audit.repository import EntryFilter, entries_statement
from valeo_erp.exporting.manifest import instant_text
from valeo_erp.exporting.repository import snapshot
from valeo_erp.exporting.service import ExportFile
from valeo_erp.exporting.spool import Spool
from valeo_erp.identity.scopes import Principal
from valeo_erp.kernel.clock import Clock
from valeo_erp.kernel.unit_of_work import own_transaction

ROWS_AT_ONCE = 1_000

_CHAIN = text("""
select l.sequence, l.entry_id, l.salt, l.personal_digest, l.hash, l.sealed_at,
       e.tenant_id, e.id, e.at, e.actor, e.actor_name, e.action, e.object_kind, e.object_id, e.outcome, e.reason,
       e.before::text as before, e.after::text as after, e.correlation_id
from audit_link l
left join audit_entry e on e.tenant_id = l.tenant_id and e.id = l.entry_id
where l.tenant_id = :tenant_id and l.sequence > :after
order by l.sequence limit :batch
""")
_UNSEALED = text("""
select count(*) from audit_entry e where e.tenant_id = :tenant_id
  and not exists (select from audit_link l where l.tenant_id = e.tenant_id and l.entry_id = e.id)
""")


@dataclass(frozen=True, slots=True)
class BrokenEntry:
    """The first entry that is not what it was when it was sealed."""

    sequence: int
    entry_id: UUID
    at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class AuditVerification:
    """What a walk over the whole chain found.

    Attributes:
        verified: nothing is broken.
        entries: how many were found good, up to the first broken one.
        head: hash of the last good link, in hex; compare it with one that was noted elsewhere.
        sealed_at: when the last good link was made.
        unsealed: entries that no link holds yet, such as those of the last seconds.
        first_broken: None if nothing is.
    """

    verified: bool
    entries: int
    head: str
    sealed_at: datetime | None
    unsealed: int
    first_broken: BrokenEntry | None


async def verify(connection: AsyncConnection, tenant_id: UUID) -> AuditVerification:
    """Compute every hash again, from the first link to the last, at constant memory."""
    previous, good, sealed_at = GENESIS, 0, None
    broken: BrokenEntry | None = None
    async for row in _chain(connection, tenant_id):
        link = Link(row.sequence, row.entry_id, row.salt, row.personal_digest, row.hash)
        entry = None if row.id is None else row._mapping  # noqa: SLF001 - SQLAlchemy's documented mapping of a row
        if reason := fault(link, good + 1, previous, entry):
            broken = BrokenEntry(row.sequence, row.entry_id, row.at, reason)
            break
        previous, good, sealed_at = link.hash, good + 1, row.sealed_at
    unsealed: int = (await connection.execute(_UNSEALED, {"tenant_id": tenant_id})).scalar_one()
    return AuditVerification(broken is None, good, previous.hex(), sealed_at, unsealed, broken)


async def _chain(connection: AsyncConnection, tenant_id: UUID) -> AsyncIterator[Any]:
    after = 0
    while True:
        values = {"tenant_id": tenant_id, "after": after, "batch": ROWS_AT_ONCE}
        rows = (await connection.execute(_CHAIN, values)).all()
        for row in rows:
            yield row
        if len(rows) < ROWS_AT_ONCE:
            return
        after = rows[-1].sequence


async def export(engine: AsyncEngine, clock: Clock, principal: Principal, wanted: EntryFilter) -> ExportFile:
    """The entries of a filter as JSON lines, oldest first, of one snapshot; the export is audited itself.

    Raises:
        Problem: 503 when the disk is full.
    """
    spool = Spool()
    count = 0
    try:
        statement = entries_statement(principal.tenant_id, wanted)
        async with snapshot(engine) as taken, taken.stream(statement) as result:
            async for rows in result.mappings().partitions(ROWS_AT_ONCE):
                spool.write(b"".join(to_json(dict(row)) + b"\n" for row in rows))
                count += len(rows)
        made = ExportFile(spool, count, taken.at, wanted.text())
        async with own_transaction(engine, clock, principal) as transaction:
            after = {"filter": made.filter_text, "rows": count, "sha256": spool.sha256.hex()}
            transaction.audit("export", "audit", None, after=after | {"snapshot_at": instant_text(taken.at)})
    except BaseException:
        spool.close()
        raise
    return made
