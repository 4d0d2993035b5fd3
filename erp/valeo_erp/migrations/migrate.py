"""Brings the schema to this version's head: one migrator at a time, bounded in time, read back afterwards."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from valeo_erp.kernel.database import connector
from valeo_erp.kernel.settings import Credentials, Settings
from valeo_erp.migrations.provision import OWNER
from valeo_erp.seeds.smoke import add_smoke_tenant

OLDEST_REVISION = "0001"
"""The oldest schema this version's code can run on."""

MIGRATION_LOCK = 0x56414C454F
"""The advisory lock that every migrator takes: the letters VALEO."""

LOCK_WAIT_SECONDS = 60


@dataclass(frozen=True)
class Migrated:
    """What a migration did, as read back from the database.

    Attributes:
        before: the revision found, None in an empty database.
        revision: the revision read back on a new connection.
    """

    before: str | None
    revision: str | None


class MigrationFailedError(RuntimeError):
    """The upgrade stopped. Carries what was found before and what is there now, as read back."""

    def __init__(self, cause: Exception, state: Migrated) -> None:
        super().__init__(str(cause).splitlines()[0])
        self.state = state


class MigratorBusyError(RuntimeError):
    """Another migrator held the lock for longer than this one waits."""


def alembic_config() -> Config:
    """The configuration of Alembic: no file, only where the scripts are."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


def head_revision() -> str:
    """The revision that this version's code was written for."""
    head = ScriptDirectory.from_config(alembic_config()).get_current_head()
    if head is None:
        raise RuntimeError("The package carries no migrations")
    return head


def known_revisions() -> frozenset[str]:
    """All revisions that this version knows: another one in the database is from a newer version."""
    return frozenset(step.revision for step in ScriptDirectory.from_config(alembic_config()).walk_revisions())


async def read_revision(connection: AsyncConnection) -> str | None:
    """The revision that the database says it is at, None before the first migration."""
    exists = await connection.scalar(text("select to_regclass('alembic_version') is not null"))
    if not exists:
        return None
    revision: str | None = await connection.scalar(text("select version_num from alembic_version"))
    return revision


async def migrate(settings: Settings, target: str = "head") -> Migrated:
    """Upgrade to `target` and tell what was found and what is there now.

    A database at a revision that this version does not know is ahead of it: that is ready, and left alone.

    Raises:
        MigratorBusyError: another migrator is at work.
        MigrationFailedError: a step was refused; the error tells the revision that is there now.
    """
    owner = Credentials(settings.owner_credentials_dir)
    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=connector(
            settings, owner, "valeo-erp migrate", role=OWNER, lock_timeout="5s", statement_timeout="10min"
        ),
        poolclass=NullPool,
    )
    async with engine.connect() as guard:
        await _take_lock(guard)
        before = await read_revision(guard)
        await guard.commit()
        if before is not None and before not in known_revisions():
            return Migrated(before, before)
        try:
            async with engine.begin() as work:
                await work.run_sync(_upgrade, target)
                if target == "head":
                    await add_smoke_tenant(work)
        except (SQLAlchemyError, CommandError) as cause:
            raise MigrationFailedError(cause, await _read_back(engine, before)) from cause
        return await _read_back(engine, before)


async def _read_back(engine: AsyncEngine, before: str | None) -> Migrated:
    async with engine.connect() as fresh:
        return Migrated(before, await read_revision(fresh))


async def _take_lock(guard: AsyncConnection) -> None:
    """A session lock on a connection of its own: Alembic itself locks nothing, and may commit in between."""
    for _ in range(LOCK_WAIT_SECONDS):
        if await guard.scalar(text("select pg_try_advisory_lock(:key)"), {"key": MIGRATION_LOCK}):
            return
        await asyncio.sleep(1)
    raise MigratorBusyError(
        f"Another migrator has held the lock for {LOCK_WAIT_SECONDS} s. Wait for it, or end its session."
    )


def _upgrade(connection: Connection, target: str) -> None:
    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, target)
