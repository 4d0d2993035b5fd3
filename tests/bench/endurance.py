"""What lasts: verifying a journal of a million lines, and the memory of the service over many requests."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from time import perf_counter
from typing import Any
from uuid import UUID

import asyncpg
from tests.bench.documents import Say
from tests.bench.http_client import Ask
from tests.bench.load import load
from tests.bench.processes import KIB_PER_MIB
from tests.bench.results import Figure, Result, Yardstick, at_most
from tests.bench.sizes import Sizes
from tests.bench.surroundings import Service, Surroundings, bare
from tests.support.invoices import INVOICES, PARTY
from tests.support.people import BRANDT

from valeo_erp.journal.entries import GENESIS, Entry, EntryLine, chain_hash

GROUP = "endurance"
ROUNDS = 20
BATCH = 20_000
ENTRY_COLUMNS = (
    "tenant_id", "sequence", "document_id", "document_number", "entry_date", "text", "posted_at", "posted_by",
    "previous_hash", "hash",
)  # fmt: skip
LINE_COLUMNS = ("tenant_id", "sequence", "position", "account", "debit", "credit", "text")
BOOKED = (
    EntryLine(1, "1400", Decimal("107.00"), Decimal("0.00"), "Forderung"),
    EntryLine(2, "8300", Decimal("0.00"), Decimal("100.00"), "Erlös"),
    EntryLine(3, "1771", Decimal("0.00"), Decimal("7.00"), "Umsatzsteuer 7 %"),
)


class UnverifiedError(RuntimeError):
    """The journal was not found whole, so that the time it took means nothing."""


def measure(place: Surroundings, service: Service, sizes: Sizes, say: Say) -> list[Result]:
    """All of it."""
    say(f"a journal of {sizes.entries * len(BOOKED)} lines")
    asyncio.run(_book(place, sizes.entries))
    verified = _verified(place, service, sizes)
    say(f"{sizes.steady} requests, and the memory of the service")
    return [verified, _steady(place, service, sizes)]


async def _book(place: Surroundings, count: int) -> None:
    """Another trader's book, chained as postings would chain it; written as rows, past the checks of the database."""
    connection: Any = await asyncpg.connect(**place.connection)
    await connection.execute("set session_replication_role = replica")
    entries, lines, previous = list[tuple[Any, ...]](), list[tuple[Any, ...]](), GENESIS
    for entry in _entries(count):
        own = chain_hash(previous, entry)
        head = (entry.document_id, entry.document_number, entry.entry_date, entry.text, entry.posted_at)
        entries.append((BRANDT, entry.sequence, *head, entry.posted_by, previous, own))
        lines += [(BRANDT, entry.sequence, e.position, e.account, e.debit, e.credit, e.text) for e in entry.lines]
        previous = own
        if entry.sequence % BATCH == 0 or entry.sequence == count:
            await connection.copy_records_to_table("journal_entry", records=entries, columns=ENTRY_COLUMNS)
            await connection.copy_records_to_table("journal_line", records=lines, columns=LINE_COLUMNS)
            entries.clear()
            lines.clear()
    await connection.execute(
        "insert into journal_head (tenant_id, sequence, hash) values ($1, $2, $3)", BRANDT, count, previous
    )
    await connection.execute("analyze journal_entry, journal_line")
    await connection.close()


def _entries(count: int) -> Iterator[Entry]:
    for sequence in range(1, count + 1):
        yield Entry(
            tenant_id=BRANDT,
            sequence=sequence,
            document_id=UUID(int=sequence),
            document_number=f"INV-2025-{sequence:05}",
            entry_date=date(2025, 1, 15),
            text=f"Rechnung {sequence}",
            posted_at=datetime(2025, 1, 15, 8, tzinfo=UTC),
            posted_by="bruno",
            lines=BOOKED,
        )


def _verified(place: Surroundings, service: Service, sizes: Sizes) -> Result:
    ask = Ask("GET", "/api/v1/journal/verify", place.issuer.bearer("bruno", "admin", "brandt"))
    before = service.process.memory_kib
    service.process.forget_peak()
    done = load(service.address, [ask], clients=1)
    told = str(done.answers[0]["body"])
    if '"verified":true' not in told or f'"entries":{sizes.entries}' not in told:
        raise UnverifiedError(told)
    grown = max(0, service.process.peak_kib - before) / KIB_PER_MIB
    figures = (Figure(done.seconds, "s", goal=at_most(30)), Figure(grown, "MB", "growth", goal=at_most(20)))
    beside = (Yardstick("asyncpg COPY of the same rows", asyncio.run(_copied(place))),)
    return Result(GROUP, f"Verify a journal of {sizes.entries * len(BOOKED):,} lines", figures, beside)


async def _copied(place: Surroundings) -> float:
    connection: Any = await asyncpg.connect(**place.connection)
    begun = perf_counter()
    for table in ("journal_entry", "journal_line"):
        query = f"select * from {table} where tenant_id = $1 order by sequence"  # noqa: S608 - two fixed names
        await connection.copy_from_query(query, BRANDT, output=place.folder / f"{table}.csv", format="csv")
    seconds = perf_counter() - begun
    await connection.close()
    return seconds


def _steady(place: Surroundings, service: Service, sizes: Sizes) -> Result:
    """What the service grows from the first tenth of the requests, when it has what it keeps, to the last."""
    headers = place.issuer.bearer("olga", "operator")
    paths = (
        f"{INVOICES}?limit=10",
        f"/api/v1/parties/{PARTY}",
        "/api/v1/items?limit=10",
        f"{INVOICES}?text=hof&limit=5",
    )
    grown, seconds = _growth(service, [Ask("GET", path, headers) for path in paths], sizes.steady)
    with bare(place) as nothing:
        beside, _ = _growth(nothing, [Ask("GET", "/echo", {})] * len(paths), sizes.steady)
    figures = (Figure(grown, "MB", "growth", goal=at_most(10)), Figure(sizes.steady / seconds, "req/s"))
    what = f"Memory over {sizes.steady:,} requests: lists, reads, search"
    return Result(GROUP, what, figures, (Yardstick("bare FastAPI, as many", beside),))


def _growth(service: Service, asks: list[Ask], count: int) -> tuple[float, float]:
    """MB, and seconds of all requests."""
    each = asks * max(1, count // ROUNDS // len(asks))
    resident, seconds = list[int](), 0.0
    for _ in range(ROUNDS):
        seconds += load(service.address, each).seconds
        resident.append(service.process.memory_kib)
    return max(0, resident[-1] - resident[ROUNDS // 10 - 1]) / KIB_PER_MIB, seconds
