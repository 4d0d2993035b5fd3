"""Backup and restore of one database, beside PostgreSQL's own programs; and what retention needs for a long catalogue.

The product hashes, fingerprints and reads back what it writes; pg_dump and pg_restore do nothing of that.
"""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

from tests.bench.documents import Say
from tests.bench.exports import INSERT_HEADS, PARTY
from tests.bench.processes import KIB_PER_MIB, Process
from tests.bench.results import Figure, Result, Yardstick, at_most
from tests.bench.sizes import Sizes
from tests.bench.surroundings import DATABASE, Surroundings
from tests.support.people import BRANDT

from valeo_erp.backups.programs import program
from valeo_operator.retention.plan import Catalogue, Entry, Rules, plan

GROUP = "backups"
NAME = "20260102-030405"
RESTORED, YARDSTICK = "valeo_bench_restored", "valeo_bench_plain"
BYTES_PER_MB = 1_000_000
_LOOKS_EVERY_SECONDS = 0.1


def measure(place: Surroundings, sizes: Sizes, say: Say) -> list[Result]:
    """All of it."""
    have = int(place.query("select count(*) from document where tenant_id = $1", BRANDT)[0][0])
    if have < sizes.backup_heads:
        place.query(INSERT_HEADS, BRANDT, PARTY, have, sizes.backup_heads)
    size = int(place.query("select pg_database_size(current_database())")[0][0]) / BYTES_PER_MB
    say(f"backup and restore of {size:.0f} MB")
    return [_backup(place, size), _restore(place, size), _retention(sizes)]


def _backup(place: Surroundings, size: float) -> Result:
    seconds, peak = _timed(_tool("make", place), _environment(place))
    dumped, _ = _timed([program("pg_dump"), *_plain(place), f"--file={_dump(place)}", DATABASE], _login(place))
    beside = (Yardstick("pg_dump -Fd -j2", dumped),)
    figures = (Figure(seconds, "s", goal=at_most(4)), Figure(peak, "MB", "all processes", goal=at_most(150)))
    return Result(GROUP, f"Backup of {size:,.0f} MB, read back and decoded", figures, beside)


def _restore(place: Surroundings, size: float) -> Result:
    seconds, peak = _timed(_tool("restore", place, "--into", RESTORED), _environment(place))
    place.query(f"create database {YARDSTICK}")
    command = [program("pg_restore"), "--jobs=2", f"--dbname={YARDSTICK}", *_server(place), str(_dump(place))]
    restored, _ = _timed(command, _login(place))
    for database in (RESTORED, YARDSTICK):
        place.query(f"drop database {database} with (force)")
    beside = (Yardstick("pg_restore -j2", restored),)
    figures = (Figure(seconds, "s", goal=at_most(8)), Figure(peak, "MB", "all processes", goal=at_most(150)))
    return Result(GROUP, f"Restore of {size:,.0f} MB, compared row for row", figures, beside)


def _retention(sizes: Sizes) -> Result:
    now = datetime(2026, 6, 1, tzinfo=UTC)
    entries = [Entry(f"backup-{number}", now - timedelta(hours=number)) for number in range(sizes.catalogue)]
    begun = perf_counter()
    decided = plan(Catalogue(entries, complete=True, after_success=True), Rules(zone="Europe/Berlin"), now)
    seconds = perf_counter() - begun
    figures = (Figure(seconds, "s", goal=at_most(1)),)
    return Result(GROUP, f"Retention plan for {sizes.catalogue:,} backups", figures, (), {"kept": len(decided.keep)})


def _timed(command: Sequence[str], environment: Mapping[str, str]) -> tuple[float, float]:
    """Seconds, and the MB that it and the programs that it started had at most together, looked at ten times a second.

    Raises:
        subprocess.CalledProcessError: the command failed.
    """
    begun, most = perf_counter(), 0
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        while True:
            try:
                process.wait(_LOOKS_EVERY_SECONDS)
                break
            except subprocess.TimeoutExpired:
                most = max(most, _resident_kib(Process(process.pid)))
    seconds = perf_counter() - begun
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return seconds, most / KIB_PER_MIB


def _resident_kib(process: Process) -> int:
    total = 0
    for each in (process, *process.descendants()):
        try:
            total += each.memory_kib
        except (FileNotFoundError, ProcessLookupError):
            continue  # ended meanwhile
    return total


def _tool(word: str, place: Surroundings, *more: str) -> list[str]:
    store = ("--store", f"file://{place.folder / 'backups'}", "--name", NAME)
    return [sys.executable, "-m", "valeo_erp", "backup", word, *store, *more]


def _environment(place: Surroundings) -> dict[str, str]:
    """Two tables at a time, as the yardstick."""
    return {**os.environ, **place.environment, "VALEO_BACKUP_JOBS": "2", "VALEO_BACKUP_WORK_DIR": str(place.folder)}


def _login(place: Surroundings) -> dict[str, str]:
    return os.environ | {"PGPASSWORD": place.connection["password"]}


def _server(place: Surroundings) -> list[str]:
    return ["--host=127.0.0.1", f"--port={place.server.port}", "--username=postgres"]


def _plain(place: Surroundings) -> list[str]:
    return ["--format=directory", "--jobs=2", *_server(place)]


def _dump(place: Surroundings) -> Path:
    return place.folder / "plain-dump"
