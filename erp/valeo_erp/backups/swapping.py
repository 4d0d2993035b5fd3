"""A restored database takes the place of the live one, and back. Both names change in one transaction."""

from typing import Any

import asyncpg

from valeo_erp.backups.erasures import erasures_held
from valeo_erp.backups.faults import BackupError
from valeo_erp.backups.making import Server
from valeo_erp.backups.naming import checked_database, kept_database
from valeo_erp.backups.restoring import UNDER_WAY, administer

_THERE = """
select datname, shobj_description(oid, 'pg_database') as said from pg_database where datname = any($1::text[])
"""
_END_SESSIONS = """
select coalesce(bool_and(pg_terminate_backend(pid, 5000)), true) from pg_stat_activity
where datname = any($1::text[]) and pid <> $2 and backend_type = 'client backend'
"""
_NOBODY = 0


async def swap(server: Server, restored: str, *, erasures: bool = True) -> dict[str, Any]:
    """Lead the application to the restored database; the one from before is kept. Repeated, it changes nothing.

    Args:
        server: with both databases.
        restored: the database that was restored.
        erasures: made in the live database since the backup are made in the restored one too, before anybody sees it.

    Raises:
        BackupError: there is nothing to swap, or the erasures can't be carried over; the names are as they were.
    """
    live, kept = checked_database(server.settings.database_name), kept_database(checked_database(restored))
    admin = await administer(server)
    try:
        there = await _there(admin, live, restored, kept)
        if there.keys() >= {live, kept} and restored not in there:
            await _let_in(admin, live)
            return {"live": live, "kept": kept, "swapped": True, "erased": 0}
        if there.keys() != {live, restored} or there[restored] == UNDER_WAY:
            raise _nothing_to_swap(there, (live, restored))
        erased = await _carried_and_fenced(admin, server, live, restored) if erasures else 0
        await _exchange(admin, away=(live, kept), here=(restored, live))
    finally:
        await admin.close()
    return {"live": live, "kept": kept, "swapped": True, "erased": erased}


async def swap_back(server: Server, restored: str) -> dict[str, Any]:
    """Lead the application back to the database from before. Repeated, or before a swap, it changes nothing.

    Raises:
        BackupError: neither is there; nothing was touched.
    """
    live, kept = checked_database(server.settings.database_name), kept_database(checked_database(restored))
    admin = await administer(server)
    try:
        there = await _there(admin, live, restored, kept)
        if kept in there and live in there and restored not in there:
            await _exchange(admin, away=(live, restored), here=(kept, live))
        elif live in there and kept not in there:
            await _let_in(admin, live)
        else:
            raise _nothing_to_swap(there, (live, kept))
    finally:
        await admin.close()
    return {"live": live, "restored": restored, "swapped": False}


async def drop_replaced(server: Server, restored: str) -> dict[str, Any]:
    """Drop the database from before, once and for all. One that is not there is no error.

    Raises:
        BackupError: no restored database has its place; nothing was touched.
        asyncpg.PostgresError: somebody is connected to it; nothing was touched.
    """
    live, kept = checked_database(server.settings.database_name), kept_database(checked_database(restored))
    admin = await administer(server)
    try:
        there = await _there(admin, live, restored, kept)
        if kept in there and (live not in there or restored in there):
            raise BackupError(
                "not_swapped",
                f"{kept} is dropped only while {live} has its place and {restored} is not there any more; found:"
                f" {', '.join(sorted(there))}. Nothing was touched.",
            )
        if kept in there:
            await admin.execute(f"drop database {kept}")
    finally:
        await admin.close()
    return {"live": live, "kept": kept, "dropped": kept in there}


async def _there(admin: asyncpg.Connection, *names: str) -> dict[str, str | None]:
    return {row["datname"]: row["said"] for row in await admin.fetch(_THERE, list(names))}


async def _carried_and_fenced(admin: asyncpg.Connection, server: Server, live: str, restored: str) -> int:
    """No erasure ends in the live database between reading them and the fence: it waits, and is then cut off."""
    for database in (live, restored):  # what an attempt before this one may have closed
        await _let_in(admin, database)
    async with erasures_held(server, restored) as held:
        await _fence(admin, (live, restored), but=held.pid)
        return held.erased


async def _fence(admin: asyncpg.Connection, databases: tuple[str, str], *, but: int = _NOBODY) -> None:
    """Nobody comes in any more, and who is inside is gone when this ends. `but`: the process that may stay."""
    for database in databases:
        await admin.execute(f"alter database {database} with allow_connections false")
    if not await admin.fetchval(_END_SESSIONS, list(databases), but):
        raise BackupError(
            "sessions_stay",
            f"Sessions on {' and '.join(databases)} did not end within 5 s. The names were not changed.",
        )


async def _exchange(admin: asyncpg.Connection, *, away: tuple[str, str], here: tuple[str, str]) -> None:
    """The fence first: nobody comes in while the names change. It is lifted for the new live one only."""
    await _fence(admin, (away[0], here[0]))
    async with admin.transaction():
        await admin.execute(f"alter database {away[0]} rename to {away[1]}")
        await admin.execute(f"alter database {here[0]} rename to {here[1]}")
    await _let_in(admin, here[1])


async def _let_in(admin: asyncpg.Connection, database: str) -> None:
    await admin.execute(f"alter database {database} with allow_connections true")


def _nothing_to_swap(there: dict[str, str | None], wanted: tuple[str, str]) -> BackupError:
    found = ", ".join(sorted(there)) or "neither"
    return BackupError(
        "nothing_to_swap",
        f"To swap, the databases {wanted[0]} and {wanted[1]} must be there, complete; found: {found}. Nothing was"
        " touched.",
    )
