"""An export is one instant of the database, made whole before it is sent, few at a time."""

import asyncio
import tracemalloc

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from tests.support.invoices import posted, written
from tests.support.people import HOFMANN, PEOPLE

from valeo_erp.composition import services_of
from valeo_erp.documents.document import Kind
from valeo_erp.documents.listing import ListFilter, Sort
from valeo_erp.exporting.dialects import DialectName
from valeo_erp.exporting.repository import heads, snapshot
from valeo_erp.exporting.service import AT_ONCE, WAITING
from valeo_erp.printing.formats import Language

EVERYTHING = ListFilter(Kind.INVOICE)


async def test_what_is_committed_after_the_snapshot_is_not_in_it(client: httpx.AsyncClient, app: FastAPI) -> None:
    await posted(client)
    async with snapshot(services_of(app).engine) as taken:
        await posted(client)

        async with taken.stream(heads(HOFMANN, EVERYTHING, Sort.NEWEST_FIRST)) as result:
            rows = await result.all()

    assert len(rows) == 1


async def test_a_snapshot_can_write_nothing(app: FastAPI) -> None:
    async with snapshot(services_of(app).engine) as taken:
        with pytest.raises(Exception, match="read-only transaction"):
            await taken.connection.exec_driver_sql("insert into stream_ticket values ('x', '{}', now())")


async def test_too_many_exports_at_once_are_told_to_come_back(client: httpx.AsyncClient) -> None:
    asked = AT_ONCE + WAITING + 4

    answers = await asyncio.gather(
        *(client.get("/api/v1/exports/invoices.csv", headers={"Authorization": "Bearer max"}) for _ in range(asked))
    )

    statuses = [answer.status_code for answer in answers]
    assert set(statuses) <= {200, 503}
    assert statuses.count(200) >= AT_ONCE + WAITING
    for answer in answers:
        if answer.status_code == 503:
            assert answer.json()["code"] == "export_busy"
            assert answer.headers["retry-after"]


async def many(administration: asyncpg.Connection, count: int) -> None:
    """Copies of the one draft that is there, with its lines."""
    await administration.execute("set search_path to valeo")
    for column in ("search_text", "gross_cents"):  # copies have them
        await administration.execute(f"alter table document alter column {column} drop expression")
    await administration.execute(
        """
        with copies as (
          select d.id as original, gen_random_uuid() as id from document d, generate_series(1, $1::int)
        ), heads as (
          insert into document select (jsonb_populate_record(d, jsonb_build_object('id', c.id))).*
          from copies c join document d on d.id = c.original
        )
        insert into document_line select (jsonb_populate_record(l, jsonb_build_object('document_id', c.id))).*
        from copies c join document_line l on l.document_id = c.original
        """,
        count,
    )


@pytest.mark.parametrize(("ending", "count"), [("csv", 10_000), ("xlsx", 3_000)])
async def test_a_long_export_needs_no_more_memory_than_a_short_one(
    client: httpx.AsyncClient, app: FastAPI, administration: asyncpg.Connection, ending: str, count: int
) -> None:
    await written(client)
    await many(administration, count)
    desk = services_of(app).exporting

    tracemalloc.start()
    if ending == "csv":
        made = await desk.csv(PEOPLE["max"], EVERYTHING, Sort.NEWEST_FIRST, DialectName.MACHINE)
    else:
        made = await desk.xlsx(PEOPLE["max"], EVERYTHING, Sort.NEWEST_FIRST, Language.GERMAN)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    made.spool.close()
    assert made.rows == count + 1
    assert peak < 8 * 1024 * 1024


async def test_the_lines_of_other_tenants_are_in_no_workbook(client: httpx.AsyncClient, app: FastAPI) -> None:
    await posted(client)
    desk = services_of(app).exporting

    made = await desk.xlsx(PEOPLE["bruno"], EVERYTHING, Sort.NEWEST_FIRST, Language.GERMAN)

    made.spool.close()
    assert made.rows == 0
