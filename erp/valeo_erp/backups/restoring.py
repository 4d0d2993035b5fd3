"""Restoring beside the live data: everything is checked before a database is made, and compared when it is full."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import asyncpg

from valeo_erp.backups import programs
from valeo_erp.backups.faults import BackupError
from valeo_erp.backups.fingerprints import fingerprint, sequences
from valeo_erp.backups.invariants import broken_invariants
from valeo_erp.backups.making import Place, Server
from valeo_erp.backups.manifest import Fingerprint, Form, Manifest, differences
from valeo_erp.backups.naming import checked_database
from valeo_erp.backups.verifying import decoded, manifest_of, unpack
from valeo_erp.events.repository import begin_anew
from valeo_erp.kernel.database import connector
from valeo_erp.kernel.settings import Credentials, Settings
from valeo_erp.migrations.migrate import known_revisions
from valeo_erp.migrations.provision import OWNER, create_database, create_schema

UNDER_WAY = "a restore is under way"
"""The comment of a database that is not complete: an interrupted restore may throw it away, and nothing else."""


@dataclass(frozen=True)
class Restored:
    """What a restore came to.

    Attributes:
        differences: from the fingerprint of the backup; empty if it is exact.
        invariants: of the trade that do not hold; empty if all do.
    """

    name: str
    database: str
    revision: str
    differences: list[str]
    invariants: list[str]

    def told(self, seconds: float) -> dict[str, Any]:
        """The result for the catalogue; long lists are cut."""
        return {
            "name": self.name,
            "database": self.database,
            "revision": self.revision,
            "exact": not self.differences,
            "differences": [words[:200] for words in self.differences[:10]],
            "invariants": [words[:200] for words in self.invariants[:10]],
            "seconds": round(seconds, 1),
        }


def administrator(place: Server) -> Credentials:
    """Who may make databases: the administrator's login where one is mounted, else the migrator's."""
    folder = place.settings.admin_credentials_dir
    return Credentials(folder) if (folder / "username").is_file() else place.owner


async def administer(place: Server, database: str = "postgres") -> asyncpg.Connection:
    """A connection that may make, rename and drop databases."""
    settings = place.settings.model_copy(update={"database_name": database})
    return await connector(settings, administrator(place), "valeo-erp backup", lock_timeout="10s")()


def admitted(place: Place, name: str) -> Manifest:
    """The manifest of a backup that may be restored here.

    Raises:
        BackupError: it is of a foreign installation, or its schema is newer than this version.
        BrokenBackupError: it is not whole.
    """
    manifest = manifest_of(place.store, name)
    if manifest.installation != place.backup.installation:
        raise BackupError(
            "foreign",
            f"{name} is a backup of {manifest.installation or 'no installation'}, this is"
            f" {place.backup.installation or 'no installation'}. Nothing was touched.",
        )
    if manifest.revision not in known_revisions():
        raise BackupError(
            "newer_schema",
            f"{name} has the schema revision {manifest.revision}, which this version does not know. Restore it with"
            " the version that made it, or a later one. Nothing was touched.",
        )
    return manifest


async def restore(place: Place, name: str, database: str) -> Restored:
    """Restore into a new database, and compare it with what was backed up.

    Raises:
        BackupError: it was refused before anything was touched, or failed; then the new database is taken away.
    """
    manifest = admitted(place, name)
    checked_database(database)
    async with place.workroom() as room, AsyncExitStack() as undo:
        place.say({"step": "reading", "name": name})
        unpack(place.store, place.keys, manifest, room / "dump")
        await decoded(room / "dump", name)
        await _make_room(place, database)
        undo.push_async_callback(drop, place, database)
        place.say({"step": "restoring", "rows": manifest.fingerprint.rows})
        login = programs.login(place.settings, administrator(place), database, room) | programs.UNHURRIED_COMMITS
        await programs.run(programs.restore(room / "dump", place.backup.jobs, database), login)
        await _equip(place, database)
        place.say({"step": "comparing", "tables": len(manifest.fingerprint.tables)})
        found = await compared(place, manifest, database)
        await _begin_anew(place, database)
        await _complete(place, database)
        undo.pop_all()
        return found


async def compared(place: Place, manifest: Manifest, database: str) -> Restored:
    """How exactly a database holds what was backed up, and whether the rules of the trade hold in it."""
    settings = place.settings.model_copy(update={"database_name": database})
    # The invariants are looked up by plans that know the tables.
    marks, _ = await asyncio.gather(_marks(settings, place.owner, manifest.fingerprint.form), _analyze(place, database))
    return Restored(
        manifest.name,
        database,
        manifest.revision,
        differences(manifest.fingerprint, marks),
        await broken_invariants(settings, place.owner),
    )


async def _marks(settings: Settings, owner: Credentials, form: Form) -> Fingerprint:
    connection = await connector(settings, owner, "valeo-erp backup", role=OWNER)()
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            return await fingerprint(connection, await sequences(connection), form)
    finally:
        await connection.close()


async def _analyze(place: Place, database: str) -> None:
    admin = await administer(place, database)
    try:
        await admin.execute("analyze")
    finally:
        await admin.close()


async def _make_room(place: Place, database: str) -> None:
    admin = await administer(place)
    try:
        comment = await admin.fetchrow(
            "select shobj_description(oid, 'pg_database') as said from pg_database where datname = $1", database
        )
        if comment is not None and comment["said"] != UNDER_WAY:
            raise BackupError("database_exists", f"The database {database} is there already. Nothing was touched.")
        if comment is not None:
            await admin.execute(f"drop database {database} with (force)")
        await create_database(admin, database)
        await admin.execute(f"comment on database {database} is '{UNDER_WAY}'")
    finally:
        await admin.close()


async def _equip(place: Place, database: str) -> None:
    """The grants of a live database."""
    admin = await administer(place, database)
    try:
        await create_schema(admin, database)
    finally:
        await admin.close()


async def _begin_anew(place: Place, database: str) -> None:
    """After the comparison: cursors and sessions of the time before mean nothing in a restored database."""
    settings = place.settings.model_copy(update={"database_name": database})
    connection = await connector(settings, place.owner, "valeo-erp backup", role=OWNER)()
    try:
        await begin_anew(connection)
    finally:
        await connection.close()


async def _complete(place: Place, database: str) -> None:
    """The last step: until here the database may be thrown away, and nobody swaps it in."""
    admin = await administer(place)
    try:
        await admin.execute(f"comment on database {database} is null")
    finally:
        await admin.close()


async def drop(place: Server, database: str) -> None:
    """Take a database away, whoever is connected to it. One that is not there is no error."""
    admin = await administer(place)
    try:
        await admin.execute(f"drop database if exists {checked_database(database)} with (force)")
    finally:
        await admin.close()
