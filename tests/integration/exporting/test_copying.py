"""CSV that PostgreSQL writes is, byte for byte, the CSV that the encoder writes."""

import asyncio
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Date, DateTime, Numeric, Select, Text, Uuid, cast, column, select, values
from sqlalchemy.types import TypeEngine
from tests.support.databases import administrator

from valeo_erp.demo.postgres import LocalServer
from valeo_erp.documents.document import State
from valeo_erp.exporting.columns import Cell, Column
from valeo_erp.exporting.copying import LineEnds, copied
from valeo_erp.exporting.dialects import DIALECTS, CsvEncoder, DialectName
from valeo_erp.kernel.statements import Query

COLUMNS = tuple(Column(cell.value, cell.value, cell.value, cell, 10) for cell in Cell)
TYPES: dict[Cell, TypeEngine[Any]] = {
    Cell.TEXT: Text(),
    Cell.STATE: Text(),
    Cell.DATE: Date(),
    Cell.INSTANT: DateTime(timezone=True),
    Cell.MONEY: Numeric(15, 2),
    Cell.NUMBER: Numeric(19, 6),
    Cell.ID: Uuid(),
}
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8)
SPECIAL_TEXT = st.text(st.sampled_from("\";,\r\n\t =+-@\\.'\u00a0＝＋－＠a"), max_size=5)  # noqa: RUF001
INSTANTS = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
ROWS = st.lists(
    st.tuples(
        st.none() | ANY_TEXT | SPECIAL_TEXT,
        st.sampled_from([state.value for state in State]),
        st.none() | st.dates(date(1990, 1, 1), date(2100, 12, 31)),
        st.none() | INSTANTS,
        st.decimals(Decimal(-(10**12)), Decimal(10**12), places=2),
        st.none() | st.decimals(Decimal(-(10**12)), Decimal(10**12), places=6),
        st.uuids(),
    ),
    min_size=1,
    max_size=20,
)
Row = tuple[str | None, str, date | None, datetime | None, Decimal, Decimal | None, UUID]


def selected(rows: list[Row]) -> Select[Any]:
    cells = [column(cell.value, TYPES[cell]) for cell in Cell]
    table = values(column("place", Numeric()), *cells, name="t").data(
        [(Decimal(place), *row) for place, row in enumerate(rows)]
    )
    return select(*(cast(table.c[cell.value], TYPES[cell]).label(cell.value) for cell in Cell)).order_by(table.c.place)


async def written_by_the_server(server: LocalServer, query: Query, delimiter: str) -> bytes:
    parts, ends = bytearray(), LineEnds()

    async def take(part: bytes) -> None:
        parts.extend(ends(part))

    connection = await administrator(server, "postgres")
    await connection.execute("set datestyle to 'SQL, DMY'; set timezone to 'America/New_York'")
    await connection.copy_from_query(query.sql, *query.values, output=take, format="csv", delimiter=delimiter)
    await connection.close()
    return bytes(parts)


@pytest.mark.parametrize("dialect", list(DialectName))
@given(rows=ROWS)
@settings(max_examples=60, deadline=None)
def test_the_server_writes_every_cell_as_the_encoder_does(
    server: LocalServer, dialect: DialectName, rows: list[Row]
) -> None:
    query = copied(selected(rows), COLUMNS, dialect)

    written = asyncio.run(written_by_the_server(server, query, DIALECTS[dialect].delimiter))

    assert written == CsvEncoder(DIALECTS[dialect], COLUMNS).rows(rows)
