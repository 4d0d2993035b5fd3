"""Many issued documents in one ZIP, printed a few at a time, in the order of the list."""

import asyncio
import csv
import io
import zipfile
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import IO
from uuid import UUID

from valeo_erp.documents.document import Kind
from valeo_erp.exporting.columns import guarded
from valeo_erp.exporting.spool import disk_space
from valeo_erp.identity.scopes import Principal
from valeo_erp.kernel.clock import BERLIN
from valeo_erp.kernel.problems import Problem
from valeo_erp.printing.formats import Language, Variant
from valeo_erp.printing.service import PrintDesk, Printed

MANIFEST = "manifest.csv"
_ATTEMPTS = 5
_PAUSE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Sheet:
    """One document of a batch."""

    document_id: UUID
    number: str


@dataclass(frozen=True, slots=True)
class Batch:
    """What is printed, for whom and how.

    Attributes:
        at_once: how many prints are under way together; the others of the pool are for people who wait.
    """

    principal: Principal
    kind: Kind
    sheets: Sequence[Sheet]
    language: Language
    snapshot_at: datetime
    at_once: int


async def write_zip(desk: PrintDesk, batch: Batch, file: IO[bytes], seen: Callable[[int], None]) -> int:
    """Write the ZIP, and tell how many documents are not in it. The manifest in it says why.

    Args:
        desk: prints and archives each, as one print by itself does.
        batch: what is printed.
        file: empty, can be searched.
        seen: told how many documents were looked at.
    """
    rows = []
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as package:
        async for count, sheet, result in _in_order(desk, batch):
            with disk_space():
                rows.append(_put(package, batch, sheet, result))
            seen(count)
        with disk_space():
            package.writestr(_entry(MANIFEST, batch), _manifest(rows))
    return sum(1 for row in rows if row[3])


async def _in_order(desk: PrintDesk, batch: Batch) -> AsyncIterator[tuple[int, Sheet, Printed | Problem]]:
    """Each sheet with its print or its problem, in order; some are printed ahead."""
    ahead: deque[tuple[Sheet, asyncio.Task[Printed | Problem]]] = deque()
    waiting = iter(batch.sheets)
    try:
        count = 0
        while True:
            while len(ahead) < batch.at_once and (sheet := next(waiting, None)) is not None:
                ahead.append((sheet, asyncio.create_task(_printed(desk, batch, sheet))))
            if not ahead:
                return
            sheet, task = ahead.popleft()
            result = await task
            count += 1
            yield count, sheet, result
    finally:
        for _, task in ahead:
            task.cancel()


async def _printed(desk: PrintDesk, batch: Batch, sheet: Sheet) -> Printed | Problem:
    """A busy pool is waited for; what is refused for a reason of its own is not tried again."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return await desk.print(batch.principal, batch.kind, sheet.document_id, Variant(batch.language))
        except Problem as problem:
            if problem.status is not HTTPStatus.SERVICE_UNAVAILABLE or attempt == _ATTEMPTS:
                return problem
            await asyncio.sleep(_PAUSE_SECONDS)
    raise AssertionError("the last attempt returns")


def _put(package: zipfile.ZipFile, batch: Batch, sheet: Sheet, result: Printed | Problem) -> tuple[str, ...]:
    match result:
        case Printed():
            package.writestr(_entry(result.file_name, batch), result.pdf)
            return sheet.number, result.file_name, result.sha256, ""
        case Problem():
            reasons = [result.detail, *(failure.message for failure in result.failures)]
            return sheet.number, "", "", f"{result.code}: {' '.join(reasons)}"


def _entry(name: str, batch: Batch) -> zipfile.ZipInfo:
    at = batch.snapshot_at.astimezone(BERLIN)
    return zipfile.ZipInfo(name, (at.year, at.month, at.day, at.hour, at.minute, at.second))


def _manifest(rows: Sequence[tuple[str, ...]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(("number", "file", "sha256", "problem"))
    writer.writerows([guarded(cell) for cell in row] for row in rows)
    return text.getvalue()
