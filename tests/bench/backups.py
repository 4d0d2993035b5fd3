"""Backup and restore of half a gigabyte, beside PostgreSQL's own programs; and what retention needs for many backups.

The product hashes, fingerprints and reads back what it writes; pg_dump and pg_restore do nothing of that.
"""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

from tests.bench.documents import Say
from tests.bench.exports import INSERT_HEADS, INSERT_LINES, ITEM, PARTY
from tests.bench.http_client import Ask
from tests.bench.load import Load, load
from tests.bench.processes import KIB_PER_MIB, Process
from tests.bench.results import Figure, Result, Yardstick, at_most, p50, p95
from tests.bench.sizes import Sizes
from tests.bench.surroundings import DATABASE, Surroundings, erp
from tests.support.people import BRANDT

from valeo_erp.backups.programs import program
from valeo_operator.retention.plan import Catalogue, Entry, Rules, plan

GROUP = "backups"
NAME = "20260102-030405"
HALF_A_GIGABYTE, RESTORED, YARDSTICK = (f"{DATABASE}_{each}" for each in ("large", "restored", "plain"))
_BYTES_PER_MB = 1_000_000
_LOOKS_EVERY_SECONDS = 0.1
_REQUESTS_PER_SECOND = 50


def measure(place: Surroundings, sizes: Sizes, say: Say) -> list[Result]:
    """All of it, in a database of its own: what other parts left in theirs must not count."""
    drill = _drill(place, say)
    place.query(f"create database {HALF_A_GIGABYTE} template {DATABASE}")
    large = replace(place, database=HALF_A_GIGABYTE)
    large.query(INSERT_HEADS, BRANDT, PARTY, 0, sizes.backup_heads)
    large.query(INSERT_LINES, BRANDT, ITEM)
    large.query("vacuum analyze document, document_line")
    size = int(large.query("select pg_database_size(current_database())")[0][0]) / _BYTES_PER_MB
    say(f"backup and restore of {size:.0f} MB")
    results = [_backup(large, size), _restore(large, size), _meanwhile(large, sizes), _retention(sizes)]
    place.query(f"drop database {HALF_A_GIGABYTE} with (force)")
    return [drill, *results]


def _drill(place: Surroundings, say: Say) -> Result:
    """Of the seed, before there is more."""
    say("a drill")
    _timed(_tool("make", place), _environment(place))
    seconds, peak = _timed(_tool("drill", place), _environment(place))
    figures = (Figure(seconds, "s", goal=at_most(60)), Figure(peak, "MB", "all processes"))
    return Result(GROUP, "Drill of the seeded traders, until the application answered", figures)


def _backup(place: Surroundings, size: float) -> Result:
    seconds, peak = _timed(_tool("make", place), _environment(place))
    dump = [program("pg_dump"), "--format=directory", "--jobs=2", *_server(place), f"--file={_dump(place)}"]
    dumped, _ = _timed([*dump, place.database], _login(place))
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


def _meanwhile(place: Surroundings, sizes: Sizes) -> Result:
    """Requests at a steady pace, alone and while backup after backup is made. Everything shares the processors."""
    with erp(place) as service:

        def read() -> Load:
            ask = Ask("GET", "/api/v1/invoices?limit=50", place.issuer.bearer("bruno", "admin", "brandt"))
            return load(service.address, [ask] * sizes.paced_reads, interval=1 / _REQUESTS_PER_SECOND)

        read()
        before = read().milliseconds
        with subprocess.Popen(
            [sys.executable, "-c", _AGAIN, *_tool("make", place)], env=_environment(place)
        ) as backups:
            during = read().milliseconds
            backups.terminate()
    slower = p50(during) / p50(before)
    figures = (Figure(slower, "times", "P50", goal=at_most(1.1)), Figure(p95(during), "ms", "P95"))
    detail = {"p50_before": p50(before), "p50_during": p50(during), "p95_before": p95(before)}
    return Result(
        GROUP,
        f"{_REQUESTS_PER_SECOND} req/s while backup after backup is made, against those before",
        figures,
        (),
        detail,
    )


def _retention(sizes: Sizes) -> Result:
    now = datetime(2026, 6, 1, tzinfo=UTC)
    entries = [Entry(f"backup-{number}", now - timedelta(hours=number)) for number in range(sizes.catalogue)]
    begun = perf_counter()
    decided = plan(Catalogue(entries, complete=True, after_success=True), Rules(zone="Europe/Berlin"), now)
    seconds = perf_counter() - begun
    figures = (Figure(seconds, "s", goal=at_most(1)),)
    return Result(GROUP, f"Retention plan for {sizes.catalogue:,} backups", figures, (), {"kept": len(decided.keep)})


_AGAIN = """
import signal, subprocess, sys
running = None
def end(*_):
    running.terminate()
    sys.exit()
signal.signal(signal.SIGTERM, end)
while True:
    running = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
    if running.wait():
        sys.exit(1)
"""


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
        with suppress(FileNotFoundError, ProcessLookupError):  # ended meanwhile
            total += each.memory_kib
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


def _dump(place: Surroundings) -> Path:
    return place.folder / "plain-dump"
