"""As the application's own login: without a tenant nothing is seen, with one only its rows, in every table."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from tests.integration.hardening.conftest import Things
from tests.support.people import BRANDT, HOFMANN

from valeo_erp.composition import services_of
from valeo_erp.kernel.database import connector
from valeo_erp.kernel.settings import Settings
from valeo_erp.kernel.tenancy import EVERY, SETTING, acting_for
from valeo_erp.tables import metadata

KEYED = {table.name: "tenant_id" for table in metadata.sorted_tables if "tenant_id" in table.c} | {"tenant": "id"}
SHOWN_TO_EVERY_TENANT = {"tenant", "document", "outbox"}


@pytest.fixture
async def application(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    """A connection with the rights of the serving process."""
    connection = await connector(settings, settings.application_credentials, "test")()
    yield connection
    await connection.close()


async def seen(connection: asyncpg.Connection, table: str) -> set[UUID]:
    rows = await connection.fetch(f"select distinct {KEYED[table]} as tenant from {table}")  # noqa: S608
    return {row["tenant"] for row in rows}


async def filled(administration: asyncpg.Connection) -> set[str]:
    """The tables that have rows of Landhandel Hofmann."""
    found = set()
    for table, key in KEYED.items():
        if await administration.fetchval(f"select 1 from valeo.{table} where {key} = $1 limit 1", HOFMANN):  # noqa: S608
            found.add(table)
    return found


async def test_every_table_with_a_tenant_has_its_policy(administration: asyncpg.Connection) -> None:
    rows = await administration.fetch(
        "select tablename from pg_policies p join pg_class c on c.relname = p.tablename "
        "where schemaname = 'valeo' and policyname = 'own_tenant' and c.relrowsecurity and permissive = 'PERMISSIVE' "
        "and cmd = 'ALL' and roles = '{public}'"
    )
    assert {row["tablename"] for row in rows} == set(KEYED)


async def test_the_application_can_not_pass_by_the_policies(administration: asyncpg.Connection) -> None:
    able = await administration.fetch(
        "select rolname from pg_roles where (rolbypassrls or rolsuper) and rolname ~ '^valeo'"
        " union select m.rolname from pg_auth_members a join pg_roles m on m.oid = a.member"
        " join pg_roles g on g.oid = a.roleid where g.rolname = 'valeo_owner' and m.rolname !~ 'migrator'"
    )
    assert [row["rolname"] for row in able] == []


async def test_nothing_is_seen_without_a_tenant_and_only_ones_own_with_one(
    application: asyncpg.Connection, administration: asyncpg.Connection, things: Things
) -> None:
    hofmanns = await filled(administration)
    assert hofmanns >= {"document", "document_line", "audit_entry", "outbox", "party", "item", "tenant"}
    for tenant, expected in ((None, set()), (HOFMANN, {HOFMANN}), (BRANDT, {BRANDT})):
        await application.execute(f"set {SETTING} = '{tenant or ''}'")
        found = {table: await seen(application, table) for table in hofmanns}
        assert {table: who for table, who in found.items() if not who <= expected} == {}
        if tenant == HOFMANN:
            assert all(who == expected for who in found.values())


async def test_what_looks_across_tenants_sees_only_what_it_needs(
    application: asyncpg.Connection, administration: asyncpg.Connection, things: Things
) -> None:
    await application.execute(f"set {SETTING} = '{EVERY}'")
    found = {table for table in await filled(administration) if await seen(application, table)}
    assert found == SHOWN_TO_EVERY_TENANT
    assert await application.execute("update document set note = 'mine'") == "UPDATE 0"


async def test_nothing_can_be_written_into_or_changed_in_another_tenant(
    application: asyncpg.Connection, things: Things
) -> None:
    await application.execute(f"set {SETTING} = '{BRANDT}'")
    changed = await application.execute("update party set name = 'x' where tenant_id = $1", HOFMANN)
    moved = application.execute("update period set tenant_id = $1 where tenant_id = $2", HOFMANN, BRANDT)
    assert changed == "UPDATE 0"
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        await moved
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        await application.execute(
            "insert into outbox (tenant_id, kind, object_kind, object_id, data) values ($1, 'x', 'x', $2, '{}')",
            HOFMANN,
            uuid4(),
        )


async def test_a_pooled_connection_that_served_one_tenant_shows_another_only_its_own(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    engine = services_of(app).read_engine
    everything = text("select distinct tenant_id from party")
    for tenant in (HOFMANN, BRANDT, HOFMANN):
        with acting_for(tenant):
            async with engine.connect() as connection:
                assert set(await connection.scalars(everything)) == {tenant}
    for person, tenant in (("adam", HOFMANN), ("bruno", BRANDT)):
        answer = await client.get("/api/v1/me", headers={"Authorization": f"Bearer {person}"})
        assert answer.status_code == 200, answer.text
        async with engine.connect() as connection:
            assert set(await connection.scalars(everything)) == {tenant}


async def test_the_owner_sees_everything_so_that_dumps_are_whole(administration: asyncpg.Connection) -> None:
    await administration.execute("set role valeo_owner")
    rows = await administration.fetch("select distinct tenant_id from valeo.party")
    assert {row["tenant_id"] for row in rows} >= {HOFMANN, BRANDT}
