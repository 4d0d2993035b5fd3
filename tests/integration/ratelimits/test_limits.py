"""429 on every route that has a limit, over all replicas, as problem+json with the time to come back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from tests.integration.hardening.conftest import Route, routes_of
from tests.support.databases import settings_for
from tests.support.people import KnownPeople

from valeo_erp.app import create_app
from valeo_erp.demo.postgres import LocalServer
from valeo_erp.operations.openapi import declared_limits
from valeo_erp.ratelimits.allowance import LimitKind

UNLIMITED = {
    "/healthz",
    "/readyz",
    "/metrics",
    "/openapi.json",  # made once, answered from memory
    "/static",
    "/api/v1/events",  # one request for hours; how many are open at once is bounded by slots
}
NOW = datetime(2026, 11, 24, 12, 0, 5, tzinfo=UTC)
OLGA, ADAM = {"Authorization": "Bearer olga"}, {"Authorization": "Bearer adam"}


@asynccontextmanager
async def replica(server: LocalServer, database: str, limits: str) -> AsyncIterator[httpx.AsyncClient]:
    """One of several processes on the same database, at a standing clock."""
    app = create_app(settings_for(server, database, VALEO_RATE_LIMITS=limits), KnownPeople(), lambda: NOW)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://erp.test") as made:
            yield made


def limits_of(app: FastAPI) -> dict[str, frozenset[LimitKind]]:
    found = {}
    for route in iter_route_contexts(app.routes):
        dependant = getattr(route, "dependant", None)
        path = str(route.path or getattr(route.route, "path", ""))
        for method in sorted(route.methods or {"GET"}):
            found[f"{method} {path}"] = frozenset() if dependant is None else declared_limits(dependant)
    return found


def test_every_route_has_exactly_one_limit_but_streams_probes_and_files(app: FastAPI) -> None:
    wrong = {name: kinds for name, kinds in limits_of(app).items() if len(kinds) != 1}
    assert {name.split(" ")[1] for name in wrong} == UNLIMITED


@pytest.fixture
async def spent(server: LocalServer, database: str) -> AsyncIterator[httpx.AsyncClient]:
    """An installation where Adam has used up every limit."""
    once = ", ".join(f"{kind}=1/minute" for kind in LimitKind)
    async with replica(server, database, once) as erp:
        await erp.get("/api/v1/me", headers=ADAM)
        await erp.get("/api/v1/exports/invoices.csv", headers=ADAM)
        await erp.get("/docs")
        yield erp


async def test_every_limited_route_really_answers_429(app: FastAPI, spent: httpx.AsyncClient) -> None:
    names: list[Route] = [route for route in routes_of(app) if route.path not in UNLIMITED]
    answers = {str(route): await spent.request(route.method, route.address(), headers=ADAM) for route in names}
    assert {name: answer.status_code for name, answer in answers.items() if answer.status_code != 429} == {}


async def test_the_refusal_says_what_was_too_much_and_when_to_come_back(spent: httpx.AsyncClient) -> None:
    answer = await spent.get("/api/v1/invoices", headers=ADAM)
    body = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (body["code"], body["limit"]) == ("rate_limited", "requests")
    assert body["detail"] == "More than 1 requests within 60 s. Try again in 55 s."
    named = {name: answer.headers[name] for name in ("retry-after", "ratelimit-limit", "ratelimit-remaining")}
    assert named == {"retry-after": "55", "ratelimit-limit": "1", "ratelimit-remaining": "0"}
    assert (await spent.get("/api/v1/invoices", headers=OLGA)).status_code == 200


async def test_probes_answer_whoever_asks_too_much(spent: httpx.AsyncClient) -> None:
    assert [(await spent.get(path)).status_code for path in ("/healthz", "/metrics", "/openapi.json")] == [200] * 3


async def test_replicas_count_together(server: LocalServer, database: str) -> None:
    async with (
        replica(server, database, "requests=30/minute") as one,
        replica(server, database, "requests=30/minute") as other,
    ):
        answers = [await erp.get("/api/v1/me", headers=OLGA) for _ in range(25) for erp in (one, other)]
    statuses = [answer.status_code for answer in answers]
    assert statuses.count(200) == 30
    assert answers[0].headers["ratelimit-limit"] == "30"
    assert {answer.headers["ratelimit-remaining"] for answer in answers if answer.status_code == 429} == {"0"}
