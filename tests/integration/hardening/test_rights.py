"""Every route says which scope it needs, gives it to the roles of the matrix, and to nobody of another tenant."""

from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from tests.integration.hardening.conftest import Route, Things, routes_of
from tests.support.people import PEOPLE

from valeo_erp.identity.scopes import Scope

COLLECTIONS = {
    "sales": ("quotations", "sales-orders", "delivery-notes", "invoices", "credit-notes"),
    "purchase": (
        "purchase-orders",
        "weighing-tickets",
        "goods-receipts",
        "supplier-invoices",
        "self-billed-credits",
    ),
}
DISPATCHED = {"delivery-notes", "weighing-tickets", "goods-receipts"}
BOOKED = {"invoices", "credit-notes", "supplier-invoices", "self-billed-credits"}
DOCUMENT_ROUTES = {
    "GET {c}": "read",
    "POST {c}": "write",
    "POST {c}/calculate": "write",
    "GET {c}/{document_id}": "read",
    "PUT {c}/{document_id}": "write",
    "GET {c}/{document_id}/audit": "read",
    "GET {c}/{document_id}/comments": "read",
    "POST {c}/{document_id}/comments": "write",
    "GET {c}/{document_id}/attachments": "read",
    "POST {c}/{document_id}/attachments": "write",
    "GET {c}/{document_id}/attachments/{attachment_id}": "read",
    "POST {c}/{document_id}/actions/submit": "submit",
    "POST {c}/{document_id}/actions/withdraw": "submit",
    "POST {c}/{document_id}/actions/approve": "approve",
    "POST {c}/{document_id}/actions/reject": "approve",
    "POST {c}/{document_id}/actions/rework": "write",
    "POST {c}/{document_id}/actions/revoke": "approve",
    "POST {c}/{document_id}/actions/cancel": "write",
    "POST {c}/{document_id}/actions/post": "post",
    "POST {c}/{document_id}/actions/reverse": "approve",
}
NOT_DISPATCHED = ("submit", "withdraw", "approve", "reject", "rework", "revoke")


def scopes_of_documents() -> dict[str, Scope]:
    found = {}
    for side, collections in COLLECTIONS.items():
        for collection in collections:
            for route, part in DOCUMENT_ROUTES.items():
                action = route.rpartition("/")[2]
                if collection in DISPATCHED and action in NOT_DISPATCHED:
                    continue
                scope = f"{side}:submit" if collection in DISPATCHED and action == "post" else f"{side}:{part}"
                if collection in BOOKED and action == "reverse":
                    scope = "ledger:reverse"
                found[route.replace("{c}", f"/api/v1/{collection}")] = Scope(scope)
    return found


SCOPE_OF = scopes_of_documents() | {
    f"GET /api/v1/{collection}/{{document_id}}/pdf": Scope.DOCS_PRINT
    for collections in COLLECTIONS.values()
    for collection in collections
}
SCOPE_OF |= {
    "GET /api/v1/me": Scope.ME_READ,
    "GET /api/v1/events": Scope.SALES_READ,
    "POST /api/v1/events/tickets": Scope.SALES_READ,
    "GET /api/v1/invoices/{document_id}/xrechnung": Scope.DOCS_PRINT,
    "POST /api/v1/supplier-invoices/e-invoice": Scope.PURCHASE_WRITE,
    "GET /api/v1/credit-notes/{document_id}/xrechnung": Scope.DOCS_PRINT,
    "GET /api/v1/exports/invoices.csv": Scope.DOCS_EXPORT,
    "GET /api/v1/exports/datev.csv": Scope.LEDGER_EXPORT,
    "GET /api/v1/exports/invoices.jsonl": Scope.DOCS_EXPORT,
    "GET /api/v1/exports/invoices.xlsx": Scope.DOCS_EXPORT,
    "POST /api/v1/exports/jobs": Scope.DOCS_EXPORT,
    "POST /api/v1/prints/jobs": Scope.DOCS_PRINT,
    "POST /api/v1/exports/lists/jobs": Scope.DOCS_EXPORT,
    "POST /api/v1/exports/gobd/jobs": Scope.LEDGER_READ,
    "GET /api/v1/jobs": Scope.DOCS_PRINT,
    "GET /api/v1/jobs/{job_id}": Scope.DOCS_PRINT,
    "POST /api/v1/jobs/{job_id}/cancel": Scope.DOCS_PRINT,
    "POST /api/v1/jobs/{job_id}/link": Scope.DOCS_PRINT,
    "GET /api/v1/parties": Scope.MASTER_READ,
    "POST /api/v1/parties": Scope.MASTER_WRITE,
    "GET /api/v1/parties/{party_id}": Scope.MASTER_READ,
    "PUT /api/v1/parties/{party_id}": Scope.MASTER_WRITE,
    "POST /api/v1/parties/import": Scope.MASTER_WRITE,
    "POST /api/v1/items/import": Scope.MASTER_WRITE,
    "GET /api/v1/items": Scope.MASTER_READ,
    "POST /api/v1/items": Scope.MASTER_WRITE,
    "GET /api/v1/items/{item_id}": Scope.MASTER_READ,
    "PUT /api/v1/items/{item_id}": Scope.MASTER_WRITE,
    "GET /api/v1/prices": Scope.MASTER_READ,
    "POST /api/v1/prices": Scope.MASTER_WRITE,
    "POST /api/v1/prices/import": Scope.MASTER_WRITE,
    "POST /api/v1/prices/{price_id}/end": Scope.MASTER_WRITE,
    "GET /api/v1/tax-codes": Scope.MASTER_READ,
    "POST /api/v1/tax-codes": Scope.MASTER_WRITE,
    "GET /api/v1/tax-codes/{code}/{valid_from}": Scope.MASTER_READ,
    "PUT /api/v1/tax-codes/{code}/{valid_from}": Scope.MASTER_WRITE,
    "POST /api/v1/tax-codes/{code}/{valid_from}/end": Scope.MASTER_WRITE,
    "POST /api/v1/tax-codes/{code}/{valid_from}/successor": Scope.MASTER_WRITE,
    "GET /api/v1/number-series": Scope.NUMBERING_READ,
    "POST /api/v1/number-series": Scope.NUMBERING_WRITE,
    "GET /api/v1/number-series/{document_kind}": Scope.NUMBERING_READ,
    "PUT /api/v1/number-series/{document_kind}": Scope.NUMBERING_WRITE,
    "GET /api/v1/number-series/{document_kind}/proof": Scope.NUMBERING_READ,
    "POST /api/v1/number-series/{document_kind}/years": Scope.NUMBERING_WRITE,
    "POST /api/v1/number-series/{document_kind}/years/{year}/close": Scope.NUMBERING_WRITE,
    "POST /api/v1/number-series/{document_kind}/years/{year}/reopen": Scope.NUMBERING_WRITE,
    "POST /api/v1/number-series/{document_kind}/voids": Scope.NUMBERING_WRITE,
    "GET /api/v1/api-keys": Scope.USERS_ADMIN,
    "POST /api/v1/api-keys": Scope.USERS_ADMIN,
    "POST /api/v1/api-keys/{key_id}/rotate": Scope.USERS_ADMIN,
    "POST /api/v1/api-keys/{key_id}/revoke": Scope.USERS_ADMIN,
    "GET /api/v1/policies": Scope.POLICY_READ,
    "POST /api/v1/policies": Scope.POLICY_WRITE,
    "POST /api/v1/policies/simulate": Scope.POLICY_READ,
    "POST /api/v1/policies/{version}/activate": Scope.POLICY_WRITE,
    "GET /api/v1/branding": Scope.BRANDING_READ,
    "POST /api/v1/branding": Scope.BRANDING_WRITE,
    "GET /api/v1/branding/{version}": Scope.BRANDING_READ,
    "PUT /api/v1/branding/{version}": Scope.BRANDING_WRITE,
    "GET /api/v1/branding/{version}/logo": Scope.BRANDING_READ,
    "PUT /api/v1/branding/{version}/logo": Scope.BRANDING_WRITE,
    "DELETE /api/v1/branding/{version}/logo": Scope.BRANDING_WRITE,
    "GET /api/v1/branding/{version}/preview.pdf": Scope.BRANDING_READ,
    "GET /api/v1/branding/{version}/preview.png": Scope.BRANDING_READ,
    "POST /api/v1/branding/{version}/propose": Scope.BRANDING_WRITE,
    "POST /api/v1/branding/{version}/withdraw": Scope.BRANDING_WRITE,
    "POST /api/v1/branding/{version}/activate": Scope.BRANDING_WRITE,
    "GET /api/v1/gdpr/register": Scope.GDPR_EXPORT,
    "GET /api/v1/gdpr/parties/{party_id}/bundle": Scope.GDPR_EXPORT,
    "GET /api/v1/gdpr/parties/{party_id}/erasure": Scope.GDPR_ERASE,
    "GET /api/v1/gdpr/parties/{party_id}/certificate": Scope.GDPR_ERASE,
    "POST /api/v1/gdpr/parties/{party_id}/erasure": Scope.GDPR_ERASE,
    "POST /api/v1/gdpr/parties/{party_id}/holds": Scope.GDPR_ERASE,
    "GET /api/v1/gdpr/holds": Scope.GDPR_ERASE,
    "POST /api/v1/gdpr/holds/{hold_id}/release": Scope.GDPR_ERASE,
    "GET /api/v1/users": Scope.USERS_ADMIN,
    "POST /api/v1/users/{subject}/deactivate": Scope.USERS_ADMIN,
    "POST /api/v1/users/{subject}/reactivate": Scope.USERS_ADMIN,
    "GET /api/v1/audit": Scope.AUDIT_READ,
    "GET /api/v1/audit/verify": Scope.AUDIT_READ,
    "GET /api/v1/audit/export": Scope.AUDIT_READ,
    "GET /api/v1/open-items": Scope.LEDGER_READ,
    "GET /api/v1/parties/{party_id}/balance": Scope.LEDGER_READ,
    "GET /api/v1/payments": Scope.LEDGER_READ,
    "POST /api/v1/payments": Scope.LEDGER_POST,
    "GET /api/v1/payments/{payment_id}": Scope.LEDGER_READ,
    "POST /api/v1/payments/{payment_id}/matches": Scope.LEDGER_POST,
    "DELETE /api/v1/payments/{payment_id}/matches/{document_id}": Scope.LEDGER_POST,
    "POST /api/v1/payments/{payment_id}/reverse": Scope.LEDGER_REVERSE,
    "GET /api/v1/journal": Scope.LEDGER_READ,
    "GET /api/v1/journal/verify": Scope.LEDGER_READ,
    "GET /api/v1/periods": Scope.MASTER_READ,
    "GET /api/v1/periods/{starts_on}": Scope.MASTER_READ,
    "POST /api/v1/periods": Scope.LEDGER_CLOSE,
    "POST /api/v1/periods/{starts_on}/close": Scope.LEDGER_CLOSE,
    "POST /api/v1/periods/{starts_on}/reopen": Scope.LEDGER_CLOSE,
}
"""The rights of the web API, written down a second time: a route that asks for less than it should is seen here."""

NEEDED: dict[str, dict[str, object]] = {
    "/api/v1/payments/{payment_id}/matches": {"matches": [{"document_id": str(uuid4()), "amount": "1.00"}]},
    **{
        f"/api/v1/{collection}/{{document_id}}/comments": {"text": "Hier?"}
        for collections in COLLECTIONS.values()
        for collection in collections
    },
    "/api/v1/prices/{price_id}/end": {"valid_to": "2026-12-31"},
    "/api/v1/payments/{payment_id}/reverse": {"reason": "Rücklastschrift"},
}
"""Bodies without which a POST is not looked at."""


def test_every_route_that_is_not_open_to_all_declares_its_scope(guarded: list[Route]) -> None:
    assert [str(route) for route in guarded if not route.scopes] == []


def test_nothing_is_open_to_all_but_what_must_be(app: FastAPI) -> None:
    open_to_all = {route.path for route in routes_of(app) if not route.scopes}
    assert open_to_all == {
        "/",
        "/healthz",
        "/readyz",
        "/metrics",
        "/docs",
        "/openapi.json",
        "/handbook",
        "/handbook/{path:path}",
        "/static",
        "/language/{language}",
        "/auth/login",
        "/auth/callback",
        "/auth/logout",
        "/auth/signed-out",
        "/verify/{document_id}",
        "/download/{job_id}",
    }


def test_every_route_of_the_api_asks_for_the_scope_that_is_written_down_for_it(guarded: list[Route]) -> None:
    declared = {str(route): route.scopes for route in guarded if route.path.startswith("/api/")}
    assert declared == {name: frozenset({scope}) for name, scope in SCOPE_OF.items()}


async def test_without_credentials_every_route_answers_401(client: httpx.AsyncClient, guarded: list[Route]) -> None:
    answers = {str(route): await client.request(route.method, route.address()) for route in guarded}
    assert {name: answer.status_code for name, answer in answers.items() if answer.status_code != 401} == {}
    assert {answer.json()["code"] for answer in answers.values()} == {"unauthenticated"}


@pytest.mark.parametrize("person", ["olga", "max", "anna", "adam", "nobody"])
async def test_403_comes_exactly_where_the_role_does_not_give_the_scope(
    app: FastAPI, client: httpx.AsyncClient, guarded: list[Route], person: str
) -> None:
    app.state.services.events.drain()  # a stream would not end
    wrong = []
    for route in guarded:
        answer = await client.request(route.method, route.address(), headers={"Authorization": f"Bearer {person}"})
        may = route.scopes <= PEOPLE[person].scopes
        if (answer.status_code == 403) == may or answer.status_code in {401, 500}:
            wrong.append(f"{route}: {answer.status_code} {answer.text[:200]}")
        if answer.status_code == 403 and answer.json()["scope"] not in route.scopes:
            wrong.append(f"{route}: names {answer.json()['scope']}")
    assert wrong == []


async def test_what_belongs_to_another_tenant_is_not_there(
    client: httpx.AsyncClient, guarded: list[Route], things: Things
) -> None:
    bruno = {"Authorization": "Bearer bruno", "If-Match": '"1"'}
    wrong = []
    for route in guarded:
        if "_id}" not in route.path:
            continue
        body = things.body if "/parties" not in route.path and "/items" not in route.path else await _own(client, route)
        ids = {"document_id": things.document_id, "party_id": things.party_id, "item_id": things.item_id}
        sent = body if route.method == "PUT" else NEEDED.get(route.path)
        foreign = await client.request(route.method, route.address(**ids), headers=bruno, json=sent)
        unknown = await client.request(route.method, route.address(), headers=bruno, json=sent)
        form_of_a_page = route.method == "POST" and not route.path.startswith("/api/")
        if foreign.status_code != 404 and not form_of_a_page:
            wrong.append(f"{route}: {foreign.status_code} {foreign.text[:300]}")
        if foreign.json() | {"correlation_id": ""} != unknown.json() | {"correlation_id": ""}:
            wrong.append(f"{route}: the answers differ: {foreign.text} {unknown.text}")
    assert wrong == []


async def _own(client: httpx.AsyncClient, route: Route) -> dict[str, object]:
    """A body that Bruno may write, taken from a thing of his own tenant."""
    kind = "parties" if "/parties" in route.path else "items"
    found = await client.get(f"/api/v1/{kind}?limit=1", headers={"Authorization": "Bearer bruno"})
    own: dict[str, object] = found.json()["items"][0]
    schema = (await client.get("/openapi.json")).json()["components"]["schemas"]
    fields = schema["PartyBody" if kind == "parties" else "ItemBody"]["properties"]
    return {name: value for name, value in own.items() if name in fields}


async def test_nothing_of_another_tenant_can_be_named_in_a_body(client: httpx.AsyncClient, things: Things) -> None:
    bruno = {"Authorization": "Bearer bruno"}
    own_party = (await client.get("/api/v1/parties?limit=1", headers=bruno)).json()["items"][0]["id"]
    for body in (things.body, things.body | {"party_id": own_party}):
        answer = await client.post("/api/v1/invoices", json=body, headers=bruno)
        assert answer.status_code in {404, 422}, answer.text


async def test_lists_of_one_tenant_show_nothing_of_another(client: httpx.AsyncClient, things: Things) -> None:
    for path in ("invoices", "parties", "items"):
        hofmann = (await client.get(f"/api/v1/{path}", headers={"Authorization": "Bearer adam"})).json()["items"]
        brandt = (await client.get(f"/api/v1/{path}", headers={"Authorization": "Bearer bruno"})).json()["items"]
        assert {row["id"] for row in hofmann}.isdisjoint(row["id"] for row in brandt)
    by_party = await client.get(
        f"/api/v1/invoices?party_id={things.party_id}", headers={"Authorization": "Bearer bruno"}
    )
    assert by_party.json()["items"] == []


async def test_a_tenant_can_not_be_chosen_by_the_caller(client: httpx.AsyncClient, things: Things) -> None:
    answer = await client.get(
        f"/api/v1/invoices/{things.document_id}?tenant_id={uuid4()}&tenant=brandt",
        headers={"Authorization": "Bearer bruno", "X-Tenant": "hofmann"},
    )
    assert answer.status_code == 404
