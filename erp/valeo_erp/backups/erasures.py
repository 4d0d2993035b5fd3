"""What was erased in the live database since a backup is erased in the restored one, before anybody sees it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg

from valeo_erp.backups.faults import BackupError
from valeo_erp.backups.making import Server
from valeo_erp.backups.naming import checked_database
from valeo_erp.gdpr.service import erase_here, tombstones
from valeo_erp.kernel.database import connector
from valeo_erp.kernel.settings import Settings
from valeo_erp.migrations.provision import OWNER

_REVISION = "select version_num from alembic_version"
# Whoever erases writes a tombstone last: he waits here, and nothing that he did is committed.
_HOLD = "lock table tombstone in share mode"


@dataclass(frozen=True)
class Held:
    """Erasures in the live database wait. `pid`: of the session that holds them. `erased`: parties carried over."""

    pid: int
    erased: int


async def carry_erasures(server: Server, restored: str) -> int:
    """Erase in the restored database what was erased in the live one since. Repeated, it finds nothing to do.

    Returns:
        How many parties were erased.

    Raises:
        BackupError: the schemas differ; nothing was changed.
    """
    live, beside = server.settings, _settings_of(server, restored)
    before, after = await _revision(server, live), await _revision(server, beside)
    if before != after:
        raise BackupError(
            "other_schema",
            f"{restored} has the schema revision {after}, {live.database_name} has {before}: erasures are carried over"
            f" between equal schemas only. Run valeo-erp migrate with VALEO_DATABASE_NAME={restored} first. Nothing was"
            " changed.",
        )
    return await erase_here(beside, await tombstones(live))


@asynccontextmanager
async def erasures_held(server: Server, restored: str) -> AsyncIterator[Held]:
    """Carry the last erasures over while none is made in the live database, until the block ends.

    Raises:
        BackupError: the schemas differ; nothing was changed.
    """
    connection = await _connected(server, server.settings)
    try:
        async with connection.transaction():
            await connection.execute(_HOLD)
            yield Held(connection.get_server_pid(), await carry_erasures(server, restored))
    finally:
        await connection.close()


def _settings_of(server: Server, database: str) -> Settings:
    return server.settings.model_copy(update={"database_name": checked_database(database)})


async def _connected(server: Server, settings: Settings) -> asyncpg.Connection:
    return await connector(settings, server.owner, "valeo-erp backup", role=OWNER, lock_timeout="10s")()


async def _revision(server: Server, settings: Settings) -> str:
    connection = await _connected(server, settings)
    try:
        return str(await connection.fetchval(_REVISION))
    finally:
        await connection.close()
