"""A real PostgreSQL for the whole run, a fresh database cloned for every test, and the ERP in this process."""

from collections.abc import AsyncIterator, Iterator
from itertools import count

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from tests.support.databases import administrator, cloned_database, settings_for
from tests.support.people import KnownPeople
from tests.support.sign_in import Browser, browser, identity_provider, signed_in_settings

from valeo_erp.app import create_app
from valeo_erp.demo.postgres import LocalServer, local_server
from valeo_erp.kernel.settings import Settings
from valeo_erp.migrations.migrate import migrate
from valeo_erp.migrations.provision import provision

TEMPLATE = "valeo_template"
_names = count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[LocalServer]:
    """One server; durability is off because a test that crashes the server makes its own."""
    with local_server(fsync="off", synchronous_commit="off", full_page_writes="off", max_connections="200") as running:
        yield running


@pytest.fixture(scope="session")
async def template(server: LocalServer) -> str:
    """A migrated and seeded database that every test clones."""
    from valeo_erp.seeds.trader import seed  # noqa: PLC0415 - after the server is known to run

    settings = settings_for(server, TEMPLATE)
    await provision(settings)
    await migrate(settings)
    await seed(settings)
    return TEMPLATE


@pytest.fixture
async def database(server: LocalServer, template: str) -> AsyncIterator[str]:
    """The name of a fresh, seeded database."""
    async with cloned_database(server, template, f"valeo_test_{next(_names)}") as name:
        yield name


@pytest.fixture
def settings(server: LocalServer, database: str) -> Settings:
    """The settings of an ERP on the test's own database."""
    return settings_for(server, database)


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[FastAPI]:
    """The running application, its services started."""
    made = create_app(settings, KnownPeople())
    async with made.router.lifespan_context(made):
        yield made


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Speaks HTTP with the application; say who asks with `headers=as_("olga")`."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://erp.test") as made:
        yield made


@pytest.fixture
def as_() -> object:
    """The header with which a person of the tests comes."""
    return lambda person, **more: {
        "Authorization": f"Bearer {person}",
        **{k.replace("_", "-"): v for k, v in more.items()},
    }


@pytest.fixture
async def administration(server: LocalServer, database: str) -> AsyncIterator[asyncpg.Connection]:
    """A superuser's connection to the test's own database, for what the application may not do."""
    connection = await administrator(server, database)
    yield connection
    await connection.close()


@pytest.fixture(scope="session")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The provider's public address."""
    with identity_provider(tmp_path_factory.mktemp("identity")) as address:
        yield address


@pytest.fixture
async def real_app(settings: Settings, issuer: str) -> AsyncIterator[FastAPI]:
    """The application as `valeo-erp serve` makes it."""
    made = create_app(signed_in_settings(settings, issuer))
    async with made.router.lifespan_context(made):
        yield made


@pytest.fixture
async def olga(real_app: FastAPI) -> AsyncIterator[Browser]:
    """Olga's browser, signed in."""
    async with browser(real_app) as made:
        await made.signs_in("olga")
        yield made
