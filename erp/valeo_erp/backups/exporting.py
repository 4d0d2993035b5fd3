"""One file of a backup for people who keep their own: a tar that `pg_restore` reads once it is unpacked."""

import tarfile
from pathlib import Path
from typing import Any

from valeo_erp.backups.faults import BackupError
from valeo_erp.backups.making import Place
from valeo_erp.backups.naming import exported_file
from valeo_erp.backups.verifying import decoded, manifest_of, unpack

README = """The database of a ValeoERP, dumped by pg_dump in its directory format. It is plain: keep it safe.

Restore it into an empty database with PostgreSQL {server} or later:

    createdb valeo
    pg_restore --no-owner --no-privileges --dbname=valeo {folder}/dump

Backup {name}, schema revision {revision}, {rows} rows in {tables} tables.
"""


async def export(place: Place, name: str, folder: Path) -> dict[str, Any]:
    """Write `valeo_erp_backup_YYYYMMDD_HHMMSS.tar` into a folder.

    Raises:
        BackupError: the file is there already, or the backup is broken.
    """
    manifest = manifest_of(place.store, name)
    target = folder / exported_file(name)
    if target.exists():
        raise BackupError("file_exists", f"{target} is there already. Move it away first.")
    async with place.workroom() as room:
        unpack(place.store, place.keys, manifest, room / "dump")
        await decoded(room / "dump", name)
        told = README.format(
            server=manifest.server,
            folder=target.stem,
            name=name,
            revision=manifest.revision,
            rows=manifest.fingerprint.rows,
            tables=len(manifest.fingerprint.tables),
        )
        (room / "README.txt").write_text(told, encoding="utf-8")
        beside = target.with_suffix(".part")
        with tarfile.open(beside, "w") as tar:
            tar.add(room / "README.txt", f"{target.stem}/README.txt")
            tar.add(room / "dump", f"{target.stem}/dump")
        beside.replace(target)
    return {"name": name, "file": str(target), "bytes": target.stat().st_size}
