"""Databases that the tests of one module share, where a database for each would only cost time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.integration.conftest import administrator

from valeo_erp.demo.postgres import LocalServer


@asynccontextmanager
async def shared_database(server: LocalServer, template: str, name: str) -> AsyncIterator[str]:
    """A clone of the seeded template, gone when the block ends."""
    admin = await administrator(server)
    try:
        await admin.execute(f"create database {name} template {template} owner valeo_owner")
        await admin.execute(f"grant connect, temporary on database {name} to valeo_application")
        yield name
        await admin.execute(f"drop database {name} with (force)")
    finally:
        await admin.close()
