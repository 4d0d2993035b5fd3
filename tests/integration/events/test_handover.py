"""At a switch users are sent on: streams end with a hint, kept connections are closed, and nothing is lost."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from tests.integration.events.conftest import writing_to
from tests.support.databases import UNHINDERED, settings_for
from tests.support.listening import Ear, Replica, replica, until

from valeo_erp.demo.postgres import LocalServer


@dataclass
class ActiveService:
    """Says which release users reach, as `/readyz` behind the active Service does."""

    leads_to: str
    url: str = ""

    @asynccontextmanager
    async def open(self) -> AsyncIterator["ActiveService"]:
        """Answer until the block ends."""
        server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with server:
            yield self

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = json.dumps({"ready": True, "release": self.leads_to}).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body))
        await writer.drain()
        writer.close()


@pytest.fixture
async def service() -> AsyncIterator[ActiveService]:
    """It leads to blue."""
    async with ActiveService("blue").open() as service:
        yield service


@pytest.fixture
async def colours(
    server: LocalServer, database: str, service: ActiveService, tmp_path: Path
) -> AsyncIterator[tuple[Replica, Replica]]:
    """Blue and green on one database, as at a switch."""
    environment = server.environment(database) | UNHINDERED | {"VALEO_ACTIVE_URL": service.url}
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        ports = one.getsockname()[1], other.getsockname()[1]
    async with (
        replica({**environment, "VALEO_RELEASE_ID": "blue"}, ports[0], tmp_path / "blue.log") as blue,
        replica({**environment, "VALEO_RELEASE_ID": "green"}, ports[1], tmp_path / "green.log") as green,
    ):
        yield blue, green


async def test_streams_end_at_the_switch_and_resume_on_the_new_colour_without_a_lost_or_doubled_event(
    colours: tuple[Replica, Replica], service: ActiveService, server: LocalServer, database: str
) -> None:
    blue, green = colours
    ears = [Ear() for _ in range(10)]
    begun = [asyncio.create_task(ear.listen(blue.url)) for ear in ears]
    await until(lambda: all(ear.retry for ear in ears))
    async with writing_to(settings_for(server, database)) as writer, httpx.AsyncClient() as client:
        await writer.write("before")
        await asyncio.gather(*(ear.hears(1) for ear in ears))
        assert "connection" not in (await client.get(f"{blue.url}/healthz")).headers
        service.leads_to = "green"
        await asyncio.wait_for(asyncio.gather(*begun), 10)
        await writer.write("between")
        assert {ear.comments[-1] for ear in ears} == {"release_replaced"}
        assert len({ear.retry for ear in ears}) > 1
        assert (await client.get(f"{blue.url}/healthz")).headers["connection"] == "close"
        assert "connection" not in (await client.get(f"{green.url}/healthz")).headers
        going_on = [asyncio.create_task(ear.listen(green.url)) for ear in ears]
        await asyncio.gather(*(ear.hears(2) for ear in ears))
        await writer.write("after")
        await asyncio.gather(*(ear.hears(3) for ear in ears))
        for task in going_on:
            task.cancel()
        await asyncio.gather(*going_on, return_exceptions=True)
    assert [ear.notes for ear in ears] == [["before", "between", "after"]] * len(ears)
