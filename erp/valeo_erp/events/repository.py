"""Reads and clears the outbox. The order is `(xid, id)`, and nobody reads past the oldest transaction still running.

An id alone will not do: a transaction takes its ids early and may commit late, after a reader has gone past them.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from valeo_erp.events.cursor import Cursor, Position
from valeo_erp.events.frames import Frame, event_frame

BATCH = 1_000
RETENTION_HOURS = 25
"""Longer than the 24 hours that replay promises, so that a cursor of exactly a day still works."""

# Horizon, epoch and rows come from one snapshot. Rows past the horizon are counted, not returned: they are committed,
# but an older transaction is still running, and its events come first.
_NEWER = """
select horizon.xmin, horizon.epoch, horizon.now,
       r.xid::text::bigint as xid, r.id, r.tenant_id, r.kind, r.object_kind, r.object_id, r.data, r.at
from (select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as xmin, epoch, clock_timestamp() as now
      from installation) horizon
left join lateral (
  select * from outbox where (xid, id) > ($1::text::xid8, $2::bigint) order by xid, id limit $3
) r on true
order by r.xid, r.id
"""

_HORIZON = "select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as xmin, epoch from installation"

_REPLAY = text("""
select xid::text::bigint as xid, id, tenant_id, kind, object_kind, object_id, data, at
from outbox
where tenant_id = :tenant_id
  and (xid, id) > (cast(cast(:after_xid as text) as xid8), :after_id)
  and (xid, id) <= (cast(cast(:until_xid as text) as xid8), :until_id)
order by xid, id limit :batch
""").columns(data=JSONB)

_FLOOR = text("select xid::text::bigint as xid, id from outbox_floor")

# The floor moves in the same transaction as the rows go: a cursor below it may have lost events.
_CLEAR = text("""
with gone as (
  select xid, id from outbox where at < :before order by xid desc, id desc limit 1
), moved as (
  update outbox_floor f set xid = gone.xid, id = gone.id from gone where (f.xid, f.id) < (gone.xid, gone.id)
  returning f.xid, f.id
)
delete from outbox o using moved where (o.xid, o.id) <= (moved.xid, moved.id)
""")

# A restored database may lie in another cluster, whose transactions have smaller ids than the events that were backed
# up: new events would be told before those, and every new cursor would lie below the old floor.
_BEGIN_ANEW = (
    "update installation set epoch = substr(md5(gen_random_uuid()::text), 1, 8)",
    "delete from outbox",
    "update outbox_floor set xid = pg_snapshot_xmin(pg_current_snapshot()), id = 0",
    "delete from stream_ticket",
    "delete from web_session",
)


@dataclass(frozen=True)
class Batch:
    """What one look at the outbox found.

    Attributes:
        horizon: the oldest transaction still running; it never falls, unless the database is another one.
        frames: the events after the last position that may be told, in order.
        position: everything up to here has been told now.
        complete: no further event can be told at the moment.
        waiting_since: when the oldest event that is committed but must wait was written.
        now: the database's clock.
    """

    epoch: str
    horizon: int
    frames: tuple[Frame, ...]
    position: Position
    complete: bool
    waiting_since: datetime | None
    now: datetime


async def read_horizon(connection: asyncpg.Connection) -> Cursor:
    """Where a reader begins that wants only what is new."""
    row = await connection.fetchrow(_HORIZON, timeout=5)
    return Cursor(row["epoch"], Position(row["xmin"], 0))


async def read_newer(connection: asyncpg.Connection, after: Position, batch: int = BATCH) -> Batch:
    """The events after a position, up to the horizon."""
    rows = await connection.fetch(_NEWER, str(after.xid), after.id, batch, timeout=5)
    return _batch(rows, after, batch)


def _batch(rows: Sequence[Any], after: Position, limit: int) -> Batch:
    head = rows[0]
    found = [row for row in rows if row["id"] is not None]
    told = [row for row in found if row["xid"] < head["xmin"]]
    waiting = found[len(told) : len(told) + 1]
    full = len(told) == limit
    horizon = max(after, Position(head["xmin"], 0))
    return Batch(
        epoch=head["epoch"],
        horizon=head["xmin"],
        frames=tuple(_frame(head["epoch"], row, json.loads(row["data"])) for row in told),
        position=Position(told[-1]["xid"], told[-1]["id"]) if full else horizon,
        complete=not full,
        waiting_since=waiting[0]["at"] if waiting else None,
        now=head["now"],
    )


def _frame(epoch: str, row: Any, data: Any) -> Frame:
    return event_frame(
        Cursor(epoch, Position(row["xid"], row["id"])),
        tenant_id=row["tenant_id"],
        kind=row["kind"],
        object_kind=row["object_kind"],
        object_id=row["object_id"],
        data=data,
        at=row["at"],
    )


async def replay(
    connection: AsyncConnection, epoch: str, tenant_id: object, after: Position, until: Position, batch: int = BATCH
) -> list[Frame]:
    """A tenant's events after one position and up to another, oldest first, at most `batch`."""
    rows = await connection.execute(
        _REPLAY,
        {
            "tenant_id": tenant_id,
            "after_xid": str(after.xid),
            "after_id": after.id,
            "until_xid": str(until.xid),
            "until_id": until.id,
            "batch": batch,
        },
    )
    return [_frame(epoch, row, row["data"]) for row in rows.mappings()]


async def read_floor(connection: AsyncConnection) -> Position:
    """Events up to here may have been cleared away."""
    row = (await connection.execute(_FLOOR)).one()
    return Position(row.xid, row.id)


async def clear(connection: AsyncConnection, before: datetime) -> int:
    """Remove events written before an instant, and tell how many."""
    return (await connection.execute(_CLEAR, {"before": before})).rowcount


async def begin_anew(connection: asyncpg.Connection) -> None:
    """What a restored database needs before it is served: another epoch, no events, tickets and sessions of before."""
    async with connection.transaction():
        for statement in _BEGIN_ANEW:
            await connection.execute(statement)
