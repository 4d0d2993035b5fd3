"""Accounting periods: opened by years, closed when all is posted, reopened with a reason."""

import asyncio
from datetime import date
from typing import Any

import asyncpg
import httpx
import pytest
from tests.support.invoices import INVOICES, moved, posted, written
from tests.support.trade import failures

PERIODS = "/api/v1/periods"
YEAR = date.today().year  # noqa: DTZ011 - the seed has the periods of last year, this one and the next
REASON = {"reason": "Eingangsrechnung nachgereicht"}


def by(person: str, **more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {person}"} | {name.replace("_", "-"): value for name, value in more.items()}


async def acts(
    client: httpx.AsyncClient, starts_on: str, action: str, body: dict[str, Any] | None = None, person: str = "anna"
) -> httpx.Response:
    """The answer to an action by somebody who has just read the period."""
    etag = (await client.get(f"{PERIODS}/{starts_on}", headers=by("olga"))).headers["etag"]
    return await client.post(f"{PERIODS}/{starts_on}/{action}", json=body, headers=by(person, If_Match=etag))


async def closes_year(client: httpx.AsyncClient, year: int) -> None:
    for month in range(1, 13):
        assert (await acts(client, f"{year}-{month:02}-01", "close")).status_code == 200


async def posting(client: httpx.AsyncClient, invoice: dict[str, Any]) -> httpx.Response:
    headers = by("anna", If_Match=f'"{invoice["version"]}"')
    return await client.post(f"{INVOICES}/{invoice['id']}/actions/post", headers=headers)


def month_of(invoice: dict[str, Any]) -> str:
    return f"{invoice['document_date'][:8]}01"


async def test_a_period_with_unposted_documents_closes_only_if_that_is_wanted(client: httpx.AsyncClient) -> None:
    await written(client)
    invoice = await moved(client, await written(client), "submit", "olga")
    refused = await acts(client, month_of(invoice), "close")
    assert (refused.status_code, refused.json()["code"]) == (409, "unposted_documents")
    told = failures(refused)["unposted_documents"]
    assert told.startswith("2 documents of its days are not posted (invoice draft: 1, invoice submitted: 1).")
    closed = await acts(client, month_of(invoice), "close", {"unposted": True})
    assert (closed.status_code, closed.json()["state"], closed.json()["closed_by"]) == (200, "closed", "anna")


async def test_nothing_is_posted_into_a_closed_period_until_it_is_reopened(client: httpx.AsyncClient) -> None:
    invoice = await moved(client, await moved(client, await written(client), "submit", "olga"), "approve", "max")
    month = month_of(invoice)
    await acts(client, month, "close", {"unposted": True})
    refused = await posting(client, invoice)
    assert (refused.status_code, refused.json()["failures"][0]["code"]) == (409, "period_closed")
    assert invoice["document_date"] in refused.json()["failures"][0]["message"]
    reopened = await acts(client, month, "reopen", REASON)
    assert (reopened.status_code, reopened.json()["state"], reopened.json()["closed_by"]) == (200, "open", None)
    assert (await posting(client, invoice)).json()["state"] == "posted"


async def test_closing_and_reopening_stand_in_the_audit_with_before_and_after(client: httpx.AsyncClient) -> None:
    month = f"{YEAR}-01-01"
    await acts(client, month, "close")
    await acts(client, month, "reopen", REASON)
    query = {"object_kind": "period", "outcome": "done"}
    items = (await client.get("/api/v1/audit", params=query, headers=by("anna"))).json()["items"]
    told = {entry["action"]: entry for entry in items}
    assert (told["close"]["before"]["state"], told["close"]["after"]["state"]) == ("open", "closed")
    assert (told["reopen"]["before"]["state"], told["reopen"]["reason"]) == ("closed", REASON["reason"])


async def test_a_period_closes_once_and_an_open_one_does_not_reopen(client: httpx.AsyncClient) -> None:
    month = month_of(await posted(client))
    assert (await acts(client, month, "reopen", REASON)).json()["code"] == "not_closed"
    answers = [await acts(client, month, "close") for _ in range(2)]
    assert [(answer.status_code, answer.json().get("code")) for answer in answers] == [
        (200, None),
        (409, "already_closed"),
    ]
    periods = (await client.get(PERIODS, headers=by("olga"))).json()["items"]
    assert [period["starts_on"] for period in periods if period["state"] == "closed"] == [month]


async def test_a_period_does_not_reopen_once_a_later_year_is_closed(client: httpx.AsyncClient) -> None:
    await closes_year(client, YEAR - 1)
    await closes_year(client, YEAR)
    refused = await acts(client, f"{YEAR - 1}-12-01", "reopen", REASON)
    assert (refused.status_code, refused.json()["code"]) == (409, "later_year_closed")
    assert (await acts(client, f"{YEAR}-12-01", "reopen", REASON)).status_code == 200
    assert (await acts(client, f"{YEAR - 1}-12-01", "reopen", REASON)).status_code == 200


async def test_whoever_saw_another_state_of_a_period_does_not_change_it(client: httpx.AsyncClient) -> None:
    url = f"{PERIODS}/{YEAR}-01-01"
    await acts(client, f"{YEAR}-01-01", "close")
    stale = await client.post(f"{url}/reopen", json=REASON, headers=by("anna", If_Match='"1"'))
    assert (stale.status_code, stale.json()["current_version"]) == (412, 2)
    assert (await client.post(f"{url}/reopen", json=REASON, headers=by("anna"))).status_code == 428
    assert (await client.get(url, headers=by("olga"))).json()["state"] == "closed"


async def test_a_period_that_does_not_exist_is_not_closed(client: httpx.AsyncClient) -> None:
    headers = by("anna", If_Match='"1"')
    assert (await client.post(f"{PERIODS}/2001-01-01/close", headers=headers)).status_code == 404
    assert (await client.get(f"{PERIODS}/2001-01-01", headers=headers)).status_code == 404
    assert (await client.post(f"{PERIODS}/soon/close", headers=headers)).status_code == 422


async def test_a_year_is_opened_in_months_beside_those_that_are_there(client: httpx.AsyncClient) -> None:
    async def opens(year: int, person: str = "anna", **more: str) -> httpx.Response:
        return await client.post(PERIODS, json={"year": year}, headers=by(person, **more))

    assert (await opens(YEAR + 2, "max")).json()["scope"] == "ledger:close"
    assert failures(await opens(YEAR + 3)).keys() == {"leaves_a_gap"}
    assert failures(await opens(YEAR)).keys() == {"year_exists"}
    made = await opens(YEAR + 2, Idempotency_Key="open-the-year")
    assert (made.status_code, len(made.json()["items"])) == (201, 12)
    assert made.json()["items"][11]["ends_on"] == f"{YEAR + 2}-12-31"
    assert (await opens(YEAR + 2, Idempotency_Key="open-the-year")).content == made.content
    assert sorted([answer.status_code for answer in await asyncio.gather(opens(YEAR + 3), opens(YEAR + 3))]) == [
        201,
        409,
    ]
    assert (await opens(YEAR - 2)).status_code == 201


async def test_the_database_refuses_two_periods_of_the_same_day(administration: asyncpg.Connection) -> None:
    with pytest.raises(asyncpg.ExclusionViolationError, match="ex_period_day"):
        await administration.execute(
            "insert into valeo.period (tenant_id, starts_on, ends_on)"
            " select tenant_id, starts_on + 14, ends_on from valeo.period limit 1"
        )


async def test_closing_waits_for_a_posting_at_work_in_the_period(
    client: httpx.AsyncClient, administration: asyncpg.Connection
) -> None:
    month = f"{YEAR}-01-01"
    async with administration.transaction():
        await administration.execute("select from valeo.period where starts_on = $1::text::date for share", month)
        closing = asyncio.create_task(acts(client, month, "close"))
        await asyncio.sleep(0.3)
        assert not closing.done()
    assert (await closing).status_code == 200
