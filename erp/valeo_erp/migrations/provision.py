"""Roles, database, schema and grants: idempotent, run by a database administrator before the first migration.

* `valeo_owner` (no login) owns the schema; migrations act as this role.
* `valeo_application` (no login) holds the grants of the serving process: it reads and writes, but never owns.
* The migrator logs in and may become the owner. Two application logins share the grants of `valeo_application`, so
  that a password can be rotated while the other login still works.
"""

import base64
import hashlib
import hmac
import secrets
from enum import StrEnum
from pathlib import Path

import asyncpg

from valeo_erp.kernel.database import SCHEMA, tls
from valeo_erp.kernel.settings import Credentials, Settings

OWNER = "valeo_owner"
APPLICATION = "valeo_application"
_ITERATIONS = 4096


class LoginKind(StrEnum):
    """What a login is for."""

    MIGRATOR = "migrator"
    APPLICATION = "application"


GROUP_OF = {LoginKind.MIGRATOR: OWNER, LoginKind.APPLICATION: APPLICATION}


def scram_verifier(password: str, salt: bytes | None = None) -> str:
    """What PostgreSQL stores instead of a password (RFC 5803), so that no statement ever carries one.

    Args:
        password: printable ASCII, which SASLprep leaves as it is.
        salt: 16 random bytes unless given.
    """
    if not (password.isascii() and password.isprintable()):
        raise ValueError("A database password must be printable ASCII")
    salt = secrets.token_bytes(16) if salt is None else salt
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _ITERATIONS)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    stored, server, salt_text = (
        base64.b64encode(part).decode() for part in (hashlib.sha256(client_key).digest(), server_key, salt)
    )
    return f"SCRAM-SHA-256${_ITERATIONS}:{salt_text}${stored}:{server}"


async def provision(settings: Settings) -> list[str]:
    """Bring roles, database, schema and grants to what this version expects.

    Returns:
        The names of the logins that may now connect.
    """
    logins = [Credentials(Path(part)) for part in settings.login_credentials_dirs.split(":") if part]
    admin = Credentials(settings.admin_credentials_dir)
    server = await connect(settings, admin, "postgres")
    try:
        for group in (OWNER, APPLICATION):
            await _create_role(server, group, login=False)
        for login in logins:
            await admit(server, login)
        await create_database(server, settings.database_name)
    finally:
        await server.close()
    database = await connect(settings, admin, settings.database_name)
    try:
        await create_schema(database, settings.database_name)
    finally:
        await database.close()
    return [login.username for login in logins]


async def connect(settings: Settings, credentials: Credentials, database: str) -> asyncpg.Connection:
    """Open one connection with a login, outside of any pool."""
    return await asyncpg.connect(
        host=settings.database_host,
        port=settings.database_port,
        user=credentials.username,
        password=credentials.password,
        database=database,
        ssl=tls(settings),
        timeout=5,
    )


async def _create_role(connection: asyncpg.Connection, name: str, *, login: bool) -> None:
    if not await connection.fetchval("select 1 from pg_roles where rolname = $1", name):
        await connection.execute(f"create role {quoted(name)} {'login' if login else 'nologin'}")


async def admit(connection: asyncpg.Connection, login: Credentials) -> None:
    """Make a login that may connect with this password and has the grants of its kind. For an administrator."""
    await _create_role(connection, login.username, login=True)
    verifier = scram_verifier(login.password)
    await connection.execute(f"alter role {quoted(login.username)} login password '{verifier}'")
    await connection.execute(f"grant {GROUP_OF[LoginKind(login.kind)]} to {quoted(login.username)}")


async def create_database(connection: asyncpg.Connection, name: str) -> None:
    """Make the database, owned by the owner of the schema, if it is not there. For an administrator."""
    if not await connection.fetchval("select 1 from pg_database where datname = $1", name):
        await connection.execute(f"create database {quoted(name)} owner {OWNER} encoding 'UTF8' template template0")


async def create_schema(connection: asyncpg.Connection, database: str) -> None:
    """Make the schema, and say who may come in and what the application may do. For an administrator, in it."""
    defaults = f"alter default privileges for role {OWNER} in schema {SCHEMA}"
    for statement in (
        f"revoke all on database {quoted(database)} from public",
        f"grant connect, temporary on database {quoted(database)} to {OWNER}, {APPLICATION}",
        f"create schema if not exists {SCHEMA} authorization {OWNER}",
        f"grant usage on schema {SCHEMA} to {APPLICATION}",
        f"{defaults} grant select, insert, update, delete on tables to {APPLICATION}",
        f"{defaults} grant usage on sequences to {APPLICATION}",
    ):
        await connection.execute(statement)


def quoted(name: str) -> str:
    """A name as SQL takes it, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'
