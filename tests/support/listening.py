"""A client of server-sent events, as WHATWG HTML §9.2 parses them, and a replica to listen to."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Replica:
    """A running process of the ERP."""

    url: str
    process: asyncio.subprocess.Process

    def terminate(self) -> None:
        """What the kubelet does."""
        self.process.send_signal(signal.SIGTERM)


@asynccontextmanager
async def replica(environment: dict[str, str], port: int, log: Path) -> AsyncIterator[Replica]:
    """Run one replica until the block ends."""
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.support.replica",
            str(port),
            cwd=ROOT,
            env={**os.environ, **environment, "PYTHONPATH": str(ROOT)},
            stderr=output,
            stdout=output,
        )
        made = Replica(f"http://127.0.0.1:{port}", process)
        try:
            await _until_ready(made, log)
            yield made
        finally:
            if process.returncode is None:
                process.terminate()
            await asyncio.wait_for(process.wait(), 30)


async def _until_ready(made: Replica, log: Path) -> None:
    async with httpx.AsyncClient() as client:
        for _ in range(900):  # a machine that does much else starts a process in tens of seconds
            try:
                if (await client.get(f"{made.url}/readyz")).status_code == 200:
                    return
            except httpx.TransportError:
                if made.process.returncode is not None:
                    break
            await asyncio.sleep(0.1)
    raise AssertionError(f"The replica did not become ready:\n{_text(log)}")


def _text(log: Path) -> str:
    return log.read_text(errors="replace")


async def until(condition: Callable[[], object], within_seconds: float = 10) -> None:
    """Wait until something holds.

    Raises:
        TimeoutError: it did not come to hold in time.
    """
    async with asyncio.timeout(within_seconds):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event to wait on
            await asyncio.sleep(0.01)


@dataclass(frozen=True)
class Heard:
    """One dispatched event."""

    id: str
    event: str
    data: dict[str, Any]


@dataclass
class Ear:
    """Listens, and remembers the last id for the next time.

    Attributes:
        heard: every event in the order of its arrival, over all connections of this ear.
        comments: such as heartbeats.
    """

    person: str = "adam"
    last_event_id: str = ""
    retry: int | None = None
    heard: list[Heard] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)

    @property
    def notes(self) -> list[Any]:
        """What the tests wrote into their events."""
        return [event.data["data"].get("note") for event in self.heard if event.event == "message"]

    @asynccontextmanager
    async def listening(self, url: str, **query: Any) -> AsyncIterator[asyncio.Task[None]]:
        """Listen in the background until the block ends, from the first block on."""
        opened = asyncio.Event()
        task = asyncio.create_task(self.listen(url, opened, **query))
        waiting = asyncio.create_task(opened.wait())
        await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED, timeout=10)
        waiting.cancel()
        if task.done():
            await task
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def listen(
        self, url: str, opened: asyncio.Event | None = None, client: httpx.AsyncClient | None = None, **query: Any
    ) -> None:
        """Listen until the other side ends the stream; with a client of its own unless one is given."""
        if client is None:
            async with httpx.AsyncClient(timeout=httpx.Timeout(10, read=60)) as own:
                await self.listen(url, opened, own, **query)
            return
        headers = {"Authorization": f"Bearer {self.person}"}
        if self.last_event_id:
            headers["Last-Event-ID"] = self.last_event_id
        async with client.stream("GET", f"{url}/api/v1/events", headers=headers, params=query) as answer:
            if answer.status_code != 200:
                await answer.aread()
                answer.raise_for_status()
            await self._parse(answer, opened)

    async def _parse(self, answer: httpx.Response, opened: asyncio.Event | None) -> None:
        event, data = "message", ""
        async for line in answer.aiter_lines():
            name, _, value = line.partition(": ")
            match name:
                case "":
                    if line.startswith(":"):
                        self.comments.append(value)
                        continue
                    if data:
                        self.heard.append(Heard(self.last_event_id, event, json.loads(data)))
                    event, data = "message", ""
                    if opened is not None:
                        opened.set()
                case "id":
                    self.last_event_id = value
                case "event":
                    event = value
                case "data":
                    data += value
                case "retry":
                    self.retry = int(value)

    async def hears(self, count: int, within_seconds: float = 10) -> None:
        """Wait until so many events came."""
        await until(lambda: len(self.heard) >= count, within_seconds)
