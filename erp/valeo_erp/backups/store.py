"""Where backups lie. The store is the truth: what it holds can be listed without anything else."""

import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from valeo_erp.backups.faults import BackupError, BrokenBackupError
from valeo_erp.backups.manifest import LARGEST_MANIFEST, MANIFEST
from valeo_erp.backups.naming import checked_name

_BLOCK = 1 << 20


class Store(Protocol):
    """What a place for backups can do. Names are checked by the caller."""

    def names(self) -> list[str]:
        """Every backup, also one without a manifest, in the order of names."""
        ...

    def files(self, name: str) -> dict[str, int]:
        """The files of a backup without its manifest, with their sizes in bytes."""
        ...

    def put(self, name: str, file: str, blocks: Iterable[bytes]) -> None:
        """Write one file, durable when this returns."""
        ...

    def read(self, name: str, file: str) -> Iterator[bytes]:
        """One file in blocks.

        Raises:
            BrokenBackupError: it is not there.
        """
        ...

    def publish(self, name: str, manifest: bytes) -> None:
        """Write the manifest; from then on the backup is whole."""
        ...

    def manifest(self, name: str) -> bytes:
        """The manifest.

        Raises:
            BrokenBackupError: there is none: it was never finished, or is damaged.
        """
        ...

    def delete(self, name: str) -> None:
        """Take a backup away, its manifest first. One that is not there is no error."""
        ...


class FolderStore:
    """A mounted volume: one folder for each backup."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def names(self) -> list[str]:
        """Folders; a store that was never written to is empty."""
        if not self._root.is_dir():
            return []
        return sorted(each.name for each in self._root.iterdir() if each.is_dir() and not each.name.startswith("."))

    def files(self, name: str) -> dict[str, int]:
        """Sizes as the file system tells them."""
        folder = self._root / name
        if not folder.is_dir():
            return {}
        return {each.name: each.stat().st_size for each in folder.iterdir() if each.name != MANIFEST}

    def put(self, name: str, file: str, blocks: Iterable[bytes]) -> None:
        """Written, flushed, and then given its name."""
        folder = self._root / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _write(folder / file, blocks)
        except OSError as error:
            raise BackupError("store_refused", f"The store does not take {name}/{file}: {error.strerror}.") from error

    def read(self, name: str, file: str) -> Iterator[bytes]:
        """Blocks of one mebibyte."""
        path = self._root / name / file
        try:
            with path.open("rb") as opened:
                while block := opened.read(_BLOCK):
                    yield block
        except FileNotFoundError as error:
            raise BrokenBackupError(f"{name}/{file} is not in the store.") from error
        except OSError as error:
            raise BrokenBackupError(f"{name}/{file} can't be read: {error.strerror}.") from error

    def publish(self, name: str, manifest: bytes) -> None:
        """The last file."""
        self.put(name, MANIFEST, [manifest])

    def manifest(self, name: str) -> bytes:
        """At most four megabytes of it are read."""
        path = self._root / name / MANIFEST
        if not path.is_file():
            raise BrokenBackupError(f"{name} has no manifest: it was never finished.")
        if path.stat().st_size > LARGEST_MANIFEST:
            raise BrokenBackupError(f"The manifest of {name} is too large to be one.")
        return b"".join(self.read(name, MANIFEST))

    def delete(self, name: str) -> None:
        """The manifest first, so that half of a deleted backup never counts."""
        folder = self._root / checked_name(name)
        (folder / MANIFEST).unlink(missing_ok=True)
        if folder.is_dir():
            shutil.rmtree(folder)


def _write(path: Path, blocks: Iterable[bytes]) -> None:
    beside = path.with_name(f".{path.name}.part")
    with beside.open("wb") as opened:
        for block in blocks:
            opened.write(block)
        opened.flush()
        os.fsync(opened.fileno())
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
