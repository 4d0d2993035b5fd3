"""The audit trail: append-only for the application, sealed behind the writers, and the first broken entry is named."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from tests.support.invoices import posted
from tests.support.people import HOFMANN

from valeo_erp.audit.sealing import seal_all
from valeo_erp.composition import services_of
from valeo_erp.kernel.database import connector
from valeo_erp.kernel.settings import Settings
from valeo_erp.kernel.tenancy import SETTING

ANNA = {"Authorization": "Bearer anna"}


@pytest.fixture
async def application(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    """A connection with the rights of the serving process, for the tenant Hofmann."""
    connection = await connector(settings, settings.application_credentials, "test", **{SETTING: str(HOFMANN)})()
    yield connection
    await connection.close()


@pytest.fixture
async def owner(administration: asyncpg.Connection) -> asyncpg.Connection:
    """Somebody who may do more than the application: the triggers are off."""
    await administration.execute("set search_path = valeo; set session_replication_role = replica")
    return administration


async def sealed(app: FastAPI) -> None:
    services = services_of(app)
    async with asyncio.timeout(20):
        while True:
            await seal_all(services.engine, services.clock)
            engine = services.engine
            async with engine.connect() as connection:
                left = await connection.exec_driver_sql(
                    "select count(*) from audit_entry e where not exists "
                    "(select from audit_link l where l.tenant_id = e.tenant_id and l.entry_id = e.id)"
                )
                if left.scalar_one() == 0:
                    return
            await asyncio.sleep(0.05)  # the sealer of the running application has the lock


async def verification(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await client.get("/api/v1/audit/verify", headers=ANNA)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_everything_that_happened_is_sealed_and_verifies(app: FastAPI, client: httpx.AsyncClient) -> None:
    await posted(client)
    await sealed(app)
    found = await verification(client)
    assert (found["verified"], found["unsealed"], found["first_broken"]) == (True, 0, None)
    assert found["entries"] >= 4
    assert len(found["head"]) == 64


@pytest.mark.parametrize("table", ["audit_entry", "audit_link"])
@pytest.mark.parametrize("change", ["update {} set tenant_id = tenant_id", "delete from {}", "truncate {}"])
async def test_the_application_may_change_and_remove_nothing(
    client: httpx.AsyncClient, application: asyncpg.Connection, table: str, change: str
) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await application.execute(change.format(table))


@pytest.mark.parametrize(
    ("tampering", "reason"),
    [
        (
            "update audit_entry set actor = 'somebody' where id = $1",
            "Actor, reason or values of the entry were changed.",
        ),
        ("update audit_entry set outcome = 'refused' where id = $1", "The entry, or the link before it, was changed."),
        ("delete from audit_entry where id = $1", "The entry was removed."),
        ("delete from audit_link where entry_id = $1", "Link 2 is missing; the next one there is 3."),
    ],
)
async def test_the_first_broken_entry_is_named(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, tampering: str, reason: str
) -> None:
    await posted(client)
    await sealed(app)
    second = await owner.fetchval("select entry_id from audit_link where tenant_id = $1 and sequence = 2", HOFMANN)
    await owner.execute(tampering, second)
    found = await verification(client)
    assert (found["verified"], found["entries"]) == (False, 1)
    assert found["first_broken"]["reason"] == reason
    if "link where" not in tampering:
        assert found["first_broken"]["entry_id"] == str(second)


async def test_two_sealers_at_once_make_one_chain(app: FastAPI, client: httpx.AsyncClient) -> None:
    for _ in range(3):
        await posted(client)
    services = services_of(app)
    await asyncio.gather(*(seal_all(services.engine, services.clock) for _ in range(4)))
    await sealed(app)
    assert (await verification(client))["verified"]


async def test_the_trail_is_searched_by_what_one_knows(client: httpx.AsyncClient) -> None:
    invoice = await posted(client)
    refused = await client.get("/api/v1/audit", headers={"Authorization": "Bearer olga"})
    assert refused.status_code == 403
    by_object = (await client.get(f"/api/v1/audit?object_id={invoice['id']}", headers=ANNA)).json()["items"]
    assert [entry["action"] for entry in by_object] == ["post", "approve", "submit", "create"]
    first = (await client.get("/api/v1/audit?limit=2&action=post", headers=ANNA)).json()
    assert {entry["action"] for entry in first["items"]} == {"post"}
    page = (await client.get("/api/v1/audit?limit=2", headers=ANNA)).json()
    rest = (await client.get(f"/api/v1/audit?limit=200&cursor={page['next_cursor']}", headers=ANNA)).json()
    assert {entry["id"] for entry in page["items"]}.isdisjoint(entry["id"] for entry in rest["items"])
    assert (await client.get("/api/v1/audit?to=2020-01-01T00:00:00Z", headers=ANNA)).json()["items"] == []
    assert (await client.get("/api/v1/audit?cursor=abc", headers=ANNA)).status_code == 422


async def test_an_export_is_whole_and_leaves_its_own_entry(client: httpx.AsyncClient) -> None:
    await posted(client)
    answer = await client.get("/api/v1/audit/export?action=post", headers=ANNA)
    rows = [json.loads(line) for line in answer.content.splitlines()]
    assert {row["action"] for row in rows} == {"post"}
    assert int(answer.headers["export-rows"]) == len(rows)
    entry = (await client.get("/api/v1/audit?action=export&object_kind=audit", headers=ANNA)).json()["items"][0]
    assert entry["after"]["sha256"] == hashlib.sha256(answer.content).hexdigest()


@pytest.mark.parametrize("moment", ["0.5", "1700000000", "2026-11-24", "2026-11-24T08:00:00"])
async def test_a_moment_without_its_zone_is_not_guessed(client: httpx.AsyncClient, moment: str) -> None:
    assert (await client.get(f"/api/v1/audit?to={moment}", headers=ANNA)).status_code == 422
