"""An administrator's connection to the test's own database."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from valeo_erp.demo.postgres import LocalServer


@pytest.fixture
async def administration(server: LocalServer, database: str) -> AsyncIterator[asyncpg.Connection]:
    """For tests that change what nobody may change."""
    password = (server.secrets / "postgres" / "password").read_text()
    connection = await asyncpg.connect(
        host="127.0.0.1", port=server.port, user="postgres", password=password, database=database
    )
    yield connection
    await connection.close()
