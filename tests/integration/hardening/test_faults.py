"""What happens when the database goes away, hangs, or ends a connection, and when a client leaves in the middle."""

import asyncio
import os
import shutil
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from tests.integration.hardening.conftest import Things
from tests.support.databases import administrator, settings_for
from tests.support.people import KnownPeople

from valeo_erp.app import create_app
from valeo_erp.demo.postgres import LocalServer, local_server
from valeo_erp.kernel.settings import Settings
from valeo_erp.migrations.migrate import migrate
from valeo_erp.migrations.provision import provision
from valeo_erp.operations.readiness import FRESH_SECONDS
from valeo_erp.seeds.trader import seed

ADAM = {"Authorization": "Bearer adam"}


class OwnServer:
    """A PostgreSQL that the test stops, starts and freezes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running = ExitStack()
        self.at: LocalServer | None = None

    def start(self) -> LocalServer:
        """On the same port and data as before."""
        port = self.at.port if self.at else 0
        self.at = self._running.enter_context(local_server(self._folder, port, fsync="off"))
        return self.at

    def stop(self) -> None:
        """As `systemctl stop` does."""
        self._running.close()

    def becomes_standby(self) -> None:
        """When it is started it replays and takes no writes, until it is promoted."""
        shutil.copy(self._folder / "data" / "PG_VERSION", self._folder / "data" / "standby.signal")
        owner = (self._folder / "data").stat()
        os.chown(self._folder / "data" / "standby.signal", owner.st_uid, owner.st_gid)

    def postmaster(self) -> int:
        """The process that the others belong to."""
        return int((self._folder / "data" / "postmaster.pid").read_text().splitlines()[0])

    def signal_all(self, number: signal.Signals) -> None:
        """To the server and every one of its processes."""
        main = self.postmaster()
        children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
        for process in (main, *map(int, children)):
            os.kill(process, number)


@pytest.fixture
def own_server() -> Iterator[OwnServer]:
    """A server for one test, in a folder that its own user can reach."""
    folder = Path(tempfile.mkdtemp(prefix="valeo-faults-"))
    made = OwnServer(folder)
    made.start()
    yield made
    made.stop()
    shutil.rmtree(folder)


@dataclass
class Standing:
    """An ERP on a server of its own."""

    server: OwnServer
    settings: Settings
    app: FastAPI
    client: httpx.AsyncClient


@pytest.fixture
async def standing(own_server: OwnServer) -> AsyncIterator[Standing]:
    """Seeded, started, and with a connection in its pool."""
    assert own_server.at is not None
    settings = settings_for(own_server.at, "valeo", VALEO_REQUEST_TIMEOUT_SECONDS="1.5")
    await provision(settings)
    await migrate(settings)
    await seed(settings)
    app = create_app(settings, KnownPeople())
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://erp.test") as client,
    ):
        await _until_ready(client)
        assert (await client.get("/api/v1/parties", headers=ADAM)).status_code == 200
        yield Standing(own_server, settings, app, client)


async def _expect_unavailable(client: httpx.AsyncClient, within_seconds: float) -> None:
    for method, path in (("GET", "/api/v1/parties"), ("POST", "/api/v1/parties"), ("GET", "/invoices")):
        begun = time.monotonic()
        answer = await client.request(method, path, headers=ADAM, json={} if method == "POST" else None)
        assert answer.status_code in ({503} if method == "GET" else {503, 422}), answer.text
        assert time.monotonic() - begun < within_seconds
        if answer.status_code == 503:
            assert int(answer.headers["retry-after"]) > 0
            assert answer.headers["content-type"] == "application/problem+json"


async def _ready(client: httpx.AsyncClient) -> bool:
    return (await client.get("/readyz")).status_code == 200


async def _until_ready(client: httpx.AsyncClient) -> None:
    async with asyncio.timeout(10):
        while not await _ready(client):  # noqa: ASYNC110 - the service is asked from outside
            await asyncio.sleep(0.1)


async def test_without_its_database_the_service_says_so_within_two_seconds_and_recovers_by_itself(
    standing: Standing,
) -> None:
    client = standing.client
    await asyncio.to_thread(standing.server.stop)
    await _expect_unavailable(client, within_seconds=2)
    assert (await client.get("/healthz")).status_code == 200
    await asyncio.sleep(FRESH_SECONDS)  # the last look was before the end
    readiness = await client.get("/readyz")
    assert readiness.status_code == 503
    assert readiness.json()["ready"] is False
    assert readiness.json()["checks"]["database"].startswith("unreachable")
    assert readiness.json()["checks"]["schema"].startswith("unknown")
    assert readiness.json()["checks"]["listener"] != "ok"
    assert (await client.get("/metrics")).status_code == 200

    await asyncio.to_thread(standing.server.start)
    await _until_ready(client)
    assert (await client.get("/api/v1/parties", headers=ADAM)).status_code == 200


async def test_a_database_that_hangs_holds_no_request_for_longer_than_its_deadline(standing: Standing) -> None:
    client = standing.client
    standing.server.signal_all(signal.SIGSTOP)
    try:
        begun = time.monotonic()
        answer = await client.get("/api/v1/parties", headers=ADAM)
        assert answer.status_code == 503
        assert answer.json()["code"] in {"too_slow", "database_unreachable", "busy"}
        assert int(answer.headers["retry-after"]) > 0
        assert time.monotonic() - begun < 6
        readiness = await asyncio.wait_for(client.get("/readyz"), 3)
        assert readiness.json()["checks"]["database"].startswith("no answer within 2.5 s")
    finally:
        standing.server.signal_all(signal.SIGCONT)
    await _until_ready(client)
    assert (await client.get("/api/v1/parties", headers=ADAM)).status_code == 200


async def test_a_service_that_starts_before_its_database_waits_for_it(
    own_server: OwnServer, standing: Standing
) -> None:
    await asyncio.to_thread(own_server.stop)
    early = create_app(standing.settings, KnownPeople())
    transport = httpx.ASGITransport(early, raise_app_exceptions=False)
    async with (
        early.router.lifespan_context(early),
        httpx.AsyncClient(transport=transport, base_url="http://erp.test") as client,
    ):
        assert not await _ready(client)
        answer = await client.get("/api/v1/parties", headers=ADAM)
        assert answer.status_code == 503
        assert "event-cursor" not in answer.headers
        stream = await client.get("/api/v1/events", headers=ADAM)
        assert ": database_unreachable" in stream.text
        await asyncio.to_thread(own_server.start)
        await _until_ready(client)
        assert "event-cursor" in (await client.get("/api/v1/parties", headers=ADAM)).headers


async def _approved(client: httpx.AsyncClient, things: Things) -> tuple[str, str]:
    """An invoice that waits for its posting, and its ETag."""
    made = await client.post("/api/v1/invoices", json=things.body, headers={"Authorization": "Bearer olga"})
    path, tag = f"/api/v1/invoices/{made.json()['id']}", made.headers["etag"]
    for person, action in (("olga", "submit"), ("max", "approve")):
        headers = {"Authorization": f"Bearer {person}", "If-Match": tag}
        done = await client.post(f"{path}/actions/{action}", headers=headers)
        assert done.status_code == 200, done.text
        tag = done.headers["etag"]
    return path, tag


COUNTS = """
select (select count(*) from valeo.number_given where document_id = $1) as numbers,
       (select count(*) from valeo.journal_entry where document_id = $1) as entries,
       (select count(*) from valeo.audit_entry where object_id = $1 and action = 'post' and outcome = 'done') as audits,
       (select count(*) from valeo.outbox where object_id = $1 and kind = 'invoice.posted') as events,
       (select number is not null and state = 'posted' from valeo.document where id = $1) as posted
"""


async def _everything_or_nothing(administration: asyncpg.Connection, document_id: UUID) -> bool:
    """Whether it was posted; every trace of it is there, or none."""
    row = await administration.fetchrow(COUNTS, document_id)
    traces = [row["numbers"], row["entries"], row["audits"], row["events"], int(row["posted"])]
    assert traces in ([0] * 5, [1] * 5), traces
    return bool(row["posted"])


async def test_a_posting_whose_connection_is_ended_leaves_everything_or_nothing(
    client: httpx.AsyncClient, things: Things, administration: asyncpg.Connection, database: str
) -> None:
    posted = 0
    for wait in range(12):
        path, tag = await _approved(client, things)
        headers = {"Authorization": "Bearer anna", "If-Match": tag, "Idempotency-Key": f"post-this-{wait:04}"}
        asking = asyncio.create_task(client.post(f"{path}/actions/post", headers=headers))
        await asyncio.sleep(wait / 1000)
        await administration.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where datname = $1 and application_name like 'valeo-erp none%'",
            database,
        )
        answer = await asking
        assert answer.status_code in {200, 503}, answer.text
        done = await _everything_or_nothing(administration, UUID(path.rpartition("/")[2]))
        assert done or answer.status_code == 503
        again = await client.post(f"{path}/actions/post", headers=headers)
        if again.status_code == 503:  # its pooled connection was ended as well
            again = await client.post(f"{path}/actions/post", headers=headers)
        assert again.status_code == 200, again.text
        assert await _everything_or_nothing(administration, UUID(path.rpartition("/")[2]))
        posted += 1
    proof = (await client.get("/api/v1/number-series/invoice/proof", headers=ADAM)).json()
    assert proof["count"] == posted
    assert proof["missing"] == []
    assert proof["duplicates"] == []


async def test_a_posting_whose_client_leaves_leaves_everything_or_nothing(
    app: FastAPI, client: httpx.AsyncClient, things: Things, administration: asyncpg.Connection
) -> None:
    for wait in range(12):
        path, tag = await _approved(client, things)
        headers = {"Authorization": "Bearer anna", "If-Match": tag}
        asking = asyncio.create_task(client.post(f"{path}/actions/post", headers=headers))
        await asyncio.sleep(wait / 1000)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        await _everything_or_nothing(administration, UUID(path.rpartition("/")[2]))
    pool = app.state.services.metrics.registry.get_sample_value("valeo_database_pool_in_use")
    assert pool == 0
    assert (await client.get("/api/v1/journal/verify", headers=ADAM)).json()["verified"] is True


async def test_on_a_server_that_is_still_recovering_it_is_unready_and_comes_back_by_itself(standing: Standing) -> None:
    await asyncio.to_thread(standing.server.stop)
    standing.server.becomes_standby()
    at = await asyncio.to_thread(standing.server.start)
    for _ in range(3):
        await asyncio.sleep(1)
        answer = await standing.client.get("/readyz")
        assert (answer.status_code, answer.json()["ready"]) == (503, False)
    await _expect_unavailable(standing.client, 3)
    admin = await administrator(at)
    await admin.execute("select pg_promote()")
    await admin.close()
    await _until_ready(standing.client)
