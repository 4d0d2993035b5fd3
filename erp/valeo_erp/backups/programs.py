"""PostgreSQL's own programs for dumps, run with a login that no other process can read."""

import asyncio
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from valeo_erp.backups.faults import BackupError
from valeo_erp.kernel.settings import Credentials, Settings
from valeo_erp.migrations.provision import OWNER

_VERSION = re.compile(r"(\d+)(\.\d+)?")
_ZSTD_SINCE = 16
UNHURRIED_COMMITS = {"PGOPTIONS": "-c synchronous_commit=off"}
"""For a database that is thrown away after a crash. The commit that makes it a whole one is durable, and with it all
commits before."""


def program(name: str) -> str:
    """Where a program is: the newest version of Debian's, else what is on the path.

    Raises:
        BackupError: it is not installed.
    """
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda found: -float(found.parts[-3]))
    found = str(debian[0]) if debian else shutil.which(name)
    if found is None:
        raise BackupError("program_missing", f"{name} is not installed. On Debian: apt-get install postgresql-client")
    return found


async def client_version() -> int:
    """The major version of `pg_dump`."""
    told = await run([program("pg_dump"), "--version"], {})
    found = _VERSION.search(told)
    if found is None:
        raise BackupError("program_unknown", f"pg_dump says of its version: {told.strip()!r}")
    return int(found[1])


def compression(version: int) -> str:
    """The quickest good one that this version of `pg_dump` knows."""
    return "zstd:1" if version >= _ZSTD_SINCE else "1"


def login(settings: Settings, credentials: Credentials, database: str, folder: Path) -> dict[str, str]:
    """The environment of a program of PostgreSQL; the password stands in a file that only we can read."""
    file = folder / "pgpass"
    escaped = credentials.password.replace("\\", "\\\\").replace(":", "\\:")
    file.touch(mode=0o600)
    file.write_text(f"*:*:*:*:{escaped}\n", encoding="utf-8")
    environment = {
        "PGHOST": settings.database_host,
        "PGPORT": str(settings.database_port),
        "PGUSER": credentials.username,
        "PGDATABASE": database,
        "PGSSLMODE": settings.database_sslmode,
        "PGPASSFILE": str(file),
        "PGCONNECT_TIMEOUT": "10",
        "PGTARGETSESSIONATTRS": "read-write",
        "PGAPPNAME": "valeo-erp backup",
    }
    return environment | ({"PGSSLROOTCERT": str(settings.database_ca_file)} if settings.database_ca_file else {})


def dump(snapshot: str, jobs: int, version: int, target: Path) -> list[str]:
    """`pg_dump` of one snapshot into a folder. What is unlogged is not worth keeping."""
    return [
        program("pg_dump"),
        "--format=directory",
        f"--file={target}",
        f"--jobs={jobs}",
        f"--snapshot={snapshot}",
        f"--role={OWNER}",
        f"--compress={compression(version)}",
        "--no-unlogged-table-data",
        "--lock-wait-timeout=30s",
    ]


def restore(source: Path, jobs: int, database: str) -> list[str]:
    """`pg_restore` of a folder into an empty database; the first error ends it."""
    return [
        program("pg_restore"),
        "--exit-on-error",
        f"--role={OWNER}",
        f"--jobs={jobs}",
        f"--dbname={database}",
        str(source),
    ]


def decode(source: Path) -> list[str]:
    """`pg_restore` that reads everything and writes it nowhere."""
    return [program("pg_restore"), f"--file={os.devnull}", str(source)]


async def run(command: Sequence[str], environment: Mapping[str, str]) -> str:
    """Run a program to its end and give what it printed.

    Raises:
        BackupError: it ended badly; the message has its last words.
    """
    process = await asyncio.create_subprocess_exec(
        *command,
        env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        said, complained = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    if process.returncode:
        words = " ".join(complained.decode(errors="replace").split())[-600:]
        raise BackupError("program_failed", f"{Path(command[0]).name} ended with {process.returncode}: {words}")
    return said.decode(errors="replace")
