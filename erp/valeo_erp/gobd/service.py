"""The package for the auditor: every table of one snapshot into one ZIP, complete before its first byte is sent."""

import csv
import hashlib
import io
import zipfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from valeo_erp import __version__
from valeo_erp.exporting.copying import LineEnds
from valeo_erp.exporting.manifest import instant_text
from valeo_erp.exporting.repository import Snapshot, snapshot
from valeo_erp.exporting.service import ExportFile
from valeo_erp.exporting.spool import Spool, disk_space
from valeo_erp.gobd.index import DTD, INDEX, Supplier, dtd, index
from valeo_erp.gobd.tables import DELIMITER, TABLES, Table
from valeo_erp.identity.scopes import Principal
from valeo_erp.kernel.clock import BERLIN, Clock
from valeo_erp.kernel.statements import Query
from valeo_erp.kernel.threads import in_thread
from valeo_erp.kernel.unit_of_work import own_transaction

MANIFEST = "manifest.csv"
_SUPPLIER = text("select name, street || ', ' || postal_code || ' ' || city from tenant where id = :tenant_id")


@dataclass(frozen=True, slots=True)
class Written:
    """One file of the package: its rows without the heading, and its sha-256 in hex."""

    file: str
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class AuditorsDesk:
    """Hands over the data of a period."""

    engine: AsyncEngine
    clock: Clock

    async def package(self, principal: Principal, first: date, last: date, seen: Callable[[int], None]) -> ExportFile:
        """All tables of the period with their description; audited.

        Args:
            principal: who gets it.
            first: day of the period.
            last: day of the period.
            seen: told how many rows were written, again and again.

        Raises:
            Problem: 503 when the disk is full.
        """
        with ExitStack() as on_failure:
            spool = on_failure.enter_context(Spool())
            async with snapshot(self.engine) as taken:
                at = taken.at.astimezone(BERLIN)
                with zipfile.ZipFile(spool.file, "w", zipfile.ZIP_DEFLATED) as package:
                    entries = _Entries(package, (at.year, at.month, at.day, at.hour, at.minute, at.second))
                    found = (await taken.connection.execute(_SUPPLIER, {"tenant_id": principal.tenant_id})).one()
                    comment = f"Stand {at:%d.%m.%Y %H:%M:%S}, ValeoERP {__version__}"
                    described = index(TABLES, Supplier(*found), first, last, comment)
                    with disk_space():
                        package.writestr(entries.of(INDEX), described)
                        package.writestr(entries.of(DTD), dtd())
                    written = await self._tables(taken, entries, principal, (first, last), seen)
                    with disk_space():
                        package.writestr(entries.of(MANIFEST), _manifest(written))
            await in_thread(spool.measure)
            rows = sum(each.rows for each in written)
            made = ExportFile(spool, rows, taken.at, f"from={first}&to={last}")
            await self._audit(principal, made)
            on_failure.pop_all()
        return made

    async def count(self, principal: Principal, first: date, last: date) -> int:
        """How many rows there will be, about: it is another snapshot."""
        total = 0
        async with self.engine.connect() as connection:
            for table in TABLES:
                query = _query(table, principal, (first, last))
                counted = f"select count(*) from ({query.sql}) t"  # noqa: S608 - only constants of `tables`
                total += (await connection.exec_driver_sql(counted, query.values)).scalar_one()
        return total

    async def _tables(
        self,
        taken: Snapshot,
        entries: "_Entries",
        principal: Principal,
        days: tuple[date, date],
        seen: Callable[[int], None],
    ) -> list[Written]:
        written: list[Written] = []
        for table in TABLES:
            before = sum(each.rows for each in written)
            written.append(await _copied(taken, entries, table, principal, days))
            seen(before + written[-1].rows)
        return written

    async def _audit(self, principal: Principal, made: ExportFile) -> None:
        facts = {
            "format": "gobd",
            "filter": made.filter_text,
            "rows": made.rows,
            "snapshot_at": instant_text(made.snapshot_at),
            "sha256": made.spool.sha256.hex(),
        }
        async with own_transaction(self.engine, self.clock, principal) as transaction:
            transaction.audit("export", "journal", None, after=facts)


@dataclass(frozen=True, slots=True)
class _Entries:
    """The package under way; its files are dated by the snapshot."""

    package: zipfile.ZipFile
    at: tuple[int, int, int, int, int, int]

    def of(self, name: str) -> zipfile.ZipInfo:
        entry = zipfile.ZipInfo(name, self.at)
        entry.compress_type = zipfile.ZIP_DEFLATED
        return entry


async def _copied(
    taken: Snapshot, entries: _Entries, table: Table, principal: Principal, days: tuple[date, date]
) -> Written:
    """The server's own CSV, block by block into the package."""
    query = _query(table, principal, days)
    digest, ends = hashlib.sha256(), LineEnds()
    with entries.package.open(entries.of(table.file), "w") as file:

        def write(block: bytes) -> None:
            digest.update(block)
            with disk_space():
                file.write(block)

        async def take(block: bytes) -> None:
            await in_thread(write, ends(block))

        write(table.heading.encode())
        rows = await taken.copy(query, DELIMITER, take)
    return Written(table.file, rows, digest.hexdigest())


def _query(table: Table, principal: Principal, days: tuple[date, date]) -> Query:
    """Some tables do not ask for the days, and are given none."""
    values: tuple[Any, ...] = (principal.tenant_id, *days)
    return Query(table.sql, values if "$2" in table.sql else values[:1])


def _manifest(written: list[Written]) -> str:
    made = io.StringIO()
    rows = csv.writer(made, delimiter=DELIMITER, lineterminator="\r\n")
    rows.writerow(("Datei", "Zeilen", "SHA-256"))
    rows.writerows((each.file, each.rows, each.sha256) for each in written)
    return made.getvalue()
