"""A child: writes events to the outbox as fast as a few streams hear them, and counts.

At most a window of events is under way, so that no stream is cut for being slow: it is the pace of the whole path.
The yardstick is the same without the service: the same rows, read back by another connection that is notified.
"""

import asyncio
import json
from dataclasses import asdict
from time import perf_counter
from typing import Any

import asyncpg
import uvloop
from tests.bench.children import answer_parent, ask_child
from tests.bench.http_client import Address, Ask
from tests.bench.listeners import Ear, open_ears

CHANNEL = "valeo_outbox"
IN_ONE_TRANSACTION = 20
UNDER_WAY = 1000
INSERT = """
insert into outbox (tenant_id, kind, object_kind, object_id, data, at)
select (select id from tenant where slug = 'hofmann'), 'invoice.edited', 'invoice', gen_random_uuid(),
       '{"state": "draft", "version": 1, "number": null}', now()
from generate_series(1, $1::int)
"""


def flood(connection: dict[str, Any], address: Address | None, asks: list[Ask], events: int) -> dict[str, float]:
    """Events per second, to the slowest of the streams; without an address, to one reading connection."""
    plan = {
        "connection": connection,
        "address": None if address is None else asdict(address),
        "asks": [asdict(ask) for ask in asks],
        "events": events,
    }
    return ask_child("flood", plan)


def run(plan: dict[str, Any]) -> dict[str, Any]:
    """The child."""
    return uvloop.run(_run(plan))


async def _run(plan: dict[str, Any]) -> dict[str, Any]:
    writer = await asyncpg.connect(**plan["connection"])
    if plan["address"] is None:
        reader: Any = await BareReader.open(plan["connection"])
    else:
        reader = Streams(await open_ears(Address(**plan["address"]), [Ask(**ask) for ask in plan["asks"]]))
    begun, written = perf_counter(), 0
    async with asyncio.timeout(120):
        while written < plan["events"]:
            await writer.execute(INSERT, IN_ONE_TRANSACTION)
            await writer.execute(f"notify {CHANNEL}")
            written += IN_ONE_TRANSACTION
            await _heard(reader, written - UNDER_WAY)
        await _heard(reader, written)
    seconds = perf_counter() - begun
    await writer.close()
    await reader.close()
    return {"per_second": written / seconds, "seconds": seconds}


async def _heard(reader: Any, count: int) -> None:
    while reader.heard() < count:  # noqa: ASYNC110 - the streams only note what comes, to cost little
        await asyncio.sleep(0.001)


class Streams:
    """Counts what the slowest stream has heard."""

    def __init__(self, opened: list[tuple[Ear, Any]]) -> None:
        self._opened = opened
        self._counts = [0 for _ in opened]

    def heard(self) -> int:
        """Events."""
        for index, (ear, _) in enumerate(self._opened):
            parts, ear.parts = ear.parts, []
            self._counts[index] += sum(part.count(b"\ndata: ") for _, part in parts)
        return min(self._counts)

    async def close(self) -> None:
        """Hang up."""
        for ear, connection in self._opened:
            assert ear.ended_at is None, "a stream was cut"
            connection.close()


class BareReader:
    """A connection that is notified and reads what is new."""

    def __init__(self, connection: Any, after: int) -> None:
        self._connection = connection
        self._after = after
        self._count = 0
        self._rung = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, how: dict[str, Any]) -> "BareReader":
        """Begin after what is there."""
        connection = await asyncpg.connect(**how)
        made = cls(connection, await connection.fetchval("select coalesce(max(id), 0) from outbox"))
        await connection.add_listener(CHANNEL, lambda *_: made._rung.set())
        made._task = asyncio.create_task(made._read())
        return made

    async def _read(self) -> None:
        statement = "select id, kind, object_id, data, at from outbox where id > $1 order by id limit 1000"
        while True:
            rows = await self._connection.fetch(statement, self._after)
            for row in rows:
                json.dumps([row["kind"], str(row["object_id"]), row["data"]])
            self._count += len(rows)
            self._after = rows[-1]["id"] if rows else self._after
            await self._rung.wait()
            self._rung.clear()

    def heard(self) -> int:
        """Events."""
        return self._count

    async def close(self) -> None:
        """Hang up."""
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._connection.terminate()


if __name__ == "__main__":
    answer_parent(run)
