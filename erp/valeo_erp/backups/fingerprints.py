"""The fingerprint of a database, read in one snapshot: rows and a control sum of every table, and the sequences."""

import asyncpg

from valeo_erp.backups.manifest import Fingerprint, TableMark
from valeo_erp.kernel.database import SCHEMA

# A row as text must be the same text on every server: everything that changes how values are written is set here.
_FORMS = """
set local datestyle = 'ISO, YMD'; set local intervalstyle = 'iso_8601'; set local timezone = 'UTC';
set local bytea_output = 'hex'; set local extra_float_digits = 1; set local row_security = off
"""
_TABLES = """
select c.relname from pg_class c
where c.relnamespace = $1::regnamespace and c.relkind = 'r' and c.relpersistence = 'p'
order by c.relname
"""
_SEQUENCES = "select sequencename, coalesce(last_value, 0) as last from pg_sequences where schemaname = $1"
# The sum of 64-bit hashes does not depend on the order of the rows, and one changed row changes it.
_MARK = """
select count(*) as rows, coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text as sum from {schema}.{table} t
"""


async def sequences(connection: asyncpg.Connection) -> dict[str, int]:
    """The last values given. Read before a dump: a restored one is this or later."""
    return {row["sequencename"]: row["last"] for row in await connection.fetch(_SEQUENCES, SCHEMA)}


async def fingerprint(connection: asyncpg.Connection, last: dict[str, int]) -> Fingerprint:
    """Of the snapshot that the connection's transaction sees.

    Args:
        connection: inside a transaction with one snapshot, as the owner of the tables.
        last: the sequences.
    """
    await connection.execute(_FORMS)
    marks = {}
    for row in await connection.fetch(_TABLES, SCHEMA):
        mark = await connection.fetchrow(_MARK.format(schema=SCHEMA, table=f'"{row["relname"]}"'))
        marks[row["relname"]] = TableMark(mark["rows"], mark["sum"])
    return Fingerprint(marks, last)
