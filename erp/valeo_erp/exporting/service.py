"""Exports: one snapshot becomes a complete file with its digest, and an audit entry with filter and count."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Executable, Row, Select
from sqlalchemy.ext.asyncio import AsyncEngine

from valeo_erp.documents.document import Kind
from valeo_erp.documents.listing import ListFilter, Sort
from valeo_erp.exporting import datev, datev_format
from valeo_erp.exporting.columns import HEADS
from valeo_erp.exporting.copying import LineEnds, copied
from valeo_erp.exporting.datev_format import Batch
from valeo_erp.exporting.dialects import DIALECTS, CsvEncoder, DialectName
from valeo_erp.exporting.json_lines import JsonLinesEncoder
from valeo_erp.exporting.listings import Listing, Narrowed
from valeo_erp.exporting.manifest import Manifest, filter_text, instant_text
from valeo_erp.exporting.repository import Snapshot, booked, booked_document, heads, lines, snapshot
from valeo_erp.exporting.spool import Spool, disk_space
from valeo_erp.exporting.workbook import InvoiceWorkbook
from valeo_erp.identity.scopes import Principal
from valeo_erp.kernel.clock import BERLIN, Clock
from valeo_erp.kernel.problems import invalid, unavailable
from valeo_erp.kernel.statements import Query
from valeo_erp.kernel.threads import in_thread
from valeo_erp.kernel.unit_of_work import own_transaction
from valeo_erp.printing.formats import Language
from valeo_erp.tenants.repository import chart_of

AT_ONCE = 2
WAITING = 16
AT_A_TIME_BYTES = 512 * 1024
"""Of a copy: fewer turns of the threads, and little memory."""


Seen = Callable[[int], None]
"""Is told how far an export is, in documents: about, because a note may have several lines."""


def _unseen(_: int) -> None:
    """Nobody looks."""


@dataclass(frozen=True, slots=True)
class ExportFile:
    """A complete file. Whoever gets it closes the spool."""

    spool: Spool
    rows: int
    snapshot_at: datetime
    filter_text: str


class ExportDesk:
    """Makes exports for whoever may, few at once; the work on bytes is done in threads."""

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._under_way = 0

    async def csv(
        self, principal: Principal, filter_: ListFilter, sort: Sort, dialect: DialectName, seen: Seen = _unseen
    ) -> ExportFile:
        """The list as CSV.

        Args:
            principal: who gets it.
            filter_: as the list has it.
            sort: as the list has it.
            dialect: how cells are written.
            seen: told how many rows were written, again and again.

        Raises:
            Problem: 503 when too many exports are under way or the disk is full.
        """
        with ExitStack() as on_failure:
            spool = on_failure.enter_context(Spool())
            spool.write(CsvEncoder(DIALECTS[dialect], HEADS).heading())
            async with self._turn(), snapshot(self._engine) as taken:
                statement = heads(principal.tenant_id, filter_, sort)
                rows = await _copy(
                    taken, copied(statement, HEADS, dialect), DIALECTS[dialect].delimiter, spool.write, seen
                )
            made = ExportFile(spool, rows, taken.at, filter_text(filter_))
            await self._audit(principal, filter_.kind, made, {"format": "csv", "dialect": dialect.value})
            on_failure.pop_all()
        return made

    async def json_lines(
        self, principal: Principal, filter_: ListFilter, sort: Sort, seen: Seen = _unseen
    ) -> ExportFile:
        """The list as JSON lines.

        Raises:
            Problem: as `csv`.
        """
        encoder = JsonLinesEncoder(HEADS)
        with ExitStack() as on_failure:
            spool = on_failure.enter_context(Spool())
            async with self._turn(), snapshot(self._engine) as taken:
                rows = await _pour(
                    taken,
                    heads(principal.tenant_id, filter_, sort),
                    lambda some: spool.write(encoder.rows(some)),
                    seen,
                )
            made = ExportFile(spool, rows, taken.at, filter_text(filter_))
            await self._audit(principal, filter_.kind, made, {"format": "jsonl"})
            on_failure.pop_all()
        return made

    async def listing(
        self,
        principal: Principal,
        listing: Listing,
        narrowed: Narrowed,
        dialect: DialectName | None,
        seen: Seen = _unseen,
    ) -> ExportFile:
        """A list of something else than documents, as CSV in a dialect, or without one as JSON lines.

        Raises:
            Problem: as `csv`.
        """
        statement, columns = listing.rows(principal.tenant_id, narrowed), listing.columns
        with ExitStack() as on_failure:
            spool = on_failure.enter_context(Spool())
            async with self._turn(), snapshot(self._engine) as taken:
                if dialect is None:
                    encoder = JsonLinesEncoder(columns)
                    count = await _pour(taken, statement, lambda some: spool.write(encoder.rows(some)), seen)
                else:
                    spool.write(CsvEncoder(DIALECTS[dialect], columns).heading())
                    query = copied(statement, columns, dialect)
                    count = await _copy(taken, query, DIALECTS[dialect].delimiter, spool.write, seen)
            made = ExportFile(spool, count, taken.at, narrowed.query)
            how = {"format": "jsonl"} if dialect is None else {"format": "csv", "dialect": dialect.value}
            await self._audit(principal, listing.kind, made, how)
            on_failure.pop_all()
        return made

    async def xlsx(
        self, principal: Principal, filter_: ListFilter, sort: Sort, language: Language, seen: Seen = _unseen
    ) -> ExportFile:
        """The list and its lines as a workbook, both of the same snapshot.

        Raises:
            Problem: as `csv`; 422 when a sheet cannot hold so many rows.
        """
        with ExitStack() as on_failure:
            spool = on_failure.enter_context(Spool())
            async with self._turn(), snapshot(self._engine) as taken:
                book = InvoiceWorkbook(spool.file, language, taken.at)
                rows = await self._fill(taken, book, principal, filter_, sort, seen)
            await in_thread(spool.measure)
            made = ExportFile(spool, rows, taken.at, filter_text(filter_))
            await self._audit(principal, filter_.kind, made, {"format": "xlsx", "language": language.value})
            on_failure.pop_all()
        return made

    async def datev(self, principal: Principal, batch: Batch) -> ExportFile:
        """The journal entries of some days as a posting batch for DATEV.

        Raises:
            Problem: as `csv`; 409 for an entry that a batch can not say; 422 when it has too many rows.
        """
        count = 0

        def write(entries: Sequence[Row[Any]]) -> None:
            nonlocal count
            made = [row for entry in entries for row in datev.rows(booked_document(entry))]
            count += len(made)
            if count > datev_format.MOST_ROWS:
                raise invalid("datev_too_many", f"A batch takes {datev_format.MOST_ROWS} postings. Take fewer days.")
            spool.write(b"".join(made))

        with ExitStack() as on_failure:
            spool = on_failure.enter_context(Spool())
            async with self._turn(), snapshot(self._engine) as taken:
                chart = await chart_of(taken.connection, principal.tenant_id)
                spool.write(datev_format.opening(batch, taken.at.astimezone(BERLIN), chart))
                await _pour(taken, booked(principal.tenant_id, batch.first, batch.last), write)
            made = ExportFile(spool, count, taken.at, _days(batch))
            await self._audit(principal, Kind.INVOICE, made, {"format": "datev"})
            on_failure.pop_all()
        return made

    async def _fill(
        self,
        taken: Snapshot,
        book: InvoiceWorkbook,
        principal: Principal,
        filter_: ListFilter,
        sort: Sort,
        seen: Seen,
    ) -> int:
        def write_heads(rows: Sequence[Sequence[Any]]) -> None:
            with disk_space():
                book.heads.write(rows)

        def write_lines(rows: Sequence[Sequence[Any]]) -> None:
            with disk_space():
                book.lines.write(rows)

        head_count = await _pour(taken, heads(principal.tenant_id, filter_, sort), write_heads, seen)
        line_count = await _pour(taken, lines(principal.tenant_id, filter_, sort), write_lines)
        digest = await _machine_digest(taken, heads(principal.tenant_id, filter_, sort))
        manifest = Manifest(taken.at, filter_text(filter_), head_count, line_count, digest)
        await in_thread(book.finish, manifest)
        return head_count

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """Waits without a database connection."""
        if self._under_way >= AT_ONCE + WAITING:
            raise unavailable("export_busy", f"{self._under_way} exports are under way. Try again.")
        self._under_way += 1
        try:
            async with self._turns:
                yield
        finally:
            self._under_way -= 1

    async def _audit(self, principal: Principal, kind: str, made: ExportFile, how: dict[str, str]) -> None:
        async with own_transaction(self._engine, self._clock, principal) as transaction:
            transaction.audit(
                "export",
                kind,
                None,
                after=how
                | {
                    "filter": made.filter_text,
                    "rows": made.rows,
                    "snapshot_at": instant_text(made.snapshot_at),
                    "sha256": made.spool.sha256.hex(),
                },
            )


def _days(batch: Batch) -> str:
    return f"from={batch.first}&to={batch.last}&consultant={batch.consultant}&client={batch.client}"


async def _machine_digest(taken: Snapshot, statement: Select[Any]) -> str:
    """The digest of the CSV of the same rows, without making the file."""
    dialect = DIALECTS[DialectName.MACHINE]
    digest = hashlib.sha256(CsvEncoder(dialect, HEADS).heading())
    await _copy(taken, copied(statement, HEADS, DialectName.MACHINE), dialect.delimiter, digest.update)
    return digest.hexdigest()


async def _copy(
    taken: Snapshot, query: Query, delimiter: str, write: Callable[[bytes], None], seen: Seen = _unseen
) -> int:
    """Hand the server's own CSV to a writer in a thread, some of it at a time, and count the rows."""
    ends, gathered, lines = LineEnds(), bytearray(), 0

    async def take(part: bytes) -> None:
        nonlocal lines
        gathered.extend(part)
        if len(gathered) >= AT_A_TIME_BYTES:
            await in_thread(write, ends(bytes(gathered)))
            lines += gathered.count(b"\n")
            seen(lines)
            gathered.clear()

    count = await taken.copy(query, delimiter, take)
    await in_thread(write, ends(bytes(gathered)))
    return count


async def _pour(
    taken: Snapshot, statement: Executable, write: Callable[[Sequence[Any]], None], seen: Seen = _unseen
) -> int:
    """Hand all rows to a writer in a thread, some at a time, and count them."""
    count = 0
    async with taken.stream(statement) as result:
        async for rows in result.partitions():
            await in_thread(write, rows)
            count += len(rows)
            seen(count)
    return count
