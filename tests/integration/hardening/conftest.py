"""What the hardening tests know of the routes."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from valeo_erp.identity.scopes import Scope
from valeo_erp.operations.openapi import declared_scopes

OPEN = (
    "/healthz",
    "/readyz",
    "/metrics",
    "/docs",
    "/openapi.json",
    "/handbook",
    "/auth/",
    "/static",
    "/language/",
    "/verify/",
    "/download/",
)
"""What needs nobody: probes, the description of the API, signing in, static files, the choice of a language,
checking a paper that one holds, and a link that opens a file once."""


@dataclass(frozen=True)
class Route:
    """One method of one path."""

    method: str
    path: str
    scopes: frozenset[Scope]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def open(self) -> bool:
        """Whether it needs nobody."""
        return self.path == "/" or self.path.startswith(OPEN)

    def address(self, **ids: UUID) -> str:
        """The path with values in it."""
        values: dict[str, Any] = {
            "document_id": uuid4(),
            "party_id": uuid4(),
            "item_id": uuid4(),
            "job_id": uuid4(),
            "payment_id": uuid4(),
            "key_id": uuid4(),
            "hold_id": uuid4(),
            "price_id": uuid4(),
            "attachment_id": uuid4(),
            "subject": "nobody",
            "version": 1,
            "year": 2025,
            "code": "standard",
            "valid_from": "2021-01-01",
            "starts_on": "2026-01-01",
            "document_kind": "invoice",
            "index": 1,
            "path": "index",
            "language": "de",
        }
        address = self.path.replace(":path}", "}").format(**values | ids)
        takes_a_file = self.method == "POST" and address.endswith(("/attachments", "/e-invoice"))
        return f"{address}?name=x.txt" if takes_a_file else address


def routes_of(app: FastAPI) -> list[Route]:
    """Every route of the application."""
    found = []
    for route in iter_route_contexts(app.routes):
        dependant = getattr(route, "dependant", None)
        scopes = frozenset() if dependant is None else declared_scopes(dependant)
        methods = sorted(route.methods or {"GET"})
        found += [Route(method, str(route.path or getattr(route.route, "path", "")), scopes) for method in methods]
    return found


@pytest.fixture
def guarded(app: FastAPI) -> list[Route]:
    """Every route that needs somebody."""
    return [route for route in routes_of(app) if not route.open]


@dataclass(frozen=True)
class Things:
    """Things of one tenant."""

    party_id: UUID
    item_id: UUID
    document_id: UUID
    body: dict[str, Any]


@pytest.fixture
async def things(client: httpx.AsyncClient) -> Things:
    """A party, an item and a draft invoice of Landhandel Hofmann."""
    asks = {"Authorization": "Bearer adam"}
    party = (await client.get("/api/v1/parties?limit=1", headers=asks)).json()["items"][0]["id"]
    item = (await client.get("/api/v1/items?limit=1", headers=asks)).json()["items"][0]["id"]
    body = {"party_id": party, "lines": [{"item_id": item, "quantity": "24.5", "unit_price": "20.40"}]}
    made = await client.post("/api/v1/invoices", json=body, headers=asks)
    assert made.status_code == 201, made.text
    return Things(UUID(party), UUID(item), UUID(made.json()["id"]), body)
