"""A child: sends many requests over a few kept connections, and tells how long each took."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from time import perf_counter, process_time
from typing import Any

import uvloop
from tests.bench.children import answer_parent, ask_child
from tests.bench.http_client import Address, Answer, Ask, Connection, failed


class RefusedError(RuntimeError):
    """Requests that should have succeeded did not, so that the numbers mean nothing."""


def load(address: Address, asks: list[Ask], clients: int = 16, interval: float = 0.0) -> "Load":
    """Send the requests from a process of its own.

    Args:
        address: of the server.
        asks: taken in this order by whichever client is free.
        clients: connections, each with one request under way at a time.
        interval: seconds from one request's start to the next; 0 for as fast as they are answered.

    Raises:
        RefusedError: not every answer was a success.
    """
    plan = {"address": asdict(address), "clients": clients, "interval": interval, "asks": [asdict(ask) for ask in asks]}
    seen = ask_child("load", plan)
    if seen["failures"]:
        raise RefusedError(f"{asks[0].method} {asks[0].path}: {seen['failures']}")
    return Load(seen)


class Load:
    """What the child saw.

    Attributes:
        seconds: from the first request to the last answer.
        milliseconds: of every request.
        answers: the headers `etag` and `location`, and the length of every body, in the order of the requests.
    """

    def __init__(self, seen: dict[str, Any]) -> None:
        self.seconds: float = seen["seconds"]
        self.milliseconds: list[float] = seen["milliseconds"]
        self.answers: list[dict[str, Any]] = seen["answers"]
        self.client_cpu_seconds: float = seen["cpu_seconds"]

    @property
    def per_second(self) -> float:
        """Answers per second."""
        return len(self.milliseconds) / self.seconds


def run(plan: dict[str, Any]) -> dict[str, Any]:
    """The child."""
    return uvloop.run(_run(plan))


async def _run(plan: dict[str, Any]) -> dict[str, Any]:
    address = Address(**plan["address"])
    asks = [Ask(**ask).encoded(address) for ask in plan["asks"]]
    answers: list[Answer | None] = [None] * len(asks)
    connections = [await Connection.open(address) for _ in range(plan["clients"])]
    waiting = iter(enumerate(asks))
    begun, cpu = perf_counter(), process_time()
    due = [begun + index * plan["interval"] for index in range(len(asks))]
    await asyncio.gather(*(_client(connection, waiting, answers, due) for connection in connections))
    seconds, cpu_seconds = perf_counter() - begun, process_time() - cpu
    for connection in connections:
        connection.close()
    return {"seconds": seconds, "cpu_seconds": cpu_seconds} | _told([answer for answer in answers if answer])


async def _client(
    connection: Connection, waiting: Iterator[tuple[int, bytes]], answers: list[Answer | None], due: list[float]
) -> None:
    for index, ask in waiting:
        if (pause := due[index] - perf_counter()) > 0:
            await asyncio.sleep(pause)
        answers[index] = await connection.send(ask)


def _told(answers: list[Answer]) -> dict[str, Any]:
    return {
        "milliseconds": [answer.seconds * 1000 for answer in answers],
        "answers": [
            {
                "etag": answer.headers.get("etag"),
                "location": answer.headers.get("location"),
                "length": answer.length,
                "body": answer.beginning.decode(errors="replace") if answer.length < 1000 else "",
            }
            for answer in answers
        ],
        "failures": dict(Counter(failed(answer) for answer in answers if answer.status >= 300).most_common(3)),
    }


if __name__ == "__main__":
    answer_parent(run)
