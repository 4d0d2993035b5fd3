"""Files that are made in the background: asked for, watched, taken once, and never half."""

import asyncio
import base64
import csv
import hashlib
import io
import json
import zipfile
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import openpyxl
import pytest
from fastapi import FastAPI
from tests.support.invoices import PARTY, item, posted, written
from tests.support.trade import Desk

from valeo_erp.composition import Services, services_of
from valeo_erp.documents.document import Kind
from valeo_erp.documents.kinds import rules_of
from valeo_erp.jobs import repository
from valeo_erp.jobs.job import Job
from valeo_erp.jobs.lifecycle import ATTEMPTS, KEPT, LEASE
from valeo_erp.jobs.making import Made, Progress
from valeo_erp.jobs.worker import JobWorker
from valeo_erp.kernel.tenancy import EVERY, acting_for

MAX = {"Authorization": "Bearer max"}


async def asked(
    client: httpx.AsyncClient, path: str = "exports/jobs?format=csv", person: str = "max"
) -> dict[str, Any]:
    answer = await client.post(f"/api/v1/{path}", headers={"Authorization": f"Bearer {person}"})
    assert answer.status_code == 202, answer.text
    job: dict[str, Any] = answer.json()
    assert answer.headers["location"] == f"/api/v1/jobs/{job['id']}"
    return job


async def over(client: httpx.AsyncClient, job: dict[str, Any], person: str = "max") -> dict[str, Any]:
    """The job when it is over."""
    async with asyncio.timeout(30):
        while True:
            seen = await client.get(f"/api/v1/jobs/{job['id']}", headers={"Authorization": f"Bearer {person}"})
            told: dict[str, Any] = seen.json()
            if told["state"] not in {"waiting", "running"}:
                return told
            await asyncio.sleep(0.1)


async def linked(client: httpx.AsyncClient, job: dict[str, Any], person: str = "max") -> str:
    answer = await client.post(f"/api/v1/jobs/{job['id']}/link", headers={"Authorization": f"Bearer {person}"})
    assert answer.status_code == 201, answer.text
    url: str = answer.json()["url"]
    return url[url.index("/download/") :]


async def test_a_job_makes_the_file_that_the_list_gives_at_once(client: httpx.AsyncClient) -> None:
    await posted(client, note='Semi;colon "quoted"\nline')
    await written(client)
    at_once = await client.get("/api/v1/exports/invoices.csv?sort=document_date", headers=MAX)

    job = await over(client, await asked(client, "exports/jobs?format=csv&sort=document_date"))

    assert (job["state"], job["done"], job["total"], job["product"]) == ("done", 2, 2, "csv")
    file = await client.get(await linked(client, job))
    assert file.content == at_once.content
    assert file.headers["content-length"] == str(len(file.content)) == str(job["file"]["size"])
    digest = hashlib.sha256(file.content).digest()
    assert job["file"]["sha256"] == digest.hex()
    assert file.headers["repr-digest"] == f"sha-256=:{base64.b64encode(digest).decode()}:"
    assert file.headers["content-disposition"] == f'attachment; filename="{job["file"]["name"]}"'


@pytest.mark.parametrize("format_", ["jsonl", "xlsx"])
async def test_every_format_can_be_had(client: httpx.AsyncClient, format_: str) -> None:
    await posted(client)

    job = await over(client, await asked(client, f"exports/jobs?format={format_}&state=posted"))

    assert (job["state"], job["filter"]) == ("done", "kind=invoice&state=posted")
    file = await client.get(await linked(client, job))
    assert job["file"]["name"].endswith(f".{format_}")
    assert file.headers["export-rows"] == "1"


@pytest.mark.parametrize("kind", list(Kind))
async def test_the_list_of_every_kind_can_be_had_with_its_own_documents_only(
    client: httpx.AsyncClient, kind: Kind
) -> None:
    desk, line = Desk(client), {"item_id": item(1), "quantity": "5"}
    invoice = await posted(client)
    order = await desk.posts("purchase-orders", str(PARTY), line)

    job = await over(client, await asked(client, f"exports/jobs?format=jsonl&kind={kind}"))

    assert (job["state"], job["filter"]) == ("done", f"kind={kind}")
    assert job["file"]["name"].startswith(rules_of(kind).collection)
    rows = [json.loads(row) for row in (await client.get(await linked(client, job))).text.splitlines()]
    mine = {Kind.INVOICE: [invoice["number"]], Kind.PURCHASE_ORDER: [order["number"]]}
    assert [row["number"] for row in rows if "number" in row] == mine.get(kind, [])


@pytest.mark.parametrize("format_", ["csv", "xlsx"])
async def test_tables_of_another_kind_hold_its_rows(client: httpx.AsyncClient, format_: str) -> None:
    order = await Desk(client).posts("purchase-orders", str(PARTY), {"item_id": item(1), "quantity": "5"})
    await posted(client)

    job = await over(client, await asked(client, f"exports/jobs?format={format_}&kind=purchase_order"))

    content = (await client.get(await linked(client, job))).content
    if format_ == "xlsx":
        sheet = openpyxl.load_workbook(io.BytesIO(content), read_only=True).worksheets[0]
        text = str(list(sheet.values))
    else:
        text = content.decode("utf-8-sig")
    assert order["number"] in text
    assert "INV-" not in text
    assert job["done"] == 1


async def test_papers_of_another_kind_come_as_one_zip(client: httpx.AsyncClient) -> None:
    order = await Desk(client).posts("purchase-orders", str(PARTY), {"item_id": item(1), "quantity": "5"})

    job = await over(client, await asked(client, "prints/jobs?kind=purchase_order", "olga"), "olga")

    content = (await client.get(await linked(client, job, "olga"))).content
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        assert f"Bestellung-{order['number']}.pdf" in package.namelist()


async def test_many_prints_are_the_archived_ones_and_drafts_are_not_among_them(client: httpx.AsyncClient) -> None:
    first, second, _ = await posted(client), await posted(client), await written(client)
    alone = await client.get(f"/api/v1/invoices/{first['id']}/pdf", headers=MAX)
    assert alone.status_code == 200, alone.text

    job = await over(client, await asked(client, "prints/jobs", "olga"), "olga")

    assert (job["state"], job["done"], job["file"]["left_out"]) == ("done", 2, 0)
    content = (await client.get(await linked(client, job, "olga"))).content
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        assert package.testzip() is None
        rows = list(csv.DictReader(io.StringIO(package.read("manifest.csv").decode())))
        assert [row["number"] for row in rows] == [second["number"], first["number"]]
        papers = {row["number"]: package.read(row["file"]) for row in rows}
        for row in rows:
            assert hashlib.sha256(papers[row["number"]]).hexdigest() == row["sha256"]
    assert papers[first["number"]] == alone.content
    again = await client.get(f"/api/v1/invoices/{second['id']}/pdf", headers=MAX)
    assert papers[second["number"]] == again.content


async def test_what_can_not_be_printed_is_named_in_the_manifest(
    client: httpx.AsyncClient, administration: asyncpg.Connection
) -> None:
    await posted(client)
    await administration.execute("update valeo.tenant set tax_number = '', vat_id = ''")

    job = await over(client, await asked(client, "prints/jobs"))

    assert (job["state"], job["done"], job["file"]["left_out"]) == ("done", 0, 1)
    content = (await client.get(await linked(client, job))).content
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        (row,) = csv.DictReader(io.StringIO(package.read("manifest.csv").decode()))
    assert row["problem"].startswith("print_unlawful: ")
    assert "Nr. 2" in row["problem"]


async def test_a_link_opens_the_file_once(client: httpx.AsyncClient) -> None:
    job = await over(client, await asked(client))
    link = await linked(client, job)

    answers = [await client.get(link) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 404]
    assert (await client.get(link[:-1] + "x")).status_code == 404
    assert (await client.get("/download/nothing?ticket=x")).status_code == 404


async def test_a_new_link_takes_the_place_of_the_old_one(client: httpx.AsyncClient) -> None:
    job = await over(client, await asked(client))
    old, new = await linked(client, job), await linked(client, job)

    assert [(await client.get(link)).status_code for link in (old, new)] == [404, 200]


async def test_jobs_are_those_of_who_asked_and_files_need_the_scope(client: httpx.AsyncClient) -> None:
    job = await over(client, await asked(client))

    for person in ("mia", "olga", "bruno"):
        headers = {"Authorization": f"Bearer {person}"}
        assert (await client.get(f"/api/v1/jobs/{job['id']}", headers=headers)).status_code == 404
        assert (await client.post(f"/api/v1/jobs/{job['id']}/link", headers=headers)).status_code == 404
        assert (await client.get("/api/v1/jobs", headers=headers)).json() == {"items": []}
    assert [own["id"] for own in (await client.get("/api/v1/jobs", headers=MAX)).json()["items"]] == [job["id"]]
    refused = await client.post("/api/v1/exports/jobs?format=csv", headers={"Authorization": "Bearer olga"})
    assert refused.status_code == 403


async def test_asking_linking_and_taking_are_audited(
    client: httpx.AsyncClient, administration: asyncpg.Connection
) -> None:
    job = await over(client, await asked(client))
    await client.get(await linked(client, job))

    rows = await administration.fetch(
        "select action, actor, after::text from valeo.audit_entry where object_id = $1 order by at", UUID(job["id"])
    )

    assert [(row["action"], row["actor"]) for row in rows] == [("request", "max"), ("link", "max"), ("download", "max")]
    assert json.loads(rows[2]["after"])["sha256"] == job["file"]["sha256"]


async def test_progress_is_told_live_without_names(
    client: httpx.AsyncClient, administration: asyncpg.Connection
) -> None:
    job = await over(client, await asked(client))

    rows = await administration.fetch(
        "select kind, data::text as data from valeo.outbox where object_id = $1 order by id", UUID(job["id"])
    )

    assert rows[-1]["kind"] == "export_job.done"
    assert json.loads(rows[-1]["data"]) == {"done": 0, "total": 0}


class Stuck:
    """A maker at the worker's protocol: begins, and then waits for what the test does."""

    def __init__(self) -> None:
        self.began = asyncio.Event()
        self.ended = asyncio.Event()

    async def make(self, job: Job, progress: Progress) -> Made:  # noqa: ARG002
        progress.total, progress.done = 10, 3
        self.began.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.ended.set()
        raise AssertionError("never")


def worker(services: Services, maker: object, name: str = "test", **more: Any) -> JobWorker:
    return JobWorker(services.engine, more.get("clock", services.clock), maker, name, services.bell.ring)  # type: ignore[arg-type]


@pytest.fixture
async def idle(app: FastAPI, client: httpx.AsyncClient) -> Services:
    """The services, with their own worker away: the tests' workers take the jobs."""
    services = services_of(app)
    for task in asyncio.all_tasks():
        if getattr(task.get_coro(), "__qualname__", "") == "JobWorker.run":
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
    return services


async def test_a_cancelled_job_stops_and_keeps_nothing(
    client: httpx.AsyncClient, idle: Services, administration: asyncpg.Connection
) -> None:
    job, maker = await asked(client), Stuck()
    working = asyncio.create_task(worker(idle, maker).work_once())
    await maker.began.wait()

    cancelled = await client.post(f"/api/v1/jobs/{job['id']}/cancel", headers=MAX)

    assert cancelled.json()["state"] == "cancelled"
    await asyncio.wait_for(working, 10)
    assert maker.ended.is_set()
    assert (await over(client, job))["state"] == "cancelled"
    assert await administration.fetchval("select count(*) from valeo.export_part") == 0
    again = await client.post(f"/api/v1/jobs/{job['id']}/cancel", headers=MAX)
    assert (again.status_code, again.json()["code"]) == (409, "job_over")


async def test_two_workers_never_have_one_job(client: httpx.AsyncClient, idle: Services) -> None:
    await asked(client)
    await asked(client)

    taken = []
    with acting_for(EVERY):
        for name in ("one", "two", "three"):
            async with idle.engine.begin() as connection:
                taken.append(await repository.claim(connection, name, idle.clock()))

    assert taken[0] is not None
    assert taken[1] is not None
    assert taken[0].id != taken[1].id
    assert taken[2] is None


async def test_the_job_of_a_dead_worker_is_begun_anew_by_another(client: httpx.AsyncClient, idle: Services) -> None:
    await posted(client)
    job, maker = await asked(client), Stuck()
    dying = asyncio.create_task(worker(idle, maker, "dead").work_once())
    await maker.began.wait()
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    real = JobWorker(idle.engine, lambda: idle.clock() + LEASE, idle.jobs.maker, "alive", idle.bell.ring)

    assert await real.work_once()

    assert (await over(client, job))["state"] == "done"


async def test_a_worker_that_comes_back_late_stores_nothing(
    client: httpx.AsyncClient, idle: Services, administration: asyncpg.Connection
) -> None:
    job = await asked(client)
    with acting_for(EVERY):
        async with idle.engine.begin() as connection:
            late = await repository.claim(connection, "late", idle.clock())
            assert late is not None
        async with idle.engine.begin() as connection:
            assert await repository.claim(connection, "other", idle.clock() + LEASE * 2) is not None
        async with idle.engine.begin() as connection:
            assert not await repository.renew(connection, late, "late", (1, 1), idle.clock())
            assert not await repository.fail(connection, late, "late", "late", idle.clock())
    assert (await client.get(f"/api/v1/jobs/{job['id']}", headers=MAX)).json()["state"] == "running"


async def test_a_job_that_kills_its_workers_is_given_up(client: httpx.AsyncClient, idle: Services) -> None:
    job, now = await asked(client), idle.clock()
    with acting_for(EVERY):
        for attempt in range(ATTEMPTS):
            async with idle.engine.begin() as connection:
                assert await repository.claim(connection, "dies", now + LEASE * 2 * attempt) is not None
    later = replace(idle.jobs, clock=lambda: now + LEASE * 2 * ATTEMPTS, name="later")

    assert not await later.work_once()

    told = await over(client, job)
    assert told["state"] == "failed"
    assert told["problem"].startswith(f"The service ended {ATTEMPTS} times")


async def test_a_fault_of_the_program_ends_the_job_and_not_the_worker(
    client: httpx.AsyncClient, idle: Services, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        async def make(self, job: Job, progress: Progress) -> Made:  # noqa: ARG002
            raise ZeroDivisionError

    job = await asked(client)

    assert await worker(idle, Broken()).work_once()

    told = await over(client, job)
    assert (told["state"], told["problem"][:22]) == ("failed", "The program has a faul")
    assert "ZeroDivisionError" in caplog.text


async def test_files_go_when_their_time_is_over(
    client: httpx.AsyncClient, idle: Services, administration: asyncpg.Connection
) -> None:
    job = await asked(client)
    assert await idle.jobs.work_once()
    link = await linked(client, job)
    late = replace(idle.jobs, clock=lambda: idle.clock() + KEPT + timedelta(seconds=1))

    await late.work_once()

    assert (await over(client, job))["state"] == "expired"
    assert await administration.fetchval("select count(*) from valeo.export_part") == 0
    assert (await client.get(link)).status_code == 404
