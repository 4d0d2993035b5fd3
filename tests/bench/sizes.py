"""How much is measured: enough for steady numbers, or just enough to see that the benchmark itself works."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """Counts of one run.

    Attributes:
        invoices: that go from draft to posted.
        warm: that go the same way before, unmeasured.
        reads: by id; a tenth of it for the list.
        raw: rows of the asyncpg yardstick.
        pgbench_seconds: for each of its two runs.
        pgbench_scale: its tables have 100,000 rows for each.
        streams: live streams on one worker.
        many_streams: the most that it is asked to hold; 0 to leave it out.
        live_events: that are told to all streams, one by one.
        settle_seconds: wait before memory is read and after the last event.
        flood_events: that are told to a few streams as fast as they take them.
        pages: one-page PDFs, one after the other; twice as many on two workers.
        long_lines: of the long PDF.
        batch: invoices that are posted and printed into one ZIP.
        heads: documents with one line each, for exports.
        many_heads: documents of the longest export; 0 to leave it out.
        many_invoices: among which lists and search are timed.
        asked: requests for each of these.
        entries: of the journal that is verified.
        steady: requests over which the memory is watched.
        backup_heads: documents with one line each of the database that is backed up, half a gigabyte.
        paced_reads: requests while backups are made, fifty in a second.
        catalogue: backups that retention decides about.
    """

    invoices: int = 3000
    warm: int = 300
    reads: int = 12_000
    raw: int = 12_000
    pgbench_seconds: int = 5
    pgbench_scale: int = 10
    streams: int = 1000
    many_streams: int = 5000
    live_events: int = 100
    settle_seconds: float = 2.0
    flood_events: int = 10_000
    pages: int = 40
    long_lines: int = 500
    batch: int = 1000
    heads: int = 100_000
    many_heads: int = 1_000_000
    many_invoices: int = 1_000_000
    asked: int = 800
    entries: int = 333_334
    steady: int = 100_000
    backup_heads: int = 500_000
    paced_reads: int = 750
    catalogue: int = 10_000


FULL = Sizes()
QUICK = Sizes(
    invoices=24,
    warm=8,
    reads=40,
    raw=100,
    pgbench_seconds=1,
    pgbench_scale=1,
    streams=25,
    many_streams=0,
    live_events=4,
    settle_seconds=0.3,
    flood_events=300,
    pages=2,
    long_lines=25,
    batch=3,
    heads=300,
    many_heads=0,
    many_invoices=3_000,
    asked=8,
    entries=700,
    steady=80,
    backup_heads=300,
    paced_reads=10,
    catalogue=100,
)
