"""Exports of long lists over HTTP: how long until the last byte, and how much the service grew meanwhile.

The documents are another trader's and stand in the database as rows, because posting them would take minutes.
"""

import asyncio
import subprocess
from pathlib import Path
from time import perf_counter
from typing import Any

import asyncpg
from tests.bench.documents import Say
from tests.bench.http_client import Ask
from tests.bench.load import load
from tests.bench.plain_workbook import plain_workbook
from tests.bench.processes import KIB_PER_MIB
from tests.bench.results import Figure, Result, Yardstick, at_most
from tests.bench.sizes import Sizes
from tests.bench.surroundings import Service, Surroundings
from tests.support.people import BRANDT

from valeo_erp.exporting.columns import HEADS, LINES
from valeo_erp.seeds.trader import seeded_id

GROUP = "exports"
PARTY, ITEM = seeded_id(1, 1, 1), seeded_id(2, 1, 1)
FIRST_HALF_ENDS = "2025-01-15"
INSERT_HEADS = """
insert into document (tenant_id, id, kind, state, version, party_id, document_date, supply_date, due_date, currency,
                      note, net_total, tax_total, gross_total, taxes, content_hash, created_by, created_at,
                      edited_by, edited_at)
select $1::uuid, ('01990000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'invoice', 'draft', 1, $2::uuid,
       date '2025-01-15' + (n > $4::int / 2)::int, date '2025-01-15', date '2025-02-15', 'EUR',
       'Lieferung frei Hof, Nr. ' || n, n, round(n * 0.07, 2), n + round(n * 0.07, 2), '[]', ''::bytea,
       'bruno', now(), 'bruno', now()
from generate_series($3::int + 1, $4::int) n
"""
INSERT_LINES = """
insert into document_line (tenant_id, document_id, position, item_id, item_number, description, quantity, unit,
                           unit_price, price_base, price_unit, discount, tax_code, tax_rate, net, revenue_account)
select tenant_id, id, 1, $2::uuid, '1010', 'Weizen, lose', 24.5, 'dt', 20.4, 1, 'dt', 0, 'DE7', 7, net_total, '8300'
from document where tenant_id = $1::uuid
"""


def measure(place: Surroundings, service: Service, sizes: Sizes, say: Say) -> list[Result]:
    """All of it."""
    say(f"exports of {sizes.heads} documents")
    place.query(INSERT_HEADS, BRANDT, PARTY, 0, sizes.heads)
    place.query(INSERT_LINES, BRANDT, ITEM)
    place.query("analyze document, document_line")
    small = "to=2024-12-31"
    for ending in ("csv", "xlsx"):  # what an export needs for the first time is not growth
        _exported(place, service, ending, small)
    rows = [_csv(place, service, sizes), _xlsx(place, service, sizes)]
    if sizes.many_heads:
        say(f"an export of {sizes.many_heads} documents")
        place.query(INSERT_HEADS, BRANDT, PARTY, sizes.heads, sizes.many_heads)
        rows.append(_long_csv(place, service, sizes))
    return rows


def _csv(place: Surroundings, service: Service, sizes: Sizes) -> Result:
    seconds, grown, size = _exported(place, service, "csv", "dialect=machine")
    file = place.folder / "copied.csv"
    copied = asyncio.run(_copy(place, file))
    beside = (Yardstick("asyncpg COPY of the same columns", copied), Yardstick("cat of as many bytes", _cat(file)))
    figures = (Figure(seconds, "s", goal=at_most(0.5)), Figure(grown, "MB", "growth", goal=at_most(50)))
    return Result(GROUP, f"CSV, {sizes.heads:,} rows of {len(HEADS)}", figures, beside, {"bytes": size})


def _long_csv(place: Surroundings, service: Service, sizes: Sizes) -> Result:
    seconds, grown, size = _exported(place, service, "csv", "dialect=german")
    figures = (Figure(seconds, "s"), Figure(grown, "MB", "growth", goal=at_most(50)))
    return Result(GROUP, f"CSV, {sizes.many_heads:,} rows of {len(HEADS)}", figures, (), {"bytes": size})


def _xlsx(place: Surroundings, service: Service, sizes: Sizes) -> Result:
    """Half of the documents: with their lines on a second sheet these are as many rows as the CSV has."""
    seconds, grown, size = _exported(place, service, "xlsx", f"to={FIRST_HALF_ENDS}")
    beside = (Yardstick("XlsxWriter alone", plain_workbook(sizes.heads, len(HEADS))),)
    figures = (Figure(seconds, "s", goal=at_most(9)), Figure(grown, "MB", "growth", goal=at_most(30)))
    half = sizes.heads // 2
    what = f"XLSX, {half:,} heads of {len(HEADS)} and {half:,} lines of {len(LINES)}"
    return Result(GROUP, what, figures, beside, {"bytes": size})


def _exported(place: Surroundings, service: Service, ending: str, query: str) -> tuple[float, float, int]:
    """Seconds to the last byte, MB that the service grew at most, bytes."""
    before = service.process.memory_kib
    service.process.forget_peak()
    ask = Ask("GET", f"/api/v1/exports/invoices.{ending}?{query}", place.issuer.bearer("bruno", "admin", "brandt"))
    done = load(service.address, [ask], clients=1)
    return done.seconds, max(0, service.process.peak_kib - before) / KIB_PER_MIB, done.answers[0]["length"]


async def _copy(place: Surroundings, file: Path) -> float:
    connection: Any = await asyncpg.connect(**place.connection)
    statement = """
        select d.number, d.state, d.document_date, d.supply_date, d.due_date, p.number, p.name, p.vat_id, d.currency,
               d.net_total, d.tax_total, d.gross_total, d.posted_at, d.note, d.id
        from document d join party p on p.tenant_id = d.tenant_id and p.id = d.party_id
        where d.tenant_id = $1 order by d.document_date desc, d.id desc
    """
    begun = perf_counter()
    await connection.copy_from_query(statement, BRANDT, output=file, format="csv")
    seconds = perf_counter() - begun
    await connection.close()
    return seconds


def _cat(file: Path) -> float:
    begun = perf_counter()
    with file.with_suffix(".cat").open("wb") as output:
        subprocess.run(["cat", str(file)], stdout=output, check=True)
    return perf_counter() - begun
