"""A child: holds many live streams open, and tells when each of them heard what.

On its first line of input comes the plan. It prints a line when every stream is open, and what it saw when it is told
to stop by a second line, or when the other side has ended every stream.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from time import time
from typing import Any

import uvloop
from tests.bench.children import ROOT, TIMEOUT_SECONDS, ChildError, command
from tests.bench.http_client import Address, Ask, Connection

OPENING_AT_ONCE = 50
OPENING_SECONDS = 60.0


@dataclass(frozen=True)
class Heard:
    """What the child saw, in seconds since the epoch.

    Attributes:
        times: by the event's id, when each stream heard it.
        ended: when each stream was ended by the other side.
    """

    times: dict[str, list[float]]
    ended: list[float]


class Listeners:
    """The child while it runs."""

    def __init__(self, child: subprocess.Popen[str]) -> None:
        self._child = child

    def stop(self) -> Heard:
        """Hang up and tell."""
        return self._told("stop\n")

    def until_ended(self) -> Heard:
        """Wait until the other side has ended every stream."""
        return self._told(None)

    def _told(self, line: str | None) -> Heard:
        try:
            out, errors = self._child.communicate(line, timeout=TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise ChildError("the streams did not end") from error
        if self._child.returncode:
            raise ChildError(f"the listeners ended with {self._child.returncode}:\n{errors[-3000:]}")
        return Heard(**json.loads(out))


@contextmanager
def listening(address: Address, asks: list[Ask]) -> Iterator[Listeners]:
    """Streams, all open when the block begins.

    Raises:
        ChildError: not all could be opened.
    """
    plan = {"address": asdict(address), "asks": [asdict(ask) for ask in asks]}
    child = subprocess.Popen(
        command("listeners"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    )
    try:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(json.dumps(plan) + "\n")
        child.stdin.flush()
        if child.stdout.readline() != "open\n":
            _, errors = child.communicate(timeout=10)
            raise ChildError(f"not every stream opened:\n{errors[-3000:]}")
        yield Listeners(child)
    finally:
        if child.poll() is None:
            child.kill()
            child.communicate()


@dataclass
class Ear:
    """One stream: parts with the time of their coming, looked at only afterwards."""

    parts: list[tuple[float, bytes]]
    opened: asyncio.Event
    ended_at: float | None = None

    def hear(self, part: bytes) -> None:
        """One part came."""
        self.parts.append((time(), part))
        self.opened.set()

    def end(self) -> None:
        """The other side closed."""
        self.ended_at = time()

    def events(self) -> Iterator[tuple[str, float]]:
        """Id and time of every event; blocks without data only move the cursor."""
        rest = b""
        for at, part in self.parts:
            *blocks, rest = (rest + part).split(b"\n\n")
            for block in blocks:
                lines = dict(line.partition(b": ")[::2] for line in block.split(b"\n"))
                if b"data" in lines:
                    yield lines[b"id"].decode(), at


async def open_ear(address: Address, ask: Ask) -> tuple[Ear, Connection]:
    """A stream that has told its first block."""
    connection, ear = await Connection.open(address), Ear([], asyncio.Event())
    connection.on_part, connection.on_end = ear.hear, ear.end
    answer = connection.send(ask.encoded(address))
    waiting = asyncio.create_task(ear.opened.wait())
    both: set[asyncio.Future[Any]] = {answer, waiting}
    await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED, timeout=OPENING_SECONDS)
    waiting.cancel()
    if answer.done() or not ear.opened.is_set():
        raise ConnectionError(f"a stream was not opened: {answer.result() if answer.done() else 'no answer'}")
    return ear, connection


async def open_ears(address: Address, asks: list[Ask]) -> list[tuple[Ear, Connection]]:
    """All of them, some at a time."""
    turns = asyncio.Semaphore(OPENING_AT_ONCE)

    async def one(ask: Ask) -> tuple[Ear, Connection]:
        async with turns:
            return await open_ear(address, ask)

    return list(await asyncio.gather(*(one(ask) for ask in asks)))


async def _run(plan: dict[str, Any]) -> dict[str, Any]:
    opened = await open_ears(Address(**plan["address"]), [Ask(**ask) for ask in plan["asks"]])
    sys.stdout.write("open\n")
    sys.stdout.flush()
    told = asyncio.create_task(asyncio.to_thread(sys.stdin.readline))
    while not told.done() and any(ear.ended_at is None for ear, _ in opened):  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    for _, connection in opened:
        connection.on_end = None
        connection.close()
    times: dict[str, list[float]] = {}
    for ear, _ in opened:
        for identity, at in ear.events():
            times.setdefault(identity, []).append(at)
    return {"times": times, "ended": [ear.ended_at for ear, _ in opened if ear.ended_at is not None]}


def main() -> None:
    """The child. Python waits for the thread that reads the last line, so the parent closes that pipe."""
    seen = uvloop.run(_run(json.loads(sys.stdin.readline())))
    json.dump(seen, sys.stdout)


if __name__ == "__main__":
    main()
