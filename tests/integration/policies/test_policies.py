"""A policy from its draft to what it stops: tried out on the past, in force by a second person."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from http import HTTPStatus
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import Request
from tests.support.invoices import INVOICES, PARTY, item, moved, posted, written
from tests.support.people import HOFMANN, KnownPeople
from tests.support.trade import Desk, failures

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


async def test_a_draft_and_its_activation_are_told_live(
    client: httpx.AsyncClient, administration: asyncpg.Connection
) -> None:
    await in_force(client, back_dating_days=3)
    rows = await administration.fetch("select kind, data->>'state' as state from valeo.outbox order by id")
    assert [tuple(row) for row in rows] == [("policy.changed", "draft"), ("policy.changed", "active")]


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


async def limited(administration: asyncpg.Connection, amount: str) -> None:
    await administration.execute("update valeo.party set credit_limit = $1::text::numeric where id = $2", amount, PARTY)


async def noted(client: httpx.AsyncClient) -> list[str]:
    """The warnings in the audit, the oldest first."""
    query = {"action": "credit_limit_passed"}
    items = (await client.get("/api/v1/audit", params=query, headers=by("anna"))).json()["items"]
    return [entry["reason"] for entry in reversed(items)]


@pytest.mark.parametrize("collection", ["invoices", "sales-orders"])
async def test_a_customer_over_his_limit_is_stopped_when_it_is_submitted_with_the_numbers(
    client: httpx.AsyncClient, administration: asyncpg.Connection, collection: str
) -> None:
    await posted(client)
    await limited(administration, "100")
    await in_force(client, credit_limit="block")
    desk = Desk(client)
    document = await desk.writes(collection, str(PARTY), {"item_id": item(1), "quantity": "10"})
    answer = await desk.acts(collection, document, "submit", "olga")
    owed = (await client.get(f"/api/v1/parties/{PARTY}/balance", headers=by("anna"))).json()
    over = Decimal(owed["open"]) + Decimal(document["gross_total"]) - 100
    assert failures(answer)["credit_limit"] == (
        f"{owed['open']} is open, 0.00 is approved, and {document['gross_total']} would be added: "
        f"{over + 100} is {over} more than the credit limit of 100.00."
    )


async def test_of_two_invoices_that_are_approved_at_the_same_time_only_one_passes_the_limit(
    client: httpx.AsyncClient, administration: asyncpg.Connection
) -> None:
    await in_force(client, credit_limit="block")
    invoices = [await moved(client, await written(client), "submit", "olga") for _ in range(2)]
    await limited(administration, str(Decimal(invoices[0]["gross_total"]) * Decimal("1.5")))
    answers = await asyncio.gather(*(tries(client, invoice, "approve", "max") for invoice in invoices))
    assert sorted(answer.status_code for answer in answers) == [HTTPStatus.OK, HTTPStatus.CONFLICT]
    refused = next(answer for answer in answers if answer.status_code == HTTPStatus.CONFLICT)
    assert f"{invoices[0]['gross_total']} is approved" in failures(refused)["credit_limit"]
    approved = next(answer for answer in answers if answer.status_code == HTTPStatus.OK).json()
    assert (await tries(client, approved, "post", "anna")).status_code == HTTPStatus.OK


async def test_a_warning_lets_every_step_pass_and_stays_in_the_audit(
    client: httpx.AsyncClient, administration: asyncpg.Connection
) -> None:
    await limited(administration, "100")
    await in_force(client, credit_limit="warn")
    assert (await posted(client))["state"] == "posted"
    reasons = await noted(client)
    assert [reason.split(":")[0] for reason in reasons] == ["submit", "approve", "post"]
    assert all("the credit limit of 100.00" in reason for reason in reasons)


async def test_the_simulator_tells_which_invoices_would_have_passed_the_limit(
    client: httpx.AsyncClient, administration: asyncpg.Connection
) -> None:
    first, second = await posted(client), await posted(client)
    await limited(administration, first["gross_total"])
    rules = {"credit_limit": "block"}
    body = {"rules": rules, "first": first["document_date"], "last": first["document_date"]}
    found = (await client.post("/api/v1/policies/simulate", json=body, headers=by("max"))).json()
    assert (found["documents"], found["by_rule"]) == (2, {"credit_limit": 1})
    [example] = found["examples"]
    assert example["number"] == second["number"]
    assert example["failures"][0]["message"].startswith(f"{first['gross_total']} is open, 0.00 is approved")
    assert (await client.post("/api/v1/policies/simulate", json=body | {"rules": {}}, headers=by("max"))).json()[
        "affected"
    ] == 0


async def test_the_simulator_counts_what_was_paid_and_reversed_before(
    client: httpx.AsyncClient, administration: asyncpg.Connection
) -> None:
    paid, wrong = await posted(client), await posted(client)
    payment = {
        "direction": "incoming",
        "party_id": str(PARTY),
        "amount": paid["gross_total"],
        "matches": [{"document_id": paid["id"], "amount": paid["gross_total"]}],
    }
    assert (await client.post("/api/v1/payments", json=payment, headers=by("anna"))).status_code == HTTPStatus.CREATED
    await moved(client, wrong, "reverse", "anna", "Falscher Kunde")
    third = await posted(client)
    await limited(administration, third["gross_total"])
    body = {
        "rules": {"credit_limit": "warn"},
        "first": third["document_date"],
        "last": third["document_date"],
    }
    found = (await client.post("/api/v1/policies/simulate", json=body, headers=by("max"))).json()
    assert [example["number"] for example in found["examples"]] == [wrong["number"]]


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
