"""What the kubelet, the operator, Prometheus and the on-call engineer see."""

import asyncio
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from tests.support.databases import settings_for

from valeo_erp import __version__
from valeo_erp.demo.postgres import LocalServer
from valeo_erp.kernel.logs import JsonFormatter
from valeo_erp.kernel.settings import Settings
from valeo_erp.migrations.migrate import head_revision
from valeo_erp.operations.readiness import FRESH_SECONDS

ADAM = {"Authorization": "Bearer adam"}


@pytest.fixture
def settings(server: LocalServer, database: str) -> Settings:
    """The settings of one colour of a release."""
    return settings_for(server, database, VALEO_RELEASE_ID="hofmann-3", VALEO_COLOUR="green")


async def test_a_process_says_who_it_is_and_what_it_observed(client: httpx.AsyncClient) -> None:
    answer = await client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "ready": True,
        "release": "hofmann-3",
        "colour": "green",
        "version": __version__,
        "schema_revision": head_revision(),
        "credential_version": "1",
        "checks": {"database": "ok", "schema": "ok", "listener": "ok"},
    }
    assert (await client.get("/healthz")).json() == {"alive": True}


async def test_a_schema_from_the_future_is_ready_and_a_missing_one_is_not(
    client: httpx.AsyncClient, administration: asyncpg.Connection
) -> None:
    await administration.execute("update valeo.alembic_version set version_num = 'from-a-newer-version'")
    ahead = await client.get("/readyz")
    assert (ahead.status_code, ahead.json()["schema_revision"]) == (200, "from-a-newer-version")
    await administration.execute("alter table valeo.alembic_version rename to gone")
    await asyncio.sleep(FRESH_SECONDS)
    missing = await client.get("/readyz")
    await administration.execute("alter table valeo.gone rename to alembic_version")
    assert missing.status_code == 503
    assert missing.json()["checks"]["database"] == "ok"
    assert missing.json()["checks"]["schema"].startswith("unknown")


async def test_probes_in_a_row_share_one_look_at_the_database(
    client: httpx.AsyncClient, administration: asyncpg.Connection, database: str
) -> None:
    before = await administration.fetchval("select sessions from pg_stat_database where datname = $1", database)
    for _ in range(50):
        await client.get("/readyz")
    after = await administration.fetchval("select sessions from pg_stat_database where datname = $1", database)
    assert after - before < 10


async def test_requests_are_counted_by_route_and_never_by_what_is_in_them(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    identifier = "01980000-0009-7000-8000-000000000009"
    await client.get(f"/api/v1/invoices/{identifier}?text=Lindner", headers=ADAM)
    await client.get(f"/nothing/{identifier}")
    await client.request("BREW", "/api/v1/invoices", headers=ADAM)
    told = (await client.get("/metrics")).text
    assert 'valeo_http_requests_total{method="GET",route="/api/v1/invoices/{document_id}",status="404"} 1.0' in told
    assert 'valeo_http_requests_total{method="GET",route="unmatched",status="404"} 1.0' in told
    assert 'method="other"' in told
    assert identifier not in told
    assert "Lindner" not in told
    assert 'valeo_build_info{colour="green",release="hofmann-3"' in told
    for name in (
        "valeo_event_streams",
        "valeo_outbox_lag_seconds",
        "valeo_listener_up 1.0",
        "valeo_database_pool_in_use",
    ):
        assert name in told


async def test_the_description_of_the_api_needs_nothing_from_elsewhere(client: httpx.AsyncClient) -> None:
    page = await client.get("/docs")
    policy = page.headers["content-security-policy"]
    assert "'unsafe-inline'" not in policy
    assert "script-src 'self'" in policy
    assert not re.search(r"https?://", page.text)
    assert not re.search(r"<script>|<style>| style=", page.text)
    for address in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        found = await client.get(address)
        assert found.status_code == 200, address


async def test_the_openapi_names_refusals_credentials_and_scopes(client: httpx.AsyncClient) -> None:
    described = (await client.get("/openapi.json")).json()
    operation = described["paths"]["/api/v1/invoices/{document_id}/actions/post"]["post"]
    assert operation["x-required-scope"] == ["sales:post"]
    assert operation["security"] == [{"bearer": []}, {"session": []}]
    assert set(described["components"]["securitySchemes"]) == {"bearer", "session"}
    references = set(re.findall(r"#/components/schemas/([\w-]+)", json.dumps(described)))
    assert references <= set(described["components"]["schemas"])
    identifiers = [one["operationId"] for path in described["paths"].values() for one in path.values()]
    assert len(identifiers) == len(set(identifiers))


class Lines(logging.Handler):
    """Keeps log lines as they would be written."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(JsonFormatter())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name != "httpx":  # the client of the tests, not the service
            self.lines.append(self.format(record))


@pytest.fixture
def lines() -> Iterator[Lines]:
    """Everything that is logged at the level of an installation."""
    handler, root = Lines(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield handler
    root.removeHandler(handler)
    root.setLevel(level)


async def test_a_request_is_one_line_with_its_correlation_id_route_status_and_time(
    client: httpx.AsyncClient, lines: Lines
) -> None:
    await client.get("/api/v1/parties?text=Lindner", headers=ADAM | {"X-Correlation-ID": "order-4711"})
    told = [json.loads(line) for line in lines.lines if "valeo_erp.request" in line]
    assert len(told) == 1
    line = told[0]
    assert line.pop("time")
    assert line.pop("milliseconds") > 0
    assert line == {
        "level": "INFO",
        "logger": "valeo_erp.request",
        "message": "Answered",
        "correlation_id": "order-4711",
        "method": "GET",
        "route": "/api/v1/parties",
        "status": 200,
    }


async def test_logs_hold_no_secret_and_no_person(
    app: FastAPI, client: httpx.AsyncClient, lines: Lines, server: LocalServer, administration: asyncpg.Connection
) -> None:
    async def fault(text: str) -> None:
        raise ValueError(text)

    app.add_api_route("/fault", fault)
    secrets = {
        "token": "eyJhbGciOiJub25lIn0.secret-token",
        "cookie": "secret-cookie-value",
        "key": "secret-idempotency-key",
        "person": "Kunigunde Musterbäuerin",
        "search": "Suchtext",
        "password": (server.secrets / "valeo_app_a" / "password").read_text(),
    }
    body = await _new_party(client, name=secrets["person"])
    await client.get("/api/v1/parties", headers={"Authorization": f"Bearer {secrets['token']}"})
    await client.get("/invoices", headers={"Cookie": f"valeo-session={secrets['cookie']}"})
    await client.post("/api/v1/parties", json=body, headers=ADAM | {"Idempotency-Key": secrets["key"]})
    await client.post("/api/v1/parties", json=body | {"payment_days": "x"}, headers=ADAM)
    await client.get(f"/api/v1/parties?text={secrets['search']}&cursor={secrets['search']}", headers=ADAM)
    await client.get(f"/fault?text={secrets['person']}")
    ticket = (await client.post("/api/v1/events/tickets", headers=ADAM)).json()["ticket"]
    await client.get(f"/api/v1/events?ticket={ticket}x", headers=ADAM)
    await administration.execute("alter table valeo.party rename to hidden")
    await client.post("/api/v1/parties", json=body | {"number": "99998"}, headers=ADAM)
    await administration.execute("alter table valeo.hidden rename to party")
    everything = "\n".join(lines.lines)
    assert everything.count("A request failed by a fault of this program") >= 2
    for name, secret in (secrets | {"ticket": ticket}).items():
        assert secret not in everything, name
        assert json.dumps(secret)[1:-1] not in everything, name


async def _new_party(client: httpx.AsyncClient, name: str) -> dict[str, Any]:
    body = {"number": "99999", "name": name, "street": "Am Anger 3", "postal_code": "94315", "city": "Straubing"}
    created = await client.post("/api/v1/parties", json=body, headers=ADAM)
    assert created.status_code == 201, created.text
    return body
