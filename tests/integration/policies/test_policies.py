"""A policy from its draft to what it stops: tried out on the past, in force by a second person."""

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from http import HTTPStatus
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import Request
from tests.support.invoices import INVOICES, PARTY, moved, posted, written
from tests.support.people import HOFMANN, KnownPeople

from valeo_erp.app import create_app
from valeo_erp.identity.scopes import Principal, Role
from valeo_erp.kernel.clock import system_clock
from valeo_erp.kernel.settings import Settings

EVE = Principal("eve", "Eve Admin", HOFMANN, frozenset({Role.ADMIN}))


class WithEve(KnownPeople):
    """A second administrator."""

    async def authenticate(self, request: Request) -> Principal:
        return EVE if request.headers.get("authorization") == "Bearer eve" else await super().authenticate(request)


class Time:
    """A clock that a test puts forward, so that a policy takes effect at once."""

    ahead = timedelta()

    def __call__(self) -> datetime:
        return system_clock() + self.ahead


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    time = Time()
    app = create_app(settings, WithEve(), time)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://erp.test") as made:
            made.time = time  # type: ignore[attr-defined]
            yield made


def by(person: str, **more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {person}"} | more


async def in_force(client: httpx.AsyncClient, **rules: Any) -> int:
    made = await client.post("/api/v1/policies", json={"rules": rules, "note": "Because."}, headers=by("adam"))
    assert made.status_code == 201, made.text
    version: int = made.json()["version"]
    answer = await client.post(f"/api/v1/policies/{version}/activate", headers=by("eve"))
    assert answer.status_code == 200, answer.text
    client.time.ahead += timedelta(seconds=6)  # type: ignore[attr-defined]
    return version


async def tries(client: httpx.AsyncClient, invoice: dict[str, Any], action: str, person: str) -> httpx.Response:
    headers = by(person) | {"If-Match": f'"{invoice["version"]}"'}
    return await client.post(f"{INVOICES}/{invoice['id']}/actions/{action}", json={}, headers=headers)


def codes(answer: httpx.Response) -> list[str]:
    assert answer.status_code == HTTPStatus.CONFLICT, answer.text
    return [failure["code"] for failure in answer.json()["failures"]]


async def test_only_a_second_person_puts_a_policy_in_force(client: httpx.AsyncClient) -> None:
    body = {"rules": {"back_dating_days": 3}, "note": "Auditors asked for it."}
    assert (await client.post("/api/v1/policies", json=body, headers=by("anna"))).status_code == 403
    made = (await client.post("/api/v1/policies", json=body, headers=by("adam"))).json()
    assert (made["version"], made["state"]) == (1, "draft")
    own = await client.post("/api/v1/policies/1/activate", headers=by("adam"))
    assert codes(own) == ["four_eyes"]
    assert (await client.post("/api/v1/policies/1/activate", headers=by("eve"))).json()["activated_by"] == "eve"
    assert codes(await client.post("/api/v1/policies/1/activate", headers=by("eve"))) == ["already_active"]
    assert await in_force(client, credit_limit="warn") == 2
    listed = (await client.get("/api/v1/policies", headers=by("max"))).json()["items"]
    assert [(item["version"], item["state"]) for item in listed] == [(2, "active"), (1, "retired")]
    trail = (
        await client.get("/api/v1/audit?object_kind=policy&action=activate&outcome=done", headers=by("anna"))
    ).json()
    assert (trail["items"][0]["before"]["version"], trail["items"][0]["after"]["version"]) == (1, 2)


async def test_a_great_amount_needs_several_different_approvers(client: httpx.AsyncClient) -> None:
    await in_force(client, approval_levels=[{"above": "100.00", "approvals": 2}])
    invoice = await moved(client, await written(client), "submit", "olga")
    once = await moved(client, invoice, "approve", "max")
    assert once["state"] == "submitted"
    assert codes(await tries(client, once, "approve", "max")) == ["approved_before"]
    twice = await moved(client, once, "approve", "mia")
    assert twice["state"] == "approved"
    assert (await moved(client, twice, "post", "anna"))["state"] == "posted"


async def test_after_a_revocation_everybody_approves_anew(client: httpx.AsyncClient) -> None:
    await in_force(client, approval_levels=[{"above": "100.00", "approvals": 2}])
    invoice = await moved(client, await written(client), "submit", "olga")
    for person in ("max", "mia"):
        invoice = await moved(client, invoice, "approve", person)
    invoice = await moved(client, invoice, "revoke", "max")
    assert (await moved(client, invoice, "approve", "max"))["state"] == "submitted"


async def test_what_is_dated_back_too_far_is_not_posted(client: httpx.AsyncClient) -> None:
    await in_force(client, back_dating_days=2)
    old = (date.today() - timedelta(days=5)).isoformat()  # noqa: DTZ011 - any day well before yesterday
    invoice = await written(client, document_date=old, supply_date=old)
    for action, person in (("submit", "olga"), ("approve", "max")):
        invoice = await moved(client, invoice, action, person)
    assert codes(await tries(client, invoice, "post", "anna")) == ["dated_back"]


@pytest.mark.parametrize("strictness", ["block", "warn"])
async def test_a_customer_over_his_limit_is_stopped_or_noted(
    client: httpx.AsyncClient, administration: asyncpg.Connection, strictness: str
) -> None:
    await administration.execute("update valeo.party set credit_limit = 100 where id = $1", PARTY)
    await in_force(client, credit_limit=strictness)
    invoice = await written(client)
    for action, person in (("submit", "olga"), ("approve", "max")):
        invoice = await moved(client, invoice, action, person)
    answer = await tries(client, invoice, "post", "anna")
    noted = (await client.get("/api/v1/audit?action=credit_limit_passed", headers=by("anna"))).json()["items"]
    if strictness == "block":
        assert codes(answer) == ["credit_limit"]
        assert noted == []
    else:
        assert answer.json()["state"] == "posted"
        assert "the credit limit is 100.00" in noted[0]["reason"]


async def test_rules_are_tried_out_on_what_was_posted_and_nothing_is_stored(client: httpx.AsyncClient) -> None:
    invoice = await posted(client)
    day = invoice["document_date"]
    rules = {"approval_levels": [{"above": "1.00", "approvals": 2}], "lowest_margin_percent": "5.00"}
    body = {"rules": rules, "first": day, "last": day}
    found = (await client.post("/api/v1/policies/simulate", json=body, headers=by("max"))).json()
    assert (found["documents"], found["affected"], found["by_rule"]) == (1, 1, {"more_approvals": 1})
    assert found["examples"][0]["number"] == invoice["number"]
    assert (await client.get("/api/v1/policies", headers=by("max"))).json()["items"] == []
    assert (await client.post("/api/v1/policies/simulate", json=body, headers=by("olga"))).status_code == 403
