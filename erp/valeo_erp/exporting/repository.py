"""One snapshot of the database, and what an export reads from it, row by row."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, Row, Select, TextClause, and_, case, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncResult

from valeo_erp.documents.document import Kind
from valeo_erp.documents.kinds import Side, rules_of
from valeo_erp.documents.listing import ListFilter, Sort, list_statement
from valeo_erp.documents.models import document as document_table
from valeo_erp.documents.models import document_line as line_table
from valeo_erp.documents.repository import tax_total
from valeo_erp.exporting.columns import HEADS, LINES
from valeo_erp.exporting.datev import BookedDocument, Revenue
from valeo_erp.journal.entries import RECEIVABLES
from valeo_erp.kernel.statements import Query, copy_csv
from valeo_erp.parties.models import party as party_table

ROWS_AT_ONCE = 1000
LONGEST_STATEMENT = "10min"
"""All rows may be one statement; other requests have seconds."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The database as it was at one instant; both sheets of a workbook come from the same."""

    connection: AsyncConnection
    at: datetime

    def stream(self, statement: Executable) -> AbstractAsyncContextManager[AsyncResult[Any]]:
        """The rows of a statement through a server-side cursor; take its `partitions()`."""
        return self.connection.stream(statement, execution_options={"yield_per": ROWS_AT_ONCE})

    async def copy(self, query: Query, delimiter: str, write: Callable[[bytes], Awaitable[None]]) -> int:
        """Hand the rows to a writer as the server's own CSV, and count them."""
        return await copy_csv(self.connection, query, delimiter, write)


@asynccontextmanager
async def snapshot(engine: AsyncEngine) -> AsyncIterator[Snapshot]:
    """Open a snapshot for reading; nothing that is committed later is seen."""
    reading = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    async with reading.connect() as connection:
        # The first statement takes the snapshot.
        longer = func.set_config("statement_timeout", LONGEST_STATEMENT, True)  # noqa: FBT003 - SQL knows no names
        at = (await connection.execute(select(func.statement_timestamp(), longer))).scalar_one()
        yield Snapshot(connection, at)


def heads(tenant_id: UUID, filter_: ListFilter, sort: Sort) -> Select[Any]:
    """The rows of the list with the columns of `HEADS`, in its order."""
    d, p = document_table.c, party_table.c
    vat_id = case((d.party.is_not(None), d.party["vat_id"].astext), else_=p.vat_id).label("party_vat_id")
    statement = list_statement(tenant_id, filter_, sort).add_columns(d.supply_date, vat_id, d.posted_at, d.note)
    by_name = {column.key: column for column in statement.selected_columns}
    return statement.with_only_columns(*(by_name[column.name] for column in HEADS), maintain_column_froms=True)


def lines(tenant_id: UUID, filter_: ListFilter, sort: Sort) -> Select[Any]:
    """The lines of the same documents in the same order, with the columns of `LINES`."""
    d, line = document_table.c, line_table.c
    columns = [d[column.name] if column.name in ("number", "currency") else line[column.name] for column in LINES]
    return (
        list_statement(tenant_id, filter_, sort)
        .join(line_table, and_(line.tenant_id == d.tenant_id, line.document_id == d.id))
        .with_only_columns(*columns, maintain_column_froms=True)
        .order_by(line.position)
    )


_BOOKED = text("""
select e.document_number, e.entry_date, d.kind, d.currency,
       coalesce(d.counter_account, :receivables) as counter_account,
       d.party->>'number' as party_number, d.party->>'name' as party_name,
       (select sum(l.debit - l.credit) from journal_line l
        where l.tenant_id = e.tenant_id and l.sequence = e.sequence
          and l.account = coalesce(d.counter_account, :receivables)) as receivable,
       (select jsonb_agg(jsonb_build_array(g.revenue_account, g.tax_code, g.tax_rate::text, g.net::text)
                         order by g.revenue_account, g.tax_code)
        from (select l.revenue_account, l.tax_code, l.tax_rate, sum(l.net) as net from document_line l
              where l.tenant_id = e.tenant_id and l.document_id = e.document_id
              group by l.revenue_account, l.tax_code, l.tax_rate) g)::text as revenues,
       d.taxes::text as taxes, o.chart
from journal_entry e join document d on d.tenant_id = e.tenant_id and d.id = e.document_id
join tenant o on o.id = e.tenant_id
where e.tenant_id = :tenant_id and e.entry_date between :first and :last
order by e.sequence
""")


def booked(tenant_id: UUID, first: date, last: date) -> TextClause:
    """The journal entries of some days in the order in which they were booked, with what their documents say."""
    return _BOOKED.bindparams(tenant_id=tenant_id, first=first, last=last, receivables=RECEIVABLES)


def booked_document(row: Row[Any]) -> BookedDocument:
    """One row of `booked`, with the signs of the book: positive where the counter account is debited."""
    rules = rules_of(Kind(row.kind))
    sign = 1 if rules.booking is None else rules.booking.direction
    taxes = json.loads(row.taxes, parse_float=Decimal)
    return BookedDocument(
        number=row.document_number,
        entry_date=row.entry_date,
        currency=row.currency,
        party_number=row.party_number,
        party_name=row.party_name,
        receivables=row.counter_account,
        receivable=row.receivable or Decimal("0.00"),
        revenues=tuple(
            Revenue(account, code, Decimal(rate), sign * Decimal(net))
            for account, code, rate, net in json.loads(row.revenues or "[]")
        ),
        taxes=tuple(replace(total, net=sign * total.net, tax=sign * total.tax) for total in map(tax_total, taxes)),
        buying=rules.side is Side.PURCHASE,
        chart=row.chart,
    )
