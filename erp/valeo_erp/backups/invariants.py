"""What must hold in the data of every trader, whatever was restored: books, chains, and number series."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from valeo_erp.audit import service as audit
from valeo_erp.journal import service as journal
from valeo_erp.kernel.database import connector
from valeo_erp.kernel.settings import Credentials, Settings
from valeo_erp.migrations.provision import OWNER
from valeo_erp.numbering import repository as numbering

_TENANTS = text("select id, slug from tenant order by slug")
_COUNTERS = text(
    "select document_kind, year from number_counter where tenant_id = :tenant_id order by document_kind, year"
)


async def broken_invariants(settings: Settings, owner: Credentials) -> list[str]:
    """What does not hold, in words; empty if everything does."""
    async with reading(settings, owner, "valeo-erp backup") as connection:
        return await broken_in(connection)


async def broken_in(connection: AsyncConnection) -> list[str]:
    """The same over a connection that sees every trader's rows."""
    found: list[str] = []
    for tenant in (await connection.execute(_TENANTS)).all():
        found += [f"{tenant.slug}: {words}" for words in await _of_tenant(connection, tenant.id)]
    return found


async def _of_tenant(connection: AsyncConnection, tenant_id: UUID) -> list[str]:
    found = []
    book = await journal.verify(connection, tenant_id)
    if book.first_broken is not None:
        found.append(f"the journal is broken after {book.entries} entries: {book.first_broken.reason}")
    trail = await audit.verify(connection, tenant_id)
    if trail.first_broken is not None:
        found.append(f"the audit trail is broken after {trail.entries} entries: {trail.first_broken.reason}")
    for counter in (await connection.execute(_COUNTERS, {"tenant_id": tenant_id})).all():
        proof = await numbering.proof(connection, tenant_id, counter.document_kind, counter.year)
        if proof is None or not proof.complete:
            found.append(f"the number series {counter.document_kind} {counter.year} is not whole")
    return found


@asynccontextmanager
async def reading(settings: Settings, owner: Credentials, application: str) -> AsyncIterator[AsyncConnection]:
    """As the owner, who sees every trader's rows and here changes none."""
    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=connector(settings, owner, application, role=OWNER, row_security="off"),
        poolclass=NullPool,
    ).execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    try:
        async with engine.connect() as connection:
            yield connection
    finally:
        await engine.dispose()
