"""Databases on the tests' own server: who reaches them, and clones of the seeded template."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from valeo_erp.demo.postgres import LocalServer
from valeo_erp.kernel.settings import Settings

UNHINDERED = {
    "VALEO_RATE_LIMITS": "requests=1000000/minute, exports=1000000/minute, open=1000000/minute",
    "VALEO_PRINT_WARM": "false",
}
"""Tests ask more often than people, and start more services."""


def settings_for(server: LocalServer, database: str, **more: str) -> Settings:
    """The settings of an ERP on one database of the server."""
    previous = dict(os.environ)
    os.environ.update(server.environment(database) | UNHINDERED | more)
    try:
        return Settings()
    finally:
        os.environ.clear()
        os.environ.update(previous)


async def administrator(server: LocalServer, database: str = "postgres") -> asyncpg.Connection:
    """A superuser's connection."""
    password = (server.secrets / "postgres" / "password").read_text()
    return await asyncpg.connect(
        host="127.0.0.1", port=server.port, user="postgres", password=password, database=database
    )


@asynccontextmanager
async def cloned_database(server: LocalServer, template: str, name: str) -> AsyncIterator[str]:
    """A clone of the seeded template, gone when the block ends."""
    admin = await administrator(server)
    try:
        await admin.execute(f"create database {name} template {template} owner valeo_owner")
        await admin.execute(f"grant connect, temporary on database {name} to valeo_application")
        yield name
        await admin.execute(f"drop database {name} with (force)")
    finally:
        await admin.close()
