"""A drill: the newest backup becomes a database again, is compared exactly, and the application answers from it."""

import asyncio
import secrets
from http import HTTPStatus
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import UUID

import httpx
from fastapi import Request

from valeo_erp.app import create_app
from valeo_erp.backups.making import Place, Server
from valeo_erp.backups.naming import scratch_database, scratch_databases
from valeo_erp.backups.restoring import administer, drop, restore
from valeo_erp.identity.scopes import Principal, Role
from valeo_erp.kernel.settings import Settings

_LEFT = """
select datname from pg_database d
where datname ~ $1 and not exists (select from pg_stat_activity a where a.datname = d.datname)
"""
_LISTS = ("/api/v1/invoices?limit=50", "/api/v1/parties?limit=50")
_READY_WITHIN_SECONDS = 60


async def drill(place: Place, name: str) -> dict[str, Any]:
    """Restore into a scratch database, compare, let the application answer, and clean up whatever happens.

    Returns:
        How exact it is, which invariants do not hold, and how long it took until the application answered.

    Raises:
        BackupError: the backup can't be restored.
    """
    begun = monotonic()
    database = scratch_database(place.settings.database_name, name)
    await _sweep(place)
    try:
        done = await restore(place, name, database)
        place.say({"step": "starting the application", "database": database})
        async with place.workroom() as room:
            problems = await _answers(place, database, room)
        told = done.told(monotonic() - begun)
        return {**told, "invariants": [*problems, *told["invariants"]]}
    finally:
        await drop(place, database)


async def _sweep(server: Server) -> None:
    """Take away what drills left that were killed. One that is under way is connected to its database."""
    admin = await administer(server)
    try:
        for row in await admin.fetch(_LEFT, scratch_databases(server.settings.database_name)):
            server.say({"step": "taking away what a drill left", "database": row["datname"]})
            await admin.execute(f"drop database {row['datname']}")
    finally:
        await admin.close()


async def _answers(place: Place, database: str, room: Path) -> list[str]:
    """What the application can't read of the restored data. It was compared before: the application may write here."""
    tenants = await _traders(place, database)
    application = create_app(_settings(place.settings, database, room), _Auditor(tenants))
    transport = httpx.ASGITransport(application, raise_app_exceptions=False)
    problems = []
    async with (
        application.router.lifespan_context(application),
        httpx.AsyncClient(transport=transport, base_url="http://drill") as client,
    ):
        await _ready(client)
        for path in ("/readyz", *(f"{listed}#{tenant}" for tenant in tenants for listed in _LISTS)):
            address, _, tenant = path.partition("#")
            answer = await client.get(address, headers={"Authorization": f"Drill {tenant}"})
            if answer.status_code != HTTPStatus.OK:
                problems.append(f"the application answers {address} with {answer.status_code}: {answer.text[:100]}")
    return problems


async def _ready(client: httpx.AsyncClient) -> None:
    """Give the application the time that a starting pod has: on a busy machine it is not ready at once."""
    for _ in range(_READY_WITHIN_SECONDS):
        if (await client.get("/readyz")).status_code == HTTPStatus.OK:
            return
        await asyncio.sleep(1)


async def _traders(place: Place, database: str) -> list[str]:
    """Their ids."""
    admin = await administer(place, database)
    try:
        return [row["id"] for row in await admin.fetch("select id::text as id from valeo.tenant order by id")]
    finally:
        await admin.close()


def _settings(live: Settings, database: str, room: Path) -> Settings:
    """The application of a drill: the owner's login, keys of its own, no identity provider."""
    (room / "session").write_text(secrets.token_hex(32), encoding="ascii")
    return live.model_copy(
        update={
            "database_name": database,
            "database_credentials_dir": live.owner_credentials_dir,
            "keys_dir": room,
            "release_id": "drill",
            "colour": "none",
        }
    )


class _Auditor:
    """Reads as an accountant of the trader that is named; nobody else can reach this application."""

    def __init__(self, tenants: list[str]) -> None:
        self._tenants = frozenset(tenants)

    async def authenticate(self, request: Request) -> Principal:
        named = request.headers["authorization"].removeprefix("Drill ")
        if named not in self._tenants:
            raise AssertionError("a drill asks for the traders of its database only")
        return Principal("drill", "Drill", UUID(named), frozenset({Role.ACCOUNTANT}))
