"""Migrations: to the head and back, told as read back, one migrator at a time."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from tests.support.databases import administrator, settings_for

from valeo_erp.demo.postgres import LocalServer
from valeo_erp.kernel.database import connector
from valeo_erp.kernel.settings import Credentials, Settings
from valeo_erp.migrations.migrate import (
    MIGRATION_LOCK,
    Migrated,
    MigrationFailedError,
    alembic_config,
    head_revision,
    migrate,
)
from valeo_erp.migrations.provision import OWNER, provision
from valeo_erp.tables import metadata

DATABASE = "valeo_migrations"


@pytest.fixture
async def empty(server: LocalServer) -> AsyncIterator[Settings]:
    """A provisioned database without a schema revision."""
    settings = settings_for(server, DATABASE)
    await provision(settings)
    yield settings
    admin = await administrator(server)
    await admin.execute(f"drop database {DATABASE} with (force)")
    await admin.close()


@pytest.fixture
async def admin(server: LocalServer, empty: Settings) -> AsyncIterator[asyncpg.Connection]:
    """A superuser in that database."""
    connection = await administrator(server, empty.database_name)
    await connection.execute("set search_path = valeo")
    yield connection
    await connection.close()


async def as_owner(settings: Settings, work: object) -> object:
    """Run a synchronous function on a connection of the owner."""
    owner = Credentials(settings.owner_credentials_dir)
    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=connector(settings, owner, "test", role=OWNER), poolclass=NullPool
    )
    async with engine.begin() as connection:
        return await connection.run_sync(work)  # type: ignore[arg-type]


async def test_a_migration_tells_what_it_found_and_what_is_there_now(empty: Settings) -> None:
    assert await migrate(empty) == Migrated(None, head_revision())
    assert await migrate(empty) == Migrated(head_revision(), head_revision())


async def test_the_tables_are_those_of_the_metadata(empty: Settings) -> None:
    await migrate(empty)

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))

    assert await as_owner(empty, differences) == []


async def test_a_migration_goes_back_and_leaves_nothing(empty: Settings, admin: asyncpg.Connection) -> None:
    await migrate(empty)

    def back(connection: Connection) -> None:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.downgrade(config, "base")

    await as_owner(empty, back)
    left = await admin.fetch("select tablename from pg_tables where schemaname = 'valeo'")
    functions = await admin.fetch("select proname from pg_proc where pronamespace = 'valeo'::regnamespace")
    assert ([row["tablename"] for row in left], functions) == (["alembic_version"], [])


async def test_a_database_ahead_of_the_code_is_left_alone(empty: Settings, admin: asyncpg.Connection) -> None:
    await migrate(empty)
    await admin.execute("update alembic_version set version_num = '9999'")
    assert await migrate(empty) == Migrated("9999", "9999")


async def test_a_failed_migration_changes_nothing_and_tells_the_revision(
    empty: Settings, admin: asyncpg.Connection, tmp_path: Path, server: LocalServer
) -> None:
    await admin.execute("create table valeo.tenant (id int)")
    with pytest.raises(MigrationFailedError) as failed:
        await migrate(empty)
    assert failed.value.state == Migrated(None, None)
    assert await admin.fetchval("select count(*) from pg_class where relname = 'document'") == 0
    result = tmp_path / "result"
    command_line = [sys.executable, "-m", "valeo_erp", "migrate", "--result", str(result)]
    environment = os.environ | server.environment(DATABASE)
    process = await asyncio.create_subprocess_exec(*command_line, env=environment, stdout=asyncio.subprocess.DEVNULL)
    status = await process.wait()
    told = json.loads(result.read_text())
    assert (status, told["before"], told["revision"]) == (1, None, None)
    assert "already exists" in told["error"]


async def test_a_second_migrator_waits_for_the_first(empty: Settings, admin: asyncpg.Connection) -> None:
    await admin.execute("select pg_advisory_lock($1)", MIGRATION_LOCK)
    waiting = asyncio.create_task(migrate(empty))
    await asyncio.sleep(1.5)
    assert not waiting.done()
    await admin.execute("select pg_advisory_unlock($1)", MIGRATION_LOCK)
    assert await waiting == Migrated(None, head_revision())
