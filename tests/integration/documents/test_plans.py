"""Lists among many documents look into an index, as the application and under row-level security."""

import json
from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from typing import Any

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import create_async_engine
from tests.support.databases import administrator, cloned_database
from tests.support.invoices import PARTY
from tests.support.people import HOFMANN

from valeo_erp.demo.postgres import LocalServer
from valeo_erp.documents.document import Kind, State
from valeo_erp.documents.repository import ListFilter, Sort, list_statement

MANY = 30_000
DIALECT = create_async_engine("postgresql+asyncpg://").dialect
_FILL = """
insert into valeo.document (tenant_id, id, kind, state, version, number, party_id, party, document_date, supply_date,
  due_date, currency, note, net_total, tax_total, gross_total, taxes, content_hash, created_by, created_at, edited_by,
  edited_at)
select $1::uuid, gen_random_uuid(), 'invoice', case when n % 10 = 0 then 'draft' else 'posted' end, 1,
  case when n % 10 = 0 then null else 'INV-2025-' || lpad(n::text, 5, '0') end, p.id,
  case when n % 10 = 0 then null else jsonb_build_object('number', p.number, 'name', p.name) end,
  date '2025-01-01' + n % 365, date '2025-01-01', date '2025-01-15' + n % 365, 'EUR', 'Kontrakt ' || md5(n::text),
  n, 0, n, '[]', '', 'olga', now(), 'olga', now()
from generate_series(1, $2::int) n
join (select id, number, name, row_number() over (order by number) as place, count(*) over () as all_of_them
      from valeo.party where tenant_id = $1) p on p.place = n % p.all_of_them + 1
"""


@pytest.fixture(scope="module")
async def filled(server: LocalServer, template: str) -> AsyncIterator[asyncpg.Connection]:
    """Many documents, once for all tests of this file, on a connection that is the application serving their tenant."""
    async with cloned_database(server, template, "valeo_plans") as name:
        connection = await administrator(server, name)
        await connection.execute(_FILL, HOFMANN, MANY)
        await connection.execute("vacuum analyze valeo.document, valeo.party")
        await connection.execute("set search_path = valeo")
        await connection.execute("set role valeo_application")
        await connection.execute("select set_config('valeo.tenant', $1, false)", str(HOFMANN))
        yield connection
        await connection.close()


def scans(plan: dict[str, Any]) -> list[tuple[str, str]]:
    """What is read, from where: the relation or the index of every scan of documents."""
    own = (
        [(plan["Node Type"], plan.get("Index Name", plan.get("Relation Name", "")))]
        if "Scan" in plan["Node Type"]
        else []
    )
    return own + [scan for inner in plan.get("Plans", []) for scan in scans(inner)]


async def plan_of(connection: asyncpg.Connection, filter_: ListFilter, sort: Sort) -> list[tuple[str, str]]:
    statement = list_statement(HOFMANN, filter_, sort).limit(51)
    sql = statement.compile(dialect=DIALECT, compile_kwargs={"literal_binds": True})
    told = json.loads(await connection.fetchval(f"explain (format json) {sql}"))
    return scans(told[0]["Plan"])


@pytest.mark.parametrize(
    ("filter_", "sort", "index"),
    [
        (ListFilter(Kind.INVOICE), Sort.NEWEST_FIRST, "ix_document_list"),
        (ListFilter(Kind.INVOICE, State.DRAFT), Sort.OLDEST_FIRST, "ix_document_state"),
        (ListFilter(Kind.INVOICE, from_date=date(2025, 12, 30)), Sort.NEWEST_FIRST, "ix_document_list"),
        (ListFilter(Kind.INVOICE, number="INV-2025-00017"), Sort.NEWEST_FIRST, "uq_document_tenant_id_kind_number"),
        (ListFilter(Kind.INVOICE), Sort.HIGHEST_NUMBER_FIRST, "uq_document_tenant_id_kind_number"),
        (ListFilter(Kind.INVOICE), Sort.LARGEST_FIRST, "ix_document_gross"),
        (ListFilter(Kind.INVOICE, from_gross=Decimal(29990)), Sort.SMALLEST_FIRST, "ix_document_gross"),
        (ListFilter(Kind.INVOICE), Sort.FIRST_DUE_FIRST, "ix_document_due"),
    ],
)
async def test_a_list_reads_its_first_page_from_an_index(
    filled: asyncpg.Connection, filter_: ListFilter, sort: Sort, index: str
) -> None:
    found = await plan_of(filled, filter_, sort)
    assert index in {name for _, name in found}
    assert ("Seq Scan", "document") not in found


async def test_a_party_has_its_documents_in_an_index(filled: asyncpg.Connection) -> None:
    found = await plan_of(filled, ListFilter(Kind.INVOICE, party_id=PARTY), Sort.NEWEST_FIRST)
    assert ("Seq Scan", "document") not in found


async def scans_of_the_search_index(connection: asyncpg.Connection) -> int:
    await connection.execute("reset role")
    await connection.execute("select pg_stat_force_next_flush()")
    count: int = await connection.fetchval(
        "select idx_scan from pg_stat_user_indexes where indexrelname = 'ix_document_search'"
    )
    await connection.execute("set role valeo_application")
    return count


async def test_a_search_finds_one_of_many_by_the_index_of_its_letters(filled: asyncpg.Connection) -> None:
    before = await scans_of_the_search_index(filled)
    # md5 of 1, a piece of it, in other letters than it was written in
    statement = list_statement(HOFMANN, ListFilter(Kind.INVOICE, text="A0B923820DCC509A"), Sort.NEWEST_FIRST)
    sql = statement.compile(dialect=DIALECT, compile_kwargs={"literal_binds": True})
    assert [row["gross_total"] for row in await filled.fetch(str(sql))] == [Decimal("1.00")]
    assert await scans_of_the_search_index(filled) > before


async def test_a_search_of_nobodys_tenant_finds_nothing(filled: asyncpg.Connection) -> None:
    await filled.execute("select set_config('valeo.tenant', '', false)")
    assert await filled.fetch("select documents_with('invoice', 'kontrakt')") == []
    await filled.execute("select set_config('valeo.tenant', $1, false)", str(HOFMANN))
