"""The lines that other lines follow, read with what was taken of them; locked when the document is posted."""

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from valeo_erp.documents.document import Kind, State
from valeo_erp.documents.kinds import siblings
from valeo_erp.documents.lines import LINE_ARRAY, line_of
from valeo_erp.documents.links import Key, SourceLine, Taken
from valeo_erp.kernel.statements import Statement

# In the order of ids, so that two that post at the same time never wait for each other.
_LOCK = Statement("""
select d.id from document d
where d.tenant_id = :tenant_id and d.id in (
  select id from unnest(:ids::uuid[]) id
  union
  select l.source_id from document_line l
  where l.tenant_id = :tenant_id and l.document_id = any(:ids) and l.source_id is not null)
order by d.id
for no key update
""")

_READ = Statement(f"""
with recursive chain as (
  select l.document_id, l.position, l.source_id, l.source_position, 0 as up
  from unnest(:ids::uuid[], :positions::smallint[]) w(id, position)
  join document_line l on (l.tenant_id, l.document_id, l.position) = (:tenant_id, w.id, w.position)
  union
  select l.document_id, l.position, l.source_id, l.source_position, c.up + 1
  from chain c
  join document_line l on (l.tenant_id, l.document_id, l.position) = (:tenant_id, c.source_id, c.source_position)
  where c.up < 1
), wanted as (
  select distinct document_id, position from chain
)
select d.id, d.kind, d.state, d.number, d.reverses_id, d.party_id, i.tolerance, {LINE_ARRAY}::text as line,
  (select jsonb_agg(jsonb_build_array(f.unit, f.quantity, f.net))
   from document_line f join document t on (t.tenant_id, t.id) = (f.tenant_id, f.document_id)
   where f.tenant_id = :tenant_id and t.state = 'posted' and t.reverses_id is null and t.kind = any(:kinds)
     and t.id is distinct from :own_id
     and (f.source_id, f.source_position) in (
       select l.document_id, l.position
       union all
       select m.document_id, m.position from document_line m
       where (m.tenant_id, m.source_id, m.source_position) = (:tenant_id, l.document_id, l.position)))::text as taken
from wanted w
join document_line l on (l.tenant_id, l.document_id, l.position) = (:tenant_id, w.document_id, w.position)
join document d on (d.tenant_id, d.id) = (l.tenant_id, l.document_id)
join item i on (i.tenant_id, i.id) = (l.tenant_id, l.item_id)
""")  # noqa: S608 - only constants of this module

_FOLLOWERS = Statement("""
select distinct d.number from document_line f
join document d on (d.tenant_id, d.id) = (f.tenant_id, f.document_id)
where f.tenant_id = :tenant_id and f.source_id = :id and d.state = 'posted' and d.reverses_id is null
order by d.number
limit 10
""")


async def lock_sources(connection: AsyncConnection, tenant_id: UUID, keys: Iterable[Key]) -> None:
    """Hold the documents that these lines are of, and those that they follow, until the transaction ends."""
    await _LOCK.rows(connection, {"tenant_id": tenant_id, "ids": sorted({document_id for document_id, _ in keys})})


async def read_sources(
    connection: AsyncConnection, tenant_id: UUID, keys: Iterable[Key], kind: Kind, own_id: UUID | None
) -> dict[Key, SourceLine]:
    """These lines and those that they follow, as far as this tenant has them, in the order of documents and positions.

    What documents like the one that follows, which is of `kind`, took of them is told with them, without what that
    document itself, `own_id`, took.
    """
    wanted = list(dict.fromkeys(keys))
    rows = await _READ.rows(
        connection,
        {
            "tenant_id": tenant_id,
            "ids": [document_id for document_id, _ in wanted],
            "positions": [position for _, position in wanted],
            "kinds": sorted(siblings(kind)),
            "own_id": own_id,
        },
    )
    found = [_source(row) for row in rows]
    return {(source.document_id, source.line.position): source for source in sorted(found, key=_place)}


async def followers(connection: AsyncConnection, tenant_id: UUID, document_id: UUID) -> list[str]:
    """The numbers of posted documents that follow this one, ten at most."""
    rows = await _FOLLOWERS.rows(connection, {"tenant_id": tenant_id, "id": document_id})
    return [row["number"] for row in rows]


def _place(source: SourceLine) -> tuple[UUID, int]:
    return source.document_id, source.line.position


def _source(values: Mapping[str, Any]) -> SourceLine:
    line = line_of(json.loads(values["line"], parse_float=Decimal))
    parent = None if line.source_id is None or line.source_position is None else (line.source_id, line.source_position)
    taken = json.loads(values["taken"] or "[]", parse_float=Decimal)
    return SourceLine(
        document_id=values["id"],
        kind=Kind(values["kind"]),
        state=State(values["state"]),
        number=values["number"],
        is_reversal=values["reverses_id"] is not None,
        party_id=values["party_id"],
        tolerance=values["tolerance"],
        line=line,
        parent=parent,
        taken=tuple(Taken(unit, Decimal(quantity), Decimal(net)) for unit, quantity, net in taken),
    )
