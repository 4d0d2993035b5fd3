"""Both colours are alive on one database: only the one that users reach works in the background."""

import asyncio
from pathlib import Path

import httpx
from tests.support.databases import UNHINDERED
from tests.support.listening import replica, until
from tests.support.sign_in import free_port

from valeo_erp.demo.postgres import LocalServer

BEGINS = "Background work begins"
MAX = {"Authorization": "Bearer max"}


async def test_a_job_that_the_inactive_colour_took_in_is_done_by_the_active_one(
    server: LocalServer, database: str, tmp_path: Path
) -> None:
    logs = {colour: tmp_path / f"{colour}.log" for colour in ("blue", "green")}
    ports = {colour: free_port() for colour in logs}
    shared = {**server.environment(database), **UNHINDERED, "VALEO_ACTIVE_URL": f"http://127.0.0.1:{ports['blue']}"}
    variables = {colour: {**shared, "VALEO_RELEASE_ID": f"hofmann-{colour}"} for colour in logs}
    async with (
        replica(variables["blue"], ports["blue"], logs["blue"]),
        replica(variables["green"], ports["green"], logs["green"]) as green,
        httpx.AsyncClient(base_url=green.url, headers=MAX, timeout=30) as http,
    ):
        job = (await http.post("/api/v1/exports/jobs?format=csv")).json()
        async with asyncio.timeout(60):
            while (await http.get(f"/api/v1/jobs/{job['id']}")).json()["state"] != "done":  # noqa: ASYNC110 - polled as a client does
                await asyncio.sleep(0.2)
        await until(lambda: BEGINS in logs["blue"].read_text())
    assert BEGINS not in logs["green"].read_text()
