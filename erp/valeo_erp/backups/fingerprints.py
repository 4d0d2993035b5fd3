"""The fingerprint of a database, read in one snapshot: rows and a control sum of every table, and the sequences."""

import asyncpg

from valeo_erp.backups.manifest import Fingerprint, Form, TableMark
from valeo_erp.kernel.database import SCHEMA

# A row as text must be the same text on every server: everything that changes how values are written is set here.
_SETTINGS = """
set local datestyle = 'ISO, YMD'; set local intervalstyle = 'iso_8601'; set local timezone = 'UTC';
set local bytea_output = 'hex'; set local extra_float_digits = 1; set local row_security = off
"""
_FIRST_OWN_TYPE = 16384
"""Types of our own have another number in each database, and the binary form of a row has these numbers in it."""
_TABLES = """
select c.relname as name, bool_and(a.atttypid < $2) as portable
from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where c.relnamespace = $1::regnamespace and c.relkind = 'r' and c.relpersistence = 'p'
group by c.relname, c.relpages
order by c.relpages desc, c.relname
"""
_SEQUENCES = "select sequencename, coalesce(last_value, 0) as last from pg_sequences where schemaname = $1"
# The sum of 64-bit hashes does not depend on the order of the rows, and one changed row changes it. As a row is sent to
# a client in binary it is exact, and takes little more than half of the time of the same row as text.
_HASHES = {Form.BINARY: "hash_record_extended(row(record_send(t)), 0)", Form.TEXT: "hashtextextended(t::text, 0)"}
_MARK = "select count(*) as rows, coalesce(sum({hash}), 0)::text as sum from {schema}.{table} t"


async def sequences(connection: asyncpg.Connection) -> dict[str, int]:
    """The last values given. Read before a dump: a restored one is this or later."""
    return {row["sequencename"]: row["last"] for row in await connection.fetch(_SEQUENCES, SCHEMA)}


async def fingerprint(connection: asyncpg.Connection, last: dict[str, int], form: Form = Form.BINARY) -> Fingerprint:
    """Of the snapshot that the connection's transaction sees.

    Args:
        connection: inside a transaction with one snapshot, as the owner of the tables.
        last: the sequences.
        form: of the rows that are hashed; what is compared must have the same one.
    """
    await connection.execute(_SETTINGS)
    marks = {}
    for table in await connection.fetch(_TABLES, SCHEMA, _FIRST_OWN_TYPE):
        hashed = _HASHES[form if table["portable"] else Form.TEXT]
        statement = _MARK.format(hash=hashed, schema=SCHEMA, table=f'"{table["name"]}"')
        mark = await connection.fetchrow(statement)
        marks[table["name"]] = TableMark(mark["rows"], mark["sum"])
    return Fingerprint(marks, last, form)
