"""A child: the database alone through asyncpg, without a service before it. The yardstick of reads and writes."""

import asyncio
from collections.abc import Iterator
from time import perf_counter
from typing import Any
from uuid import UUID

import asyncpg
import uvloop
from tests.bench.children import answer_parent, ask_child

from valeo_erp.kernel.identifiers import new_id

TABLE = "create table if not exists public.yardstick (id uuid primary key, body jsonb not null)"
BODY = '{"note": "as long as a small row of a business is, with a few words in it", "amount": "1234.56"}'


def raw(connection: dict[str, Any], inserts: int, selects: int, clients: int = 16) -> dict[str, float]:
    """Per second: single-row inserts with a commit each, and selects by key."""
    plan = {"connection": connection, "inserts": inserts, "selects": selects, "clients": clients}
    return ask_child("raw", plan)


def run(plan: dict[str, Any]) -> dict[str, Any]:
    """The child."""
    return uvloop.run(_run(plan))


async def _run(plan: dict[str, Any]) -> dict[str, Any]:
    connections = [await asyncpg.connect(**plan["connection"]) for _ in range(plan["clients"])]
    await connections[0].execute(TABLE)
    keys = [UUID(str(new_id())) for _ in range(plan["inserts"])]
    inserted = await _rate(
        connections, "insert into yardstick (id, body) values ($1, $2)", [(key, BODY) for key in keys]
    )
    wanted = [(keys[index % len(keys)],) for index in range(plan["selects"])]
    selected = await _rate(connections, "select id, body from yardstick where id = $1", wanted)
    for connection in connections:
        await connection.close()
    return {"insert": inserted, "select": selected}


async def _rate(connections: list[Any], statement: str, rows: list[tuple[Any, ...]]) -> float:
    waiting = iter(rows)
    begun = perf_counter()
    await asyncio.gather(*(_client(connection, statement, waiting) for connection in connections))
    return len(rows) / (perf_counter() - begun)


async def _client(connection: Any, statement: str, waiting: Iterator[tuple[Any, ...]]) -> None:
    for row in waiting:
        await connection.fetch(statement, *row)


if __name__ == "__main__":
    answer_parent(run)
