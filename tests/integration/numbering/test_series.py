"""Gapless numbers: given when posted, in the order of dates, used up by nothing else, and proven."""

import asyncio
import random
from collections.abc import Callable
from datetime import date, timedelta
from http import HTTPStatus
from typing import Any

import asyncpg
import httpx
import pytest
from tests.support.invoices import INVOICES, moved, posted, written

from valeo_erp.numbering.series import Numbered

As = Callable[..., dict[str, str]]
BUSY = HTTPStatus.SERVICE_UNAVAILABLE
CLIENTS = 16
INVOICES_EACH = 3


async def proof(client: httpx.AsyncClient, as_: As, year: int | None = None) -> dict[str, Any]:
    query = {} if year is None else {"year": year}
    answer = await client.get("/api/v1/number-series/invoice/proof", params=query, headers=as_("anna"))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def approved(client: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    invoice = await moved(client, await written(client, **more), "submit", "olga")
    done: dict[str, Any] = await moved(client, invoice, "approve", "max")
    return done


async def post(client: httpx.AsyncClient, as_: As, invoice: dict[str, Any], **headers: str) -> httpx.Response:
    given = as_("anna", If_Match=f'"{invoice["version"]}"', **headers)
    return await client.post(f"{INVOICES}/{invoice['id']}/actions/post", headers=given)


async def test_numbers_follow_each_other_without_gap(client: httpx.AsyncClient, as_: As) -> None:
    numbers = [(await posted(client))["number"][-5:] for _ in range(3)]
    found = await proof(client, as_)
    assert numbers == ["00001", "00002", "00003"]
    assert (found["complete"], found["count"], found["first"][-5:], found["last"][-5:]) == (True, 3, "00001", "00003")


async def test_an_empty_series_is_whole(client: httpx.AsyncClient, as_: As) -> None:
    found = await proof(client, as_)
    assert (found["complete"], found["count"], found["first"], found["missing"]) == (True, 0, None, [])


async def test_a_refused_posting_uses_no_number(client: httpx.AsyncClient, as_: As) -> None:
    tomorrow = (date.today() + timedelta(days=2)).isoformat()  # noqa: DTZ011 - any day ahead will do
    answer = await post(client, as_, await approved(client, document_date=tomorrow))
    assert (answer.status_code, answer.json()["failures"][0]["code"]) == (409, "date_in_future")
    assert (await posted(client))["number"].endswith("-00001")


async def test_dates_never_fall_within_a_series(client: httpx.AsyncClient, as_: As) -> None:
    year = date.today().year - 1  # noqa: DTZ011 - a whole year that is over has a day before on every day
    await posted(client, document_date=f"{year}-06-15")
    answer = await post(client, as_, await approved(client, document_date=f"{year}-06-14"))
    assert (answer.status_code, answer.json()["failures"][0]["code"]) == (409, "date_falls")
    assert (await posted(client, document_date=f"{year}-06-15"))["number"].endswith("-00002")


async def test_every_year_begins_with_one(client: httpx.AsyncClient, as_: As) -> None:
    year = date.today().year - 1  # noqa: DTZ011
    invoice = (await post(client, as_, await approved(client, document_date=f"{year}-12-31"))).json()
    assert invoice["number"] == f"INV-{year}-00001"
    assert (await posted(client))["number"].endswith("-00001")
    assert (await proof(client, as_, year))["count"] == (await proof(client, as_))["count"] == 1


async def test_a_year_without_a_period_takes_no_posting(client: httpx.AsyncClient, as_: As) -> None:
    answer = await post(client, as_, await approved(client, document_date="2010-05-05"))
    assert [failure["code"] for failure in answer.json()["failures"]] == ["period_missing"]


async def test_a_missing_series_is_told(client: httpx.AsyncClient, as_: As, administration: asyncpg.Connection) -> None:
    await administration.execute("delete from valeo.number_series")
    answer = await post(client, as_, await approved(client))
    assert [failure["code"] for failure in answer.json()["failures"]] == ["series_missing"]
    assert (await client.get("/api/v1/number-series/invoice/proof", headers=as_("anna"))).status_code == 404


async def test_a_reversed_number_is_named_as_voided(client: httpx.AsyncClient, as_: As) -> None:
    original = await moved(client, await posted(client), "reverse", "anna", "Falscher Kunde")
    found = await proof(client, as_)
    assert (found["complete"], found["voided"], found["count"]) == (True, [original["number"]], 2)


async def test_series_and_their_counters_are_listed(client: httpx.AsyncClient, as_: As) -> None:
    invoice = await posted(client)
    listed = (await client.get("/api/v1/number-series", headers=as_("max"))).json()["items"]
    assert {each["document_kind"] for each in listed} == set(Numbered)
    [series] = [each for each in listed if each["document_kind"] == "invoice"]
    assert (series["document_kind"], series["prefix"]) == ("invoice", "INV")
    counter = {"year": int(invoice["number"][4:8]), "start": 1, "last": 1, "last_date": invoice["document_date"]}
    assert series["years"] == [counter | {"closed_at": None, "closed_by": None}]


TAMPERED = {
    "missing": "delete from valeo.number_given where sequence = 2",
    "unexplained": "update valeo.number_given set document_id = gen_random_uuid() where sequence = 2",
    "falling_dates": "update valeo.number_given set document_date = '2001-01-01' where sequence = 2",
}


@pytest.mark.parametrize("fault", TAMPERED)
async def test_the_proof_names_what_somebody_changed_past_the_program(
    client: httpx.AsyncClient, as_: As, administration: asyncpg.Connection, fault: str
) -> None:
    numbers = [(await posted(client))["number"] for _ in range(3)]
    await administration.execute("set session_replication_role = replica")  # triggers off, as an intruder would
    await administration.execute(TAMPERED[fault])
    found = await proof(client, as_)
    assert (found["complete"], found[fault]) == (False, [numbers[1]])


async def test_the_proof_names_a_number_that_two_documents_carry(
    client: httpx.AsyncClient, as_: As, administration: asyncpg.Connection
) -> None:
    first, second = [(await posted(client))["number"] for _ in range(2)]
    await administration.execute("set session_replication_role = replica")
    await administration.execute("alter table valeo.document drop constraint uq_document_tenant_id_kind_number")
    await administration.execute("update valeo.document set number = $1 where number = $2", first, second)
    found = await proof(client, as_)
    assert (found["complete"], found["duplicates"], found["missing"]) == (False, [first], [second])


async def post_patiently(client: httpx.AsyncClient, as_: As, invoice: dict[str, Any]) -> httpx.Response:
    """As a careful client does: again with the same key while the service says that it can not at the moment."""
    key = f"posting-of-{invoice['id']}"
    async with asyncio.timeout(60):
        while True:
            answer = await post(client, as_, invoice, Idempotency_Key=key)
            if answer.status_code != BUSY:
                break
            await asyncio.sleep(random.uniform(0.01, 0.05))  # noqa: S311 - spreads the clients, guards nothing
    assert answer.status_code == 200, answer.text
    return answer


async def cut_connections(administration: asyncpg.Connection, stop: asyncio.Event) -> int:
    """End a random session of the application every few milliseconds."""
    cut = 0
    while not stop.is_set():
        cut += await administration.fetchval(
            "select count(pg_terminate_backend(pid)) from (select pid from pg_stat_activity"
            " where usename like 'valeo_app%' and datname = current_database()"
            " and state in ('active', 'idle in transaction') order by random() limit 1) victims"
        )
        await asyncio.sleep(0.02)
    return cut


async def test_sixteen_clients_with_connections_cut_at_random_leave_a_whole_series_and_a_whole_book(
    client: httpx.AsyncClient, as_: As, administration: asyncpg.Connection
) -> None:
    invoices = [await approved(client) for _ in range(CLIENTS * INVOICES_EACH)]
    waiting, stop = iter(invoices), asyncio.Event()
    given: dict[str, str] = {}
    repeated: list[bool] = []

    async def one_client() -> None:
        for invoice in waiting:
            answer = await post_patiently(client, as_, invoice)
            given[invoice["id"]] = answer.json()["number"]
            repeated.append((await post_patiently(client, as_, invoice)).content == answer.content)

    cutting = asyncio.create_task(cut_connections(administration, stop))
    await asyncio.gather(*(one_client() for _ in range(CLIENTS)))
    stop.set()
    cut = await cutting
    found = await proof(client, as_)
    verified = (await client.get("/api/v1/journal/verify", headers=as_("anna"))).json()
    unbalanced = await administration.fetchval(
        "select count(*) from (select 1 from valeo.journal_line group by tenant_id, sequence"
        " having sum(debit) <> sum(credit)) entries"
    )
    stored = await administration.fetch("select id::text, number from valeo.document")
    assert cut > 0
    assert found["complete"], found
    assert (found["count"], verified["verified"], verified["entries"]) == (len(invoices), True, len(invoices))
    assert unbalanced == 0
    assert all(repeated)
    assert {row["id"]: row["number"] for row in stored} == given
