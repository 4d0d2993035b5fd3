"""One snapshot of the database, and what an export reads from it, row by row."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncResult

from valeo_erp.documents.models import document as document_table
from valeo_erp.documents.models import document_line as line_table
from valeo_erp.documents.repository import ListFilter, Sort, list_statement
from valeo_erp.exporting.columns import HEADS, LINES
from valeo_erp.parties.models import party as party_table

ROWS_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The database as it was at one instant; both sheets of a workbook come from the same."""

    connection: AsyncConnection
    at: datetime

    def stream(self, statement: Select[Any]) -> AbstractAsyncContextManager[AsyncResult[Any]]:
        """The rows of a statement through a server-side cursor; take its `partitions()`."""
        return self.connection.stream(statement, execution_options={"yield_per": ROWS_AT_ONCE})


@asynccontextmanager
async def snapshot(engine: AsyncEngine) -> AsyncIterator[Snapshot]:
    """Open a snapshot for reading; nothing that is committed later is seen."""
    reading = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    async with reading.connect() as connection:
        # The first statement takes the snapshot.
        at = (await connection.execute(select(func.statement_timestamp()))).scalar_one()
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
