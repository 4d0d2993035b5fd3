"""What a backup says of itself. Written last, it is the mark that the backup is whole. Pure."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from valeo_erp.backups.faults import BrokenBackupError

FORMAT = 1
MANIFEST = "manifest.json"
LARGEST_MANIFEST = 4_000_000
"""Bytes; a larger one is not read."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file of the dump, as it lies in the store.

    Attributes:
        bytes: in the store, encrypted where the backup is.
        sha256: of these bytes, in hex.
    """

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class TableMark:
    """What one table held.

    Attributes:
        rows: how many.
        sum: a control sum over every row, whatever their order.
    """

    rows: int
    sum: str


class Form(StrEnum):
    """The form in which rows are hashed for their control sum."""

    TEXT = "text"
    BINARY = "binary"


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What the database held in the snapshot.

    Attributes:
        tables: by name.
        sequences: the last value given, read before the dump; a restored one is never behind.
        form: in which rows were hashed. Manifests that name none are from before there was a choice.
    """

    tables: Mapping[str, TableMark]
    sequences: Mapping[str, int]
    form: Form = Form.TEXT

    @property
    def digest(self) -> str:
        """One value for all tables: sha-256, in hex."""
        content = sorted((name, mark.rows, mark.sum) for name, mark in self.tables.items())
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()

    @property
    def rows(self) -> int:
        """Of all tables."""
        return sum(mark.rows for mark in self.tables.values())


@dataclass(frozen=True, slots=True)
class Manifest:
    """One backup.

    Attributes:
        installation: whose data it is, as namespace and name; empty outside a cluster.
        revision: of the schema.
        server: version of the PostgreSQL that was dumped.
        encrypted_with: id of the key, None for plain.
    """

    name: str
    installation: str
    version: str
    revision: str
    server: str
    began: datetime
    ended: datetime
    encrypted_with: str | None
    files: tuple[StoredFile, ...]
    fingerprint: Fingerprint

    def summary(self, written: bytes) -> dict[str, Any]:
        """What the catalogue wants to know. `written`: the manifest as it lies in the store."""
        return {
            "name": self.name,
            "installation": self.installation,
            "revision": self.revision,
            "began": self.began.isoformat(),
            "ended": self.ended.isoformat(),
            "bytes": sum(file.bytes for file in self.files),
            "files": len(self.files),
            "manifest_sha256": hashlib.sha256(written).hexdigest(),
            "fingerprint": self.fingerprint.digest,
            "tables": len(self.fingerprint.tables),
            "rows": self.fingerprint.rows,
            "encrypted_with": self.encrypted_with,
        }


def written(manifest: Manifest) -> bytes:
    """As it lies in the store."""
    content = {"format": FORMAT, **asdict(manifest)}
    return json.dumps(content, indent=1, sort_keys=True, default=datetime.isoformat).encode()


def read(content: bytes, name: str) -> Manifest:
    """The manifest of the backup with this name.

    Raises:
        BrokenBackupError: it is not one, or another backup's.
    """
    try:
        told = json.loads(content)
        if told["format"] != FORMAT:
            raise BrokenBackupError(f"The manifest of {name} has format {told['format']}; this version reads {FORMAT}.")
        made = _of(told)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BrokenBackupError(
            f"The manifest of {name} can't be read: {type(error).__name__} at {error}. The backup does not count."
        ) from error
    if made.name != name:
        raise BrokenBackupError(f"The manifest in {name} is that of {made.name}. The backup does not count.")
    return made


def _of(told: Mapping[str, Any]) -> Manifest:
    marks = told["fingerprint"]
    key = told["encrypted_with"]
    return Manifest(
        name=str(told["name"]),
        installation=str(told["installation"]),
        version=str(told["version"]),
        revision=str(told["revision"]),
        server=str(told["server"]),
        began=datetime.fromisoformat(told["began"]),
        ended=datetime.fromisoformat(told["ended"]),
        encrypted_with=None if key is None else str(key),
        files=tuple(_file(each) for each in told["files"]),
        fingerprint=Fingerprint(
            tables={
                str(name): TableMark(int(mark["rows"]), str(mark["sum"])) for name, mark in marks["tables"].items()
            },
            sequences={str(name): int(value) for name, value in marks["sequences"].items()},
            form=Form(marks.get("form", Form.TEXT)),
        ),
    )


def _file(told: Mapping[str, Any]) -> StoredFile:
    name = str(told["name"])
    if not name or "/" in name or name.startswith(".") or name == MANIFEST:
        raise ValueError(f"the file name {name!r}")
    return StoredFile(name, int(told["bytes"]), str(told["sha256"]))


def differences(expected: Fingerprint, found: Fingerprint) -> list[str]:
    """Where restored data is not exactly what was backed up; empty if it is."""
    told = []
    for name in sorted({*expected.tables, *found.tables}):
        before, after = expected.tables.get(name), found.tables.get(name)
        if before is None or after is None:
            told.append(f"table {name}: {'not in the backup' if before is None else 'not restored'}")
        elif before.rows != after.rows:
            told.append(f"table {name}: {after.rows} rows instead of {before.rows}")
        elif before.sum != after.sum:
            told.append(f"table {name}: {after.rows} rows, but not the same ones")
    for name, last in sorted(expected.sequences.items()):
        restored = found.sequences.get(name)
        if restored is None or restored < last:
            told.append(f"sequence {name}: at {restored} instead of {last} or later")
    return told
