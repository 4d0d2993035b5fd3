"""What is not kept goes by itself, and logs name nobody."""

import socket
from datetime import timedelta
from pathlib import Path

import asyncpg
import httpx
from fastapi import FastAPI
from tests.support.databases import UNHINDERED
from tests.support.invoices import body, moved, written
from tests.support.listening import replica
from tests.support.people import PEOPLE

from valeo_erp.composition import services_of
from valeo_erp.demo.postgres import LocalServer
from valeo_erp.gdpr.retention import remove_once
from valeo_erp.kernel.clock import system_clock

ADAM = {"Authorization": "Bearer adam"}


async def test_remembered_answers_go_after_thirty_days(
    app: FastAPI, client: httpx.AsyncClient, administration: asyncpg.Connection
) -> None:
    headers = ADAM | {"Idempotency-Key": "a-key-of-this-test"}
    assert (await client.post("/api/v1/invoices", json=body(), headers=headers)).status_code == 201
    engine = services_of(app).engine
    assert (await remove_once(engine, system_clock() + timedelta(days=29)))["answers"] == 0
    assert (await remove_once(engine, system_clock() + timedelta(days=31)))["answers"] == 1
    assert await administration.fetchval("select count(*) from valeo.idempotency_result") == 0


async def test_the_logs_of_a_days_work_name_nobody(
    server: LocalServer, database: str, administration: asyncpg.Connection, tmp_path: Path
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path / "replica.log"
    environment = server.environment(database) | UNHINDERED | {"VALEO_LOG_LEVEL": "DEBUG"}
    secret = "Frau Lindemann ruft morgen an"
    async with replica(environment, port, log) as erp, httpx.AsyncClient(base_url=erp.url, timeout=60) as client:
        invoice = await written(client, note=secret)
        for action, person in (("submit", "olga"), ("approve", "max"), ("post", "anna")):
            invoice = await moved(client, invoice, action, person)
        party = (await client.get("/api/v1/parties?limit=1", headers=ADAM)).json()["items"][0]
        for path in (f"/api/v1/parties?text={party['name']}", f"/{party['name']}", "/api/v1/exports/invoices.csv"):
            await client.get(path, headers=ADAM)
        await client.post("/api/v1/parties", json=party | {"name": secret, "country": "?"}, headers=ADAM)
        await client.post("/api/v1/invoices", content=f'{{"note": "{secret}"', headers=ADAM)
        await client.get(f"/api/v1/gdpr/parties/{party['id']}/bundle", headers=ADAM)
        await client.get(f"/api/v1/invoices/{invoice['id']}/pdf", headers=ADAM)
        await client.get("/api/v1/me", headers={"Authorization": f"Bearer {secret.replace(' ', '')}"})
    written_down = log.read_text()
    assert written_down.count("Answered") >= 10
    rows = await administration.fetch("select name, street, vat_id from valeo.party")
    names = {value for row in rows for value in (row["name"], row["street"], row["vat_id"]) if value}
    people = {principal.name for principal in PEOPLE.values()}
    told = {word for word in names | people | {secret, secret.replace(" ", "")} if word in written_down}
    assert told == set()
