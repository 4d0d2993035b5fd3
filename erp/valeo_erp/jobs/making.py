"""From a wish to a file: lists by the export desk, papers by the print desk."""

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from valeo_erp.documents.document import ISSUED
from valeo_erp.documents.kinds import rules_of
from valeo_erp.documents.listing import list_statement
from valeo_erp.documents.models import document as document_table
from valeo_erp.exporting.listings import LISTINGS, Listing
from valeo_erp.exporting.repository import snapshot
from valeo_erp.exporting.service import ExportDesk, ExportFile
from valeo_erp.exporting.spool import Spool
from valeo_erp.gobd.service import AuditorsDesk
from valeo_erp.identity.scopes import Principal
from valeo_erp.jobs.job import Job, JobFile, Product, Wish
from valeo_erp.kernel.clock import BERLIN
from valeo_erp.kernel.threads import in_thread
from valeo_erp.printing.batch import Batch, Sheet, write_zip
from valeo_erp.printing.service import PrintDesk

MEDIA_TYPES = {
    Product.CSV: "text/csv",
    Product.JSON_LINES: "application/jsonl",
    Product.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Product.PRINTS: "application/zip",
    Product.GOBD: "application/zip",
}


@dataclass
class Progress:
    """How far a job is, in documents. The maker writes it, the worker reads it."""

    done: int = 0
    total: int | None = None

    def seen(self, done: int) -> None:
        """So many are done; never more than there are."""
        self.done = done if self.total is None else min(done, self.total)


@dataclass(frozen=True)
class Made:
    """A finished file. Whoever gets it closes the spool."""

    spool: Spool
    file: JobFile
    documents: int


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes the files of jobs.

    Attributes:
        prints_at_once: of a batch.
    """

    engine: AsyncEngine
    exporting: ExportDesk
    printing: PrintDesk
    auditors: AuditorsDesk
    prints_at_once: int

    async def make(self, job: Job, progress: Progress) -> Made:
        """The file of a job.

        Raises:
            Problem: why it can not be made.
        """
        if job.wish.product is Product.PRINTS:
            return await self._prints(job, progress)
        if job.wish.product is Product.GOBD:
            return await self._package(job, progress)
        if job.wish.list is not None:
            return await self._other_list(job, LISTINGS[job.wish.list], job.wish.list, progress)
        progress.total = await self._count(job.principal.tenant_id, job.wish)
        made = await self._listed(job.principal, job.wish, progress)
        return Made(made.spool, _file(job.wish, made.spool, made.snapshot_at), made.rows)

    async def _other_list(self, job: Job, listing: Listing, name: str, progress: Progress) -> Made:
        wish = job.wish
        dialect = wish.dialect if wish.product is Product.CSV else None
        progress.total = await self._counted(listing.rows(job.principal.tenant_id, wish.narrowed))
        made = await self.exporting.listing(job.principal, listing, wish.narrowed, dialect, progress.seen)
        return Made(made.spool, _file(wish, made.spool, made.snapshot_at, name=name), made.rows)

    async def _package(self, job: Job, progress: Progress) -> Made:
        first, last = job.wish.filter.from_date, job.wish.filter.to_date
        if first is None or last is None:
            raise AssertionError("such a wish has its days")
        progress.total = await self.auditors.count(job.principal, first, last)
        made = await self.auditors.package(job.principal, first, last, progress.seen)
        name = f"gobd-{first:%Y%m%d}-{last:%Y%m%d}.zip"
        file = JobFile(name, MEDIA_TYPES[Product.GOBD], made.spool.size, made.spool.sha256.hex(), made.snapshot_at)
        return Made(made.spool, file, made.rows)

    async def _listed(self, principal: Principal, wish: Wish, progress: Progress) -> ExportFile:
        desk, seen = self.exporting, progress.seen
        match wish.product:
            case Product.CSV:
                return await desk.csv(principal, wish.filter, wish.sort, wish.dialect, seen)
            case Product.XLSX:
                return await desk.xlsx(principal, wish.filter, wish.sort, wish.language, seen)
            case _:
                return await desk.json_lines(principal, wish.filter, wish.sort, seen)

    async def _count(self, tenant_id: UUID, wish: Wish) -> int:
        return await self._counted(list_statement(tenant_id, wish.filter, wish.sort))

    async def _counted(self, statement: Select[Any]) -> int:
        rows = statement.order_by(None).subquery()
        async with self.engine.connect() as connection:
            return (await connection.execute(select(func.count()).select_from(rows))).scalar_one()

    async def _prints(self, job: Job, progress: Progress) -> Made:
        """The issued ones of the list: a draft is no paper to be handed out by the hundred."""
        wish = job.wish
        sheets, at = await self._sheets(job.principal.tenant_id, wish)
        progress.total = len(sheets)
        batch = Batch(job.principal, wish.filter.kind, sheets, wish.language, at, self.prints_at_once)
        with ExitStack() as on_failure:
            spool = on_failure.enter_context(Spool())
            left_out = await write_zip(self.printing, batch, spool.file, progress.seen)
            await in_thread(spool.measure)
            on_failure.pop_all()
        return Made(spool, _file(wish, spool, at, left_out), len(sheets) - left_out)

    async def _sheets(self, tenant_id: UUID, wish: Wish) -> tuple[list[Sheet], datetime]:
        d = document_table.c
        statement = list_statement(tenant_id, wish.filter, wish.sort).where(
            d.state.in_([state.value for state in ISSUED])
        )
        async with snapshot(self.engine) as taken:
            rows = await taken.connection.execute(statement)
            return [Sheet(row.id, row.number) for row in rows], taken.at


def _file(wish: Wish, spool: Spool, at: datetime, left_out: int = 0, name: str = "") -> JobFile:
    ending = "zip" if wish.product is Product.PRINTS else wish.product.value
    name = f"{name or rules_of(wish.filter.kind).collection}-{at.astimezone(BERLIN):%Y%m%d-%H%M%S}.{ending}"
    return JobFile(name, MEDIA_TYPES[wish.product], spool.size, spool.sha256.hex(), at, left_out)
