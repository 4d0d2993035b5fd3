"""Making a backup: one snapshot for all tables and the fingerprint, everything into the store, the manifest last."""

import asyncio
import hashlib
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from valeo_erp import __version__
from valeo_erp.backups import programs
from valeo_erp.backups.faults import BackupError
from valeo_erp.backups.fingerprints import fingerprint, sequences
from valeo_erp.backups.manifest import Manifest, StoredFile, written
from valeo_erp.backups.naming import checked_name
from valeo_erp.backups.sealing import Keyring, sealed
from valeo_erp.backups.settings import BackupSettings
from valeo_erp.backups.store import Store
from valeo_erp.backups.verifying import verify
from valeo_erp.kernel.clock import Clock, system_clock
from valeo_erp.kernel.database import connector
from valeo_erp.kernel.settings import Credentials, Settings
from valeo_erp.migrations.provision import OWNER

Say = Callable[[dict[str, Any]], None]

_BLOCK = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Server:
    """What every command works with.

    Attributes:
        say: hears of the progress, as a few words by name.
    """

    settings: Settings
    backup: BackupSettings
    say: Say
    clock: Clock = system_clock

    @property
    def owner(self) -> Credentials:
        """The login that may become the owner of all data."""
        return Credentials(self.settings.owner_credentials_dir)

    @asynccontextmanager
    async def workroom(self) -> AsyncIterator[Path]:
        """A folder for one dump, gone at the end whatever happens."""
        folder = Path(tempfile.mkdtemp(prefix="valeo-backup-", dir=self.backup.work_dir))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True, kw_only=True)
class Place(Server):
    """The server together with a store of backups."""

    store: Store

    @property
    def keys(self) -> Keyring:
        """The keys that are mounted."""
        return Keyring(self.backup.keys_dir)


async def make(place: Place, name: str) -> dict[str, Any]:
    """Make a backup and prove it by a full decode.

    Returns:
        What the catalogue wants to know.

    Raises:
        BackupError: it was not made; what there is of it never counts.
    """
    checked_name(name)
    if place.store.files(name):
        place.store.delete(name)  # what an attempt before this one left
    began = place.clock()
    async with place.workroom() as room:
        made = await _dumped(place, name, began, room)
        content = written(made)
        place.store.publish(name, content)
        place.say({"step": "verifying", "name": name})
        await verify(place.store, place.keys, name, room)
    return {**made.summary(content), "verified": True}


async def _dumped(place: Place, name: str, began: Any, room: Path) -> Manifest:
    connect = connector(place.settings, place.owner, "valeo-erp backup", role=OWNER, lock_timeout="30s")
    connection = await connect()
    try:
        version = await _fitting_version(connection)
        last = await sequences(connection)
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            snapshot = await connection.fetchval("select pg_export_snapshot()")
            revision = await connection.fetchval("select version_num from alembic_version")
            place.say({"step": "dumping", "name": name, "revision": revision})
            login = programs.login(place.settings, place.owner, place.settings.database_name, room)
            command = programs.dump(snapshot, place.backup.jobs, version, room / "dump")
            # The snapshot lives as long as the transaction that exported it; the fingerprint is taken meanwhile.
            marks, _ = await asyncio.gather(fingerprint(connection, last), programs.run(command, login))
            server = str(connection.get_server_version().major)
    finally:
        await connection.close()
    files = _stored(place, name, room / "dump")
    return Manifest(
        name=name,
        installation=place.backup.installation,
        version=__version__,
        revision=str(revision),
        server=server,
        began=began,
        ended=place.clock(),
        encrypted_with=place.backup.key_id,
        files=tuple(files),
        fingerprint=marks,
    )


async def _fitting_version(connection: asyncpg.Connection) -> int:
    client, server = await programs.client_version(), connection.get_server_version().major
    if client < server:
        raise BackupError(
            "program_too_old",
            f"pg_dump is of version {client}, the server of version {server}: a dump needs a program that is not"
            f" older. Install postgresql-client-{server}.",
        )
    return client


def _stored(place: Place, name: str, dump: Path) -> Iterator[StoredFile]:
    cipher = place.keys.cipher(place.backup.key_id) if place.backup.key_id else None
    paths = sorted(dump.iterdir())
    for number, path in enumerate(paths, 1):
        plain = _blocks(path)
        counted = _Counted(sealed(plain, cipher) if cipher else plain)
        place.store.put(name, path.name, counted)
        path.unlink()
        place.say({"step": "storing", "file": number, "of": len(paths)})
        yield StoredFile(path.name, counted.bytes, counted.sha256)


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as opened:
        while block := opened.read(_BLOCK):
            yield block


class _Counted:
    """Blocks on their way into the store, counted and hashed as they pass."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self._blocks = blocks
        self._digest = hashlib.sha256()
        self.bytes = 0

    def __iter__(self) -> Iterator[bytes]:
        for block in self._blocks:
            self._digest.update(block)
            self.bytes += len(block)
            yield block

    @property
    def sha256(self) -> str:
        """Of what has passed."""
        return self._digest.hexdigest()
