"""`valeo-erp look`: what a go-live gate wants to know of the inside of the database. It reads, and judges nothing.

Everything comes from one snapshot of a read-only transaction, as counts and names of objects: no row leaves it.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from valeo_erp.backups.invariants import broken_in, reading
from valeo_erp.documents.kinds import KINDS
from valeo_erp.identity.scopes import Role
from valeo_erp.identity.smoke import TENANT_ID
from valeo_erp.kernel.database import SCHEMA
from valeo_erp.kernel.settings import Credentials, Settings
from valeo_erp.migrations.migrate import head_revision, read_revision
from valeo_erp.migrations.provision import APPLICATION
from valeo_erp.seeds.trader import demo_tenants
from valeo_erp.tables import metadata

_MOST_TOLD = 5
_LONGEST_WORDS = 120
"""All together must fit into the 4 KiB of a termination message."""

NUMBERED = (*(kind.value for kind in KINDS), "payment")
"""What gets a number, and so needs a series."""

LARGE_TABLE_ROWS = 10_000
"""Below it PostgreSQL may rightly read a whole table although there is an index."""

_COUNTS = text("""
select (select count(*) from tenant where id <> :smoke) as tenants, (select count(*) from document) as documents,
  (select count(*) from journal_entry) as journal_entries, (select count(*) from audit_entry) as audit_entries,
  (select count(*) from number_given) as numbers
""")
_UNPROVEN = text(
    "select conrelid::regclass || '.' || conname as name from pg_constraint"
    " where connamespace = cast(:schema as regnamespace) and not convalidated order by 1"
)
_INDEXES = text("""
select c.relname as name, i.indisvalid and i.indisready as good from pg_index i join pg_class c on c.oid = i.indexrelid
where c.relnamespace = cast(:schema as regnamespace) order by c.relname
""")
_TABLES = text("""
select relname as name, n_live_tup as rows, seq_scan as whole, coalesce(idx_scan, 0) as by_index
from pg_stat_user_tables where schemaname = :schema and n_live_tup >= :large order by relname
""")
_UNUSED = text("select count(*) from pg_stat_user_indexes where schemaname = :schema and idx_scan = 0")
_SERIES = text("""
select t.slug, k.kind from tenant t cross join unnest(cast(:kinds as text[])) as k(kind)
where t.id <> :smoke and not exists (
  select from number_series s where s.tenant_id = t.id and s.document_kind = k.kind)
order by t.slug, k.kind
""")
_DEMO = text("select slug from tenant where id = any(:ids) order by slug")
_PEOPLE = text("""
select r.role, count(*) filter (where u.deactivated_at is null) as active, count(*) as all
from app_user u cross join jsonb_array_elements_text(u.roles) as r(role) where u.tenant_id <> :smoke group by r.role
""")
_SLOW = """
select count(*) as statements, coalesce(sum(s.calls), 0) as calls, coalesce(max(s.max_exec_time), 0) as slowest_ms,
  count(*) filter (where s.max_exec_time > 1000) as slow
from {view} s join pg_database d on d.oid = s.dbid and d.datname = current_database()
join pg_roles r on r.oid = s.userid and not r.rolsuper
where pg_has_role(s.userid, :application, 'member')
"""
_VIEW = text(
    "select format('%I.pg_stat_statements', n.nspname) from pg_extension e"
    " join pg_namespace n on n.oid = e.extnamespace where e.extname = 'pg_stat_statements'"
)
_CONNECTIONS = text(
    "select current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int as places,"
    " (select sum(numbackends)::int from pg_stat_database) as taken"
)


async def look(settings: Settings) -> dict[str, Any]:
    """Everything, as JSON values.

    Raises:
        DBAPIError, OSError: the database is away, or is at a schema that this version does not know.
    """
    async with reading(settings, Credentials(settings.owner_credentials_dir), "valeo-erp look") as connection:
        return {
            "schema": {"revision": await read_revision(connection), "head": head_revision()},
            "counts": await _one(connection, _COUNTS, smoke=TENANT_ID),
            "integrity": await _integrity(connection),
            "indexes": await _indexes(connection),
            "series": await _series(connection),
            "test_data": {"tenants": [row.slug for row in await _all(connection, _DEMO, ids=demo_tenants())]},
            "people": await _people(connection),
            "statements": await _statements(connection),
            "connections": {**await _one(connection, _CONNECTIONS), "pool_of_a_process": settings.database_pool_size},
        }


async def _integrity(connection: AsyncConnection) -> dict[str, Any]:
    broken = await broken_in(connection)
    unproven = [row.name for row in await _all(connection, _UNPROVEN, schema=SCHEMA)]
    return {"broken": _some(broken), "unproven_constraints": _some(unproven)}


async def _indexes(connection: AsyncConnection) -> dict[str, Any]:
    there = {row.name: row.good for row in await _all(connection, _INDEXES, schema=SCHEMA)}
    wanted = {str(index.name) for table in metadata.sorted_tables for index in table.indexes}
    tables = await _all(connection, _TABLES, schema=SCHEMA, large=LARGE_TABLE_ROWS)
    return {
        "all": len(there),
        "invalid": _some([name for name, good in there.items() if not good]),
        "missing": _some(sorted(wanted - set(there))),
        "never_used": await connection.scalar(_UNUSED, {"schema": SCHEMA}),
        "large_tables": len(tables),
        "read_whole": _some([f"{row.name}: {row.whole}/{row.by_index}" for row in tables if row.whole > row.by_index]),
    }


async def _series(connection: AsyncConnection) -> dict[str, Any]:
    missing = await _all(connection, _SERIES, kinds=list(NUMBERED), smoke=TENANT_ID)
    return {"kinds": len(NUMBERED), "missing": _some([f"{row.slug}: {row.kind}" for row in missing])}


async def _people(connection: AsyncConnection) -> dict[str, Any]:
    found = {row.role: row for row in await _all(connection, _PEOPLE, smoke=TENANT_ID)}
    return {role.value: found[role].active if role in found else 0 for role in Role}


async def _statements(connection: AsyncConnection) -> dict[str, Any]:
    """What the application's statements took at most; None of it where the server keeps no account of them."""
    view = await connection.scalar(_VIEW)
    if view is None:
        return {"kept": False}
    try:
        async with connection.begin_nested():
            found = await _one(connection, text(_SLOW.format(view=view)), application=APPLICATION)
    except DBAPIError as refused:  # the extension is there, and the server was not started with it
        return {"kept": False, "why": str(refused.orig)[:_LONGEST_WORDS]}
    return {"kept": True, **{key: float(value) if key == "slowest_ms" else int(value) for key, value in found.items()}}


def _some(words: Sequence[str]) -> list[str]:
    """The first few, and how many there are beside them."""
    more = [f"and {len(words) - _MOST_TOLD} more"] if len(words) > _MOST_TOLD else []
    return [each[:_LONGEST_WORDS] for each in words[:_MOST_TOLD]] + more


async def _all(connection: AsyncConnection, statement: Any, **values: Any) -> Sequence[Row[Any]]:
    return (await connection.execute(statement, values)).all()


async def _one(connection: AsyncConnection, statement: Any, **values: Any) -> dict[str, Any]:
    return dict((await connection.execute(statement, values)).mappings().one())
