"""Both colours are alive on one database, each in a process of its own: only the one that users reach works unasked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx
from tests.support.databases import UNHINDERED
from tests.support.listening import replica, until
from tests.support.sign_in import free_port

from valeo_erp.demo.postgres import LocalServer
from valeo_erp.operations.activity import EVERY_SECONDS, PATIENCE

BEGINS, ENDS = "Background work begins", "Background work ends"
MAX = {"Authorization": "Bearer max"}


@dataclass
class ActiveService:
    """What users reach: leads to a port, or to nobody. It counts what was asked through it."""

    port: int
    leads_to: int | None = None
    asked: int = 0

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["ActiveService"]:
        """Until the block ends."""
        async with await asyncio.start_server(self._lead, "127.0.0.1", self.port):
            yield self

    async def _lead(self, asked: asyncio.StreamReader, answered: asyncio.StreamWriter) -> None:
        self.asked += 1
        if self.leads_to is not None:
            there, back = await asyncio.open_connection("127.0.0.1", self.leads_to)
            await asyncio.gather(_pass_on(asked, back), _pass_on(there, answered))
            await _close(back)
        await _close(answered)


async def _pass_on(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while part := await source.read(65536):
            target.write(part)
            await target.drain()
        target.write_eof()


async def _close(end: asyncio.StreamWriter) -> None:
    end.close()
    with suppress(ConnectionError):
        await end.wait_closed()


@dataclass(frozen=True)
class Colour:
    """A process of the ERP, and what it logged."""

    port: int
    url: str
    log: Path

    def said(self) -> list[str]:
        """When its background work began and ended, in the order in which that happened."""
        lines = self.log.read_text().splitlines()
        return [word for line in lines for word in (BEGINS, ENDS) if word in line]

    async def asked_for_an_export(self) -> str:
        """A person asks this colour for a long export; gives the id of the job."""
        async with httpx.AsyncClient(base_url=self.url, headers=MAX, timeout=30) as http:
            return str((await http.post("/api/v1/exports/jobs?format=csv")).json()["id"])


@asynccontextmanager
async def colour(name: str, service: ActiveService, shared: dict[str, str], folder: Path) -> AsyncIterator[Colour]:
    """One colour, until the block ends."""
    port, log = free_port(), folder / f"{name}.log"
    variables = {**shared, "VALEO_ACTIVE_URL": f"http://127.0.0.1:{service.port}", "VALEO_RELEASE_ID": f"erp-{name}"}
    async with replica(variables, port, log) as running:
        yield Colour(port, running.url, log)


async def test_background_work_is_done_by_the_active_colour_alone_while_both_colours_live(
    server: LocalServer, database: str, administration: asyncpg.Connection, tmp_path: Path
) -> None:
    async def state(job: str) -> str:
        return str(await administration.fetchval("select state from valeo.export_job where id = $1::uuid", job))

    async def done(job: str) -> None:
        async with asyncio.timeout(60):
            while await state(job) != "done":  # noqa: ASYNC110 - the database tells nobody
                await asyncio.sleep(0.2)

    async def sealed() -> int:
        return int(await administration.fetchval("select count(*) from valeo.audit_link"))

    shared = {**server.environment(database), **UNHINDERED}
    async with (
        ActiveService(free_port()).serving() as service,
        colour("blue", service, shared, tmp_path) as blue,
        colour("green", service, shared, tmp_path) as green,
    ):
        # Users reach nobody yet: both colours take in what persons ask for, and neither works unasked.
        before, looks = await sealed(), service.asked
        jobs = [await blue.asked_for_an_export(), await green.asked_for_an_export()]
        await until(lambda: service.asked >= looks + 4 * (PATIENCE + 1), 60 * EVERY_SECONDS)
        assert [await state(job) for job in jobs] == ["waiting", "waiting"]
        assert (await sealed(), blue.said(), green.said()) == (before, [], [])

        # Users reach blue: it does what both took in.
        service.leads_to = blue.port
        for job in jobs:
            await done(job)
        async with asyncio.timeout(30):
            while await sealed() == before:  # noqa: ASYNC110 - the database tells nobody
                await asyncio.sleep(0.2)
        assert (blue.said(), green.said()) == ([BEGINS], [])

        # Users reach green, and blue is still alive: the work has changed hands.
        service.leads_to = green.port
        await until(lambda: (blue.said(), green.said()) == ([BEGINS, ENDS], [BEGINS]), 30)
        await done(await blue.asked_for_an_export())
    assert (blue.said(), green.said()) == ([BEGINS, ENDS], [BEGINS])
