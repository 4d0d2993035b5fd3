"""Lists among many documents look into an index, as the application and under row-level security."""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any

import asyncpg
import pytest
from sqlalchemy import Select
from sqlalchemy.ext.asyncio import create_async_engine
from tests.support.databases import administrator, cloned_database
from tests.support.invoices import PARTY
from tests.support.people import HOFMANN

from valeo_erp.demo.postgres import LocalServer
from valeo_erp.documents.document import DocumentSummary, Kind, State
from valeo_erp.documents.listing import MANY_FOUND, ListFilter, Sort, cursor_after, list_statement, page_statement

MANY, FEW = 30_000, 1_000
MOST_READ = 3_500
"""Documents that one page of 50 may look at: some days' or a buyer's, not a tenth of all."""

DIALECT = create_async_engine("postgresql+asyncpg://").dialect
_FILL = """
insert into valeo.document (tenant_id, id, kind, state, version, number, party_id, party, document_date, supply_date,
  due_date, currency, note, net_total, tax_total, gross_total, taxes, content_hash, created_by, created_at, edited_by,
  edited_at)
select $1::uuid, gen_random_uuid(), $3::text, w.state, 1,
  case when w.state in ('posted', 'reversed') then left(upper($3), 3) || '-2025-' || lpad(n::text, 5, '0') end, p.id,
  case when w.state in ('posted', 'reversed') then jsonb_build_object('number', p.number, 'name', p.name) end,
  w.day, w.day, w.day + 14 + n % 3 * 7, 'EUR', 'Kontrakt ' || md5(n::text), w.net, 0, w.net, '[]', '', 'olga', now(),
  'olga', now()
from (
  select n, date '2025-01-01' + n * 365 / $2::int as day, n::bigint * 6151 % $4::int + 1 as net,
    case when n > $2::int * 0.98 then (array['draft', 'submitted', 'approved', 'rejected'])[n % 4 + 1]
         when n % 50 = 0 then 'cancelled' when n % 70 = 0 then 'reversed' else 'posted' end as state
  from generate_series(1, $2::int) n) w
join (select id, number, name, row_number() over (order by number) as place, count(*) over () as all_of_them
      from valeo.party where tenant_id = $1) p on p.place = n % p.all_of_them + 1
"""
_MORE_PARTIES = """
insert into valeo.party (tenant_id, id, number, name, street, postal_code, city, country)
select $1::uuid, gen_random_uuid(), 'K' || n, 'Hof ' || n, 'Dorfstraße 1', '94315', 'Straubing', 'DE'
from generate_series(1, 100) n
"""
JUNE = {"from_date": date(2025, 6, 3), "to_date": date(2025, 6, 9)}
FILTERS: dict[str, dict[str, Any]] = {
    "nothing": {},
    **{state.value: {"state": state} for state in State},
    "party": {"party_id": PARTY},
    "from": {"from_date": date(2025, 12, 20)},
    "to": {"to_date": date(2025, 1, 9)},
    "from to": JUNE,
    "number": {"number": "INV-2025-00017"},
    "from_gross": {"from_gross": Decimal("29850.00")},
    "to_gross": {"to_gross": Decimal("120.50")},
    "gross": {"from_gross": Decimal(15_000), "to_gross": Decimal(15_300)},
    "text": {"text": "a0b923820dcc509a"},
    "short text": {"text": "q"},
}
"""Every filter that the API offers, where it leaves little."""


@pytest.fixture(scope="module")
async def filled(server: LocalServer, template: str) -> AsyncIterator[asyncpg.Connection]:
    """Many documents, once for all tests of this file, on a connection that is the application serving their tenant."""
    async with cloned_database(server, template, "valeo_plans") as name:
        connection = await administrator(server, name)
        await connection.execute(_MORE_PARTIES, HOFMANN)
        for kind in Kind:
            await connection.execute(_FILL, HOFMANN, MANY if kind is Kind.INVOICE else FEW, kind.value, MANY)
        await connection.execute("vacuum analyze valeo.document, valeo.party")
        await connection.execute("set search_path = valeo")
        await connection.execute("set role valeo_application")
        await connection.execute("select set_config('valeo.tenant', $1, false)", str(HOFMANN))
        yield connection
        await connection.close()


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every step of a plan."""
    yield plan
    for inner in plan.get("Plans", []):
        yield from nodes(inner)


def scans(plan: dict[str, Any]) -> list[tuple[str, str]]:
    """What is read, from where: the relation or the index of every scan."""
    found = [node for node in nodes(plan) if "Scan" in node["Node Type"]]
    return [(node["Node Type"], node.get("Index Name", node.get("Relation Name", ""))) for node in found]


def documents_read(plan: dict[str, Any]) -> int:
    """How many rows of documents were looked at, also those that a filter threw away."""
    dropped = ("Rows Removed by Filter", "Rows Removed by Index Recheck")
    return sum(
        (node["Actual Rows"] + sum(node.get(name, 0) for name in dropped)) * node["Actual Loops"]
        for node in nodes(plan)
        if node.get("Relation Name") == "document"
    )


def sql_of(statement: Select[Any]) -> str:
    return str(statement.compile(dialect=DIALECT, compile_kwargs={"literal_binds": True}))


async def plan_of(
    connection: asyncpg.Connection, filter_: ListFilter, sort: Sort, *, analyze: bool = False, cursor: str | None = None
) -> dict[str, Any]:
    sql = sql_of(page_statement(HOFMANN, filter_, sort, cursor, 50))
    told = json.loads(await connection.fetchval(f"explain (format json, analyze {analyze}) {sql}"))
    plan: dict[str, Any] = told[0]["Plan"]
    return plan


@pytest.mark.parametrize(
    ("filter_", "sort", "index"),
    [
        (ListFilter(Kind.INVOICE), Sort.NEWEST_FIRST, "ix_document_list"),
        (ListFilter(Kind.INVOICE, State.DRAFT), Sort.OLDEST_FIRST, "ix_document_state"),
        (ListFilter(Kind.INVOICE, from_date=date(2025, 12, 30)), Sort.NEWEST_FIRST, "ix_document_list"),
        (ListFilter(Kind.INVOICE, number="INV-2025-00017"), Sort.NEWEST_FIRST, "uq_document_tenant_id_kind_number"),
        (ListFilter(Kind.INVOICE), Sort.HIGHEST_NUMBER_FIRST, "ix_document_list"),
        (ListFilter(Kind.INVOICE), Sort.LARGEST_FIRST, "ix_document_gross"),
        (ListFilter(Kind.INVOICE, from_gross=Decimal(29990)), Sort.SMALLEST_FIRST, "ix_document_gross"),
        (ListFilter(Kind.INVOICE, from_gross=Decimal(29990)), Sort.NEWEST_FIRST, "ix_document_gross"),
        (ListFilter(Kind.INVOICE), Sort.FIRST_DUE_FIRST, "ix_document_due"),
    ],
)
async def test_a_list_reads_its_first_page_from_an_index(
    filled: asyncpg.Connection, filter_: ListFilter, sort: Sort, index: str
) -> None:
    found = scans(await plan_of(filled, filter_, sort))
    assert index in {name for _, name in found}


@pytest.mark.parametrize("kind", Kind)
async def test_no_filter_and_order_of_any_kind_reads_the_whole_table(filled: asyncpg.Connection, kind: Kind) -> None:
    whole = [
        (name, sort.value)
        for name, wanted in FILTERS.items()
        for sort in Sort
        if ("Seq Scan", "document") in scans(await plan_of(filled, ListFilter(kind, **wanted), sort))
    ]
    assert whole == []


def test_every_filter_of_the_api_is_looked_at() -> None:
    offered = {field.name for field in fields(ListFilter)} - {"kind"}
    assert offered == {name for wanted in FILTERS.values() for name in wanted}


@pytest.mark.parametrize("name", FILTERS)
async def test_a_page_reads_few_documents_whatever_the_order(filled: asyncpg.Connection, name: str) -> None:
    wanted = ListFilter(Kind.INVOICE, **FILTERS[name])
    read = {sort.value: documents_read(await plan_of(filled, wanted, sort, analyze=True)) for sort in Sort}
    assert max(read.values()) <= MOST_READ, read


@pytest.mark.parametrize("sort", Sort)
async def test_a_page_in_the_middle_reads_no_more_than_the_first(filled: asyncpg.Connection, sort: Sort) -> None:
    everything = ListFilter(Kind.INVOICE)
    middle = (await filled.fetch(sql_of(list_statement(HOFMANN, everything, sort).offset(MANY // 2).limit(1))))[0]
    last = DocumentSummary(**dict(middle))
    plan = await plan_of(filled, everything, sort, analyze=True, cursor=cursor_after(last, sort))
    assert documents_read(plan) <= MOST_READ


@pytest.mark.parametrize("text", ["kontrakt", "k", "a"])
async def test_both_ways_to_search_find_the_same(filled: asyncpg.Connection, text: str) -> None:
    wanted = ListFilter(Kind.INVOICE, text=text)
    by_index, by_row = [
        {row["id"] for row in await filled.fetch(sql_of(list_statement(HOFMANN, wanted, common_text=common)))}
        for common in (False, True)
    ]
    assert by_index == by_row


@pytest.mark.parametrize(("text", "common"), [("kontrakt", True), ("a0b923820dcc509a", False)])
async def test_the_statistics_know_a_common_word(filled: asyncpg.Connection, text: str, common: bool) -> None:
    about = await filled.fetchval("select documents_with_about('invoice', $1)", text)
    assert (about > MANY_FOUND) == common


async def test_a_party_has_its_documents_in_an_index(filled: asyncpg.Connection) -> None:
    found = scans(await plan_of(filled, ListFilter(Kind.INVOICE, party_id=PARTY), Sort.NEWEST_FIRST))
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
    wanted = ListFilter(Kind.INVOICE, text="A0B923820DCC509A")
    found = await filled.fetch(sql_of(list_statement(HOFMANN, wanted)))
    assert [row["number"] for row in found] == ["INV-2025-00001"]
    assert await scans_of_the_search_index(filled) > before


async def test_a_search_of_nobodys_tenant_finds_nothing(filled: asyncpg.Connection) -> None:
    await filled.execute("select set_config('valeo.tenant', '', false)")
    assert await filled.fetch("select documents_with('invoice', 'kontrakt')") == []
    await filled.execute("select set_config('valeo.tenant', $1, false)", str(HOFMANN))
