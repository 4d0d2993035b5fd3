"""Two replicas on one database, and a writer that commits when a test says so."""

import json
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest
from tests.support.databases import UNHINDERED, cloned_database, settings_for
from tests.support.listening import Replica, replica
from tests.support.people import HOFMANN

from valeo_erp.demo.postgres import LocalServer
from valeo_erp.kernel.database import connector
from valeo_erp.kernel.settings import Settings
from valeo_erp.kernel.tenancy import EVERY, SETTING

Two = tuple[Replica, Replica]

INSERT = """
insert into outbox (tenant_id, kind, object_kind, object_id, data, at)
values ($1, $2, split_part($2, '.', 1), $3, $4, now()) returning xid::text || '.' || id
"""


class Writer:
    """Writes events as a use case does, in transactions that a test opens and ends itself."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self.connection = connection

    async def write(
        self, note: object, *, kind: str = "invoice.edited", tenant: UUID = HOFMANN, about: UUID | None = None
    ) -> None:
        """Insert one event and ring, in the transaction that is open, or in one of its own."""
        await self.connection.fetchval(INSERT, tenant, kind, about or uuid4(), json.dumps({"note": note}))
        await self.connection.execute("select pg_notify('valeo_outbox', '')")


@dataclass(frozen=True)
class Shared:
    """What the tests of one module share."""

    settings: Settings
    replicas: Two


@asynccontextmanager
async def writing_to(settings: Settings) -> AsyncIterator[Writer]:
    """A writer with a connection of its own."""
    connection = await connector(settings, settings.application_credentials, "test writer", **{SETTING: str(EVERY)})()
    try:
        yield Writer(connection)
    finally:
        await connection.close()


@asynccontextmanager
async def _two_replicas(server: LocalServer, database: str, logs: Path) -> AsyncIterator[Two]:
    environment = server.environment(database) | UNHINDERED | {"VALEO_SSE_HEARTBEAT_SECONDS": "0.5"}
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        ports = one.getsockname()[1], other.getsockname()[1]
    async with (
        replica(environment, ports[0], logs / "one.log") as first,
        replica(environment, ports[1], logs / "other.log") as second,
    ):
        yield first, second


@pytest.fixture(scope="module")
async def shared(server: LocalServer, template: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shared]:
    """A database and two replicas for all tests of a module: starting a process takes seconds."""
    async with (
        cloned_database(server, template, "valeo_shared_events") as name,
        _two_replicas(server, name, tmp_path_factory.mktemp("replicas")) as replicas,
    ):
        yield Shared(settings_for(server, name), replicas)


@pytest.fixture
def two_replicas(shared: Shared) -> Two:
    """Two processes of the ERP on one database."""
    return shared.replicas


@pytest.fixture
async def two_own_replicas(server: LocalServer, database: str, tmp_path: Path) -> AsyncIterator[Two]:
    """Two processes that the test may end."""
    async with _two_replicas(server, database, tmp_path) as replicas:
        yield replicas


@pytest.fixture
async def writers(shared: Shared) -> AsyncIterator[list[Writer]]:
    """Three connections of the application's login to the shared database."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(writing_to(shared.settings)) for _ in range(3)]


@pytest.fixture
def writer(writers: list[Writer]) -> Writer:
    """One of them."""
    return writers[0]
