"""Proving a backup: every byte is read, hashed, decrypted, and the dump is decoded to its end."""

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from valeo_erp.backups import programs
from valeo_erp.backups.faults import BackupError, BrokenBackupError
from valeo_erp.backups.manifest import Manifest, StoredFile, read
from valeo_erp.backups.naming import checked_name
from valeo_erp.backups.sealing import Keyring, opened
from valeo_erp.backups.store import Store


def manifest_of(store: Store, name: str) -> Manifest:
    """The manifest of a backup whose files are all there with the right sizes. Their content is not looked at.

    Raises:
        BrokenBackupError: it is not whole.
    """
    manifest = read(store.manifest(checked_name(name)), name)
    there = store.files(name)
    for file in manifest.files:
        if file.name not in there:
            raise BrokenBackupError(f"{name}/{file.name} is not in the store.")
        if there[file.name] != file.bytes:
            raise BrokenBackupError(
                f"{name}/{file.name} has {there[file.name]} bytes instead of {file.bytes}: it was cut off or changed."
            )
    return manifest


async def verify(store: Store, keys: Keyring, name: str, room: Path) -> Manifest:
    """Read a whole backup and decode it.

    Args:
        store: where it lies.
        keys: to decrypt it.
        name: of the backup.
        room: a folder with room for it; what is written there is taken away again.

    Raises:
        BrokenBackupError: it is not what was put there.
        BackupError: its key is not mounted.
    """
    manifest = manifest_of(store, name)
    folder = room / "proof"
    try:
        unpack(store, keys, manifest, folder)
        await decoded(folder, name)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return manifest


def unpack(store: Store, keys: Keyring, manifest: Manifest, folder: Path) -> None:
    """The plain dump, byte for byte as it was made.

    Raises:
        BrokenBackupError: a file is not what was put there.
        BackupError: its key is not mounted.
    """
    cipher = keys.cipher(manifest.encrypted_with) if manifest.encrypted_with else None
    folder.mkdir()
    for file in manifest.files:
        with (folder / file.name).open("wb") as target:
            for block in _plain(store, manifest.name, file, cipher):
                target.write(block)


def _plain(store: Store, name: str, file: StoredFile, cipher: AESGCM | None) -> Iterator[bytes]:
    stored = _hashed(store, name, file)
    return opened(stored, cipher, f"{name}/{file.name}") if cipher else stored


def _hashed(store: Store, name: str, file: StoredFile) -> Iterator[bytes]:
    digest = hashlib.sha256()
    for block in store.read(name, file.name):
        digest.update(block)
        yield block
    if digest.hexdigest() != file.sha256:
        raise BrokenBackupError(f"{name}/{file.name} is not what was put there: its sha-256 is another one.")


async def decoded(folder: Path, name: str) -> None:
    """Let PostgreSQL's own program read the dump to its end.

    Raises:
        BrokenBackupError: it can't.
    """
    try:
        await programs.run(programs.decode(folder), {})
    except BackupError as error:
        if error.code != "program_failed":
            raise
        raise BrokenBackupError(f"The dump in {name} can't be decoded: {error}") from error
