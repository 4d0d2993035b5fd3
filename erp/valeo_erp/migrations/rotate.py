"""Changing the login of the application at the database: three small steps, each with its proof, each safe to repeat.

* `admit` gives a login its new password, unless it has it already, and tries it as the application would.
* `unused` proves that nobody is connected with a login.
* `retire` closes a login that nobody uses any more; in an emergency it ends who still does.
"""

from collections.abc import Mapping
from pathlib import Path

import asyncpg

from valeo_erp.kernel.database import SCHEMA
from valeo_erp.kernel.settings import Credentials, Settings
from valeo_erp.migrations import provision

_SESSIONS = "select count(*) from pg_stat_activity where usename = $1"
_MAY = {
    "read documents": f"has_table_privilege('{SCHEMA}.document', 'select')",
    "write documents": f"has_table_privilege('{SCHEMA}.document', 'insert')",
    "change documents": f"has_table_privilege('{SCHEMA}.document', 'update')",
    "write the journal": f"has_table_privilege('{SCHEMA}.journal_entry', 'insert')",
}
_MUST_NOT = {
    "change the journal": f"has_table_privilege('{SCHEMA}.journal_entry', 'update, delete, truncate')",
    "become the owner": f"pg_has_role('{provision.OWNER}', 'member')",
    "make tables": f"has_schema_privilege('{SCHEMA}', 'create')",
}


class RotationRefusedError(RuntimeError):
    """A step would break something, or its proof failed. Says what was seen and what was expected."""


async def admit(settings: Settings) -> Mapping[str, object]:
    """Give the login of the mounted Secret its password, and try it.

    The outcome of an attempt before may be unknown: whoever can log in already is not given the password again.

    Raises:
        RotationRefusedError: somebody is connected with it, or it may do less or more than the application.
    """
    login = Credentials(Path(settings.login_credentials_dirs))
    if not await _logs_in(settings, login):
        admin = await _administrator(settings)
        try:
            await _refuse_if_used(admin, login.username, "a login that is in use is given no other password")
            await provision.admit(admin, login)
        finally:
            await admin.close()
    await _probe(settings, login)
    return {"login": login.username, "version": login.version}


async def unused(settings: Settings, login: str) -> Mapping[str, object]:
    """Prove that nobody is connected with a login.

    Raises:
        RotationRefusedError: somebody is.
    """
    admin = await _administrator(settings)
    try:
        await _refuse_if_used(admin, login, "it is asked again until nobody is")
    finally:
        await admin.close()
    return {"login": login, "sessions": 0}


async def retire(settings: Settings, login: str, *, at_once: bool) -> Mapping[str, object]:
    """Close a login: it may not connect, and its password is gone.

    Args:
        settings: where the server is, and who administers it.
        login: the role.
        at_once: in an emergency: end the sessions that are still open.

    Raises:
        RotationRefusedError: somebody is connected with it, and it is no emergency.
    """
    admin = await _administrator(settings)
    try:
        if not at_once:
            await _refuse_if_used(admin, login, "a login that is in use is not closed")
        if await admin.fetchval("select 1 from pg_roles where rolname = $1", login):
            await admin.execute(f"alter role {provision.quoted(login)} nologin password null")
        ended = await admin.fetchval(
            "select count(pg_terminate_backend(pid, 5000)) from pg_stat_activity where usename = $1", login
        )
    finally:
        await admin.close()
    return {"login": login, "sessions_ended": ended}


async def _administrator(settings: Settings) -> asyncpg.Connection:
    return await provision.connect(settings, Credentials(settings.admin_credentials_dir), "postgres")


async def _logs_in(settings: Settings, login: Credentials) -> bool:
    try:
        connection = await provision.connect(settings, login, settings.database_name)
    except (asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError):
        return False
    await connection.close()
    return True


async def _refuse_if_used(admin: asyncpg.Connection, login: str, why: str) -> None:
    sessions = await admin.fetchval(_SESSIONS, login)
    if sessions:
        raise RotationRefusedError(f"{sessions} sessions of {login} are open, none is expected: {why}")


async def _probe(settings: Settings, login: Credentials) -> None:
    """What the application must be able to do, and what it must not, asked as the application."""
    connection = await provision.connect(settings, login, settings.database_name)
    try:
        lacks = [what for what, sql in _MAY.items() if not await connection.fetchval(f"select {sql}")]
        exceeds = [what for what, sql in _MUST_NOT.items() if await connection.fetchval(f"select {sql}")]
    finally:
        await connection.close()
    if lacks or exceeds:
        told = [*(f"it can not {what}" for what in lacks), *(f"it can {what}" for what in exceeds)]
        raise RotationRefusedError(f"{login.username} has other rights than the application: {'; '.join(told)}")
