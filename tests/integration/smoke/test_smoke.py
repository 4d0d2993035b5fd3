"""`valeo-erp smoke` against a whole service: it walks one invoice, and leaves no trace in anybody's books."""

import json
import os
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from tests.support.sign_in import free_port

from valeo_erp.demo.local import command, running, wait_until_answers
from valeo_erp.demo.postgres import LocalServer
from valeo_erp.identity.smoke import SCHEME, TENANT_ID, Person, sealed
from valeo_erp.kernel.clock import system_clock
from valeo_erp.kernel.settings import Settings
from valeo_erp.operations.smoke import SMOKE_TESTS
from valeo_erp.ratelimits.allowance import DEFAULTS

CUSTOMERS_ROWS = (
    "select (select count(*) from document where tenant_id <> $1),"
    " (select count(*) from audit_entry where tenant_id <> $1), (select count(*) from outbox where tenant_id <> $1)"
)
BOOKS = (
    "select (select count(*) from journal_entry), (select count(*) from number_given),"
    " (select count(*) from number_counter), (select count(*) from print_archive)"
)


@dataclass(frozen=True)
class Told:
    """What a run said."""

    status: int
    passed: list[str]
    failed: dict[str, str]
    out: str


@dataclass(frozen=True)
class Service:
    """A running ERP as an installation runs it."""

    url: str
    environment: dict[str, str]
    folder: Path

    def smoke(self, *arguments: str, **more: str) -> Told:
        """Send the errand."""
        result = self.folder / "result"
        words = command("smoke", "--url", self.url, "--result", str(result), *arguments)
        done = subprocess.run(
            words, env=self.environment | more, capture_output=True, text=True, timeout=120, check=False
        )
        told: dict[str, Any] = json.loads(result.read_text())
        assert told["total"] == len(told["passed"]) + len(told["failed"]) == len(SMOKE_TESTS)
        assert result.stat().st_size < 4096
        failed = {each["name"]: each["reason"] for each in told["failed"]}
        return Told(done.returncode, told["passed"], failed, done.stdout)


@asynccontextmanager
async def serving(server: LocalServer, database: str, folder: Path, **more: str) -> AsyncIterator[Service]:
    port = free_port()
    environment = {**os.environ, **server.environment(database), "VALEO_RELEASE_ID": "r1", **more}
    arguments = ("serve", "--host", "127.0.0.1", "--port", str(port))
    with running(environment, folder / "erp.log", *arguments) as process:
        made = Service(f"http://127.0.0.1:{port}", environment, folder)
        wait_until_answers(f"{made.url}/readyz", process, folder / "erp.log")
        yield made


@pytest.fixture
async def service(server: LocalServer, database: str, tmp_path: Path) -> AsyncIterator[Service]:
    async with serving(server, database, tmp_path) as made:
        yield made


async def test_a_good_release_passes_every_test_and_leaves_no_trace_in_the_books(
    service: Service, administration: asyncpg.Connection
) -> None:
    await administration.execute("set search_path = valeo")
    customers = await administration.fetchrow(CUSTOMERS_ROWS, TENANT_ID)
    books = await administration.fetchrow(BOOKS)
    told = service.smoke("--release", "r1")
    assert told.passed == list(SMOKE_TESTS), told.out
    assert told.status == 0
    assert await administration.fetchrow(CUSTOMERS_ROWS, TENANT_ID) == customers
    assert await administration.fetchrow(BOOKS) == books
    names = await administration.fetch("select name from party where tenant_id = $1", TENANT_ID)
    assert "Erika Probe" not in {row["name"] for row in names}
    left = await administration.fetch("select state, number from document where tenant_id = $1", TENANT_ID)
    assert [tuple(row) for row in left] == [("cancelled", None)]
    actors = await administration.fetch("select distinct actor from audit_entry where tenant_id = $1", TENANT_ID)
    assert {row["actor"] for row in actors} == set(Person)


@pytest.mark.parametrize("limits", [DEFAULTS, "requests=1000000/minute, exports=10000/minute"])
async def test_releases_in_one_minute_take_no_requests_from_each_other_and_wide_limits_cost_no_more(
    server: LocalServer, database: str, tmp_path: Path, limits: str
) -> None:
    async with serving(server, database, tmp_path, VALEO_RATE_LIMITS=limits) as made:
        for _ in range(3):
            told = made.smoke()
            assert told.passed == list(SMOKE_TESTS), told.out
            assert "of 5 a minute" in told.out
            assert "of 20 a minute" in told.out


async def test_another_release_that_answers_is_told_by_name(service: Service) -> None:
    told = service.smoke("--release", "r2")
    assert told.status == 1
    assert told.failed == {"readyz": "release r1 answers instead of r2"}


async def test_what_can_not_be_tried_says_what_it_lacked(service: Service, tmp_path: Path) -> None:
    told = service.smoke(VALEO_SMOKE_DIR=str(tmp_path))
    assert told.status == 1
    assert "no key to sign in with" in told.failed["login"]
    assert told.failed["approve"] == "not tried, because submit failed"
    assert {"healthz", "readyz", "metrics", "openapi", "docs", "stranger"} == set(told.passed)


async def test_a_release_whose_printing_is_broken_fails_in_words(
    server: LocalServer, database: str, tmp_path: Path, administration: asyncpg.Connection
) -> None:
    await administration.execute("alter table valeo.document_line rename column net to broken")
    async with serving(server, database, tmp_path) as made:
        told = made.smoke()
    assert told.status == 1
    assert told.failed["create"].startswith("answered 500 instead of 201")
    assert told.failed["print"] == "not tried, because create failed"


def test_a_service_that_is_not_there_fails_every_test(tmp_path: Path) -> None:
    told = Service(f"http://127.0.0.1:{free_port()}", dict(os.environ), tmp_path).smoke()
    assert told.passed == []
    assert told.failed["healthz"].startswith("ConnectError")


# --- the key opens the tests' tenant, and nothing else opens that -----------------------------------------------------


def token(settings: Settings, person: Person) -> str:
    key = settings.smoke_key()
    assert key is not None
    return f"{SCHEME} {sealed(person, key, system_clock())}"


async def asked(app: FastAPI, path: str, authorization: str) -> httpx.Response:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://erp.test") as client:
        return await client.get(f"/api/v1{path}", headers={"Authorization": authorization})


async def test_the_persons_see_no_customer(real_app: FastAPI, settings: Settings) -> None:
    me = (await asked(real_app, "/me", token(settings, Person.APPROVER))).json()
    assert me["tenant"] == "Smoke test"
    parties = (await asked(real_app, "/parties", token(settings, Person.ADMINISTRATOR))).json()["items"]
    assert [party["name"] for party in parties] == ["Smoke test customer"]


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "Basic", "smoke"])
async def test_the_token_is_good_under_no_other_scheme(real_app: FastAPI, settings: Settings, scheme: str) -> None:
    word = token(settings, Person.WRITER).removeprefix(f"{SCHEME} ")
    assert (await asked(real_app, "/me", f"{scheme} {word}")).status_code == 401


async def test_without_a_key_nobody_comes_in(real_app: FastAPI, settings: Settings, tmp_path: Path) -> None:
    word = token(settings, Person.WRITER)
    services = real_app.state.services
    services.oidc._settings = settings.model_copy(update={"smoke_dir": tmp_path})  # the Secret was taken away
    answer = await asked(real_app, "/me", word)
    assert (answer.status_code, answer.json()["code"]) == (401, "smoke_key_missing")


async def test_a_customer_who_took_the_slug_is_not_opened(
    real_app: FastAPI, settings: Settings, administration: asyncpg.Connection
) -> None:
    await administration.execute("update valeo.tenant set slug = 'old' where id = $1", TENANT_ID)
    await administration.execute("update valeo.tenant set slug = 'smoke' where slug = 'hofmann'")
    answer = await asked(real_app, "/me", token(settings, Person.WRITER))
    assert (answer.status_code, answer.json()["code"]) == (403, "tenant_unknown")
