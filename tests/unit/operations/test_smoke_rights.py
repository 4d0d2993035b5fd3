"""The smoke test of the rights asks on both sides of the border, and believes no answer but the right one."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from valeo_erp.identity.scopes import Role, Scope
from valeo_erp.operations.smoke_course import Course, FailedError
from valeo_erp.operations.smoke_rights import Trial, roles, trials_of

PATHS: Mapping[str, Mapping[str, Any]] = {
    "/api/v1/policies": {
        "get": {"x-required-scope": ["policy:read"]},
        "post": {"x-required-scope": ["policy:write"]},
    },
    "/api/v1/exports/invoices.csv": {"get": {"x-required-scope": ["docs:export"]}},
    "/api/v1/me": {"get": {"x-required-scope": ["me:read"]}},
    "/healthz": {"get": {}},
}


def test_each_route_is_tried_on_both_sides_of_the_border_between_the_roles() -> None:
    assert list(trials_of(PATHS)) == [
        Trial("get", "/api/v1/policies", Role.OPERATOR, Scope.POLICY_READ),
        Trial("get", "/api/v1/policies", Role.MANAGER, None),
        Trial("post", "/api/v1/policies", Role.ACCOUNTANT, Scope.POLICY_WRITE),
        Trial("get", "/api/v1/exports/invoices.csv", Role.OPERATOR, Scope.DOCS_EXPORT),
        Trial("get", "/api/v1/me", Role.OPERATOR, None),
    ]


def lets_everybody_in(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={})


def lets_nobody_in(_: httpx.Request) -> httpx.Response:
    return httpx.Response(403, json={"scope": "policy:read"})


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        (lets_everybody_in, "operator GET /api/v1/policies: 200"),
        (lets_nobody_in, "manager GET /api/v1/policies: 403"),
        (lets_nobody_in, "accountant POST /api/v1/policies: 403"),  # for another scope than the one that it lacks
    ],
)
async def test_a_service_that_decides_otherwise_is_told(
    answers: Callable[[httpx.Request], httpx.Response], told: str
) -> None:
    with pytest.raises(FailedError, match="wrong") as failed:
        await asked(answers, PATHS)
    assert told in str(failed.value)


async def test_a_service_that_describes_no_guarded_route_fails() -> None:
    with pytest.raises(FailedError, match="no route that is described says which scope it needs"):
        await asked(lets_everybody_in, {"/healthz": {"get": {}}})


async def asked(answers: Callable[[httpx.Request], httpx.Response], paths: object) -> str:
    def answer(request: httpx.Request) -> httpx.Response:
        is_description = request.url.path == "/openapi.json"
        return httpx.Response(200, json={"paths": paths}) if is_description else answers(request)

    async with httpx.AsyncClient(base_url="http://erp", transport=httpx.MockTransport(answer)) as http:
        return await roles(Course(http, b"key", None, lambda: datetime(2026, 1, 5, tzinfo=UTC)))
