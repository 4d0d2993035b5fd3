"""One request, one transaction: idempotency keys, what refusals leave, and pooled connections."""

import asyncio
import os
import signal
from collections.abc import Callable
from typing import Annotated, Any

import asyncpg
import httpx
import pytest
from fastapi import APIRouter, FastAPI
from sqlalchemy import text
from tests.support.invoices import INVOICES, body, moved, posted, written

from valeo_erp.identity.access import writing
from valeo_erp.identity.scopes import Scope
from valeo_erp.kernel.database import IDLE_SECONDS_BEFORE_CHECK
from valeo_erp.kernel.unit_of_work import Transaction, TransactionalRoute

As = Callable[..., dict[str, str]]
KEY = "order-4711-of-today"


async def counted(administration: asyncpg.Connection, table: str) -> int:
    return int(await administration.fetchval(f"select count(*) from valeo.{table}"))  # noqa: S608 - a table of ours


async def test_a_repeated_key_gets_the_first_answer_and_writes_nothing(
    client: httpx.AsyncClient, as_: As, administration: asyncpg.Connection
) -> None:
    headers = as_("olga", Idempotency_Key=KEY)
    first = await client.post(INVOICES, json=body(), headers=headers)
    second = await client.post(INVOICES, json=body(), headers=headers)
    assert second.status_code == 201
    assert second.content == first.content
    assert second.headers["location"] == first.headers["location"]
    assert second.headers["etag"] == first.headers["etag"]
    assert (first.headers.get("idempotency-replayed"), second.headers["idempotency-replayed"]) == (None, "true")
    assert [await counted(administration, table) for table in ("document", "audit_entry", "outbox")] == [1, 1, 1]


async def test_a_repeated_action_gets_the_first_answer_though_the_version_is_past(
    client: httpx.AsyncClient, as_: As
) -> None:
    invoice = await written(client)
    headers = as_("olga", Idempotency_Key=KEY, If_Match='"1"')
    url = f"{INVOICES}/{invoice['id']}/actions/submit"
    first = await client.post(url, headers=headers)
    second = await client.post(url, headers=headers)
    assert (second.status_code, second.content) == (200, first.content)


@pytest.mark.parametrize("change", ["body", "version", "path"])
async def test_a_key_used_for_another_request_is_refused(client: httpx.AsyncClient, as_: As, change: str) -> None:
    invoice = await written(client)
    url = f"{INVOICES}/{invoice['id']}/actions/submit"
    await client.post(url, json={"reason": "a"}, headers=as_("olga", Idempotency_Key=KEY, If_Match='"1"'))
    other = await client.post(
        url.replace("submit", "withdraw") if change == "path" else url,
        json={"reason": "b" if change == "body" else "a"},
        headers=as_("olga", Idempotency_Key=KEY, If_Match='"2"' if change == "version" else '"1"'),
    )
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_a_key_belongs_to_one_person(client: httpx.AsyncClient, as_: As) -> None:
    olgas = await client.post(INVOICES, json=body(), headers=as_("olga", Idempotency_Key=KEY))
    maxs = await client.post(INVOICES, json=body(), headers=as_("max", Idempotency_Key=KEY))
    assert olgas.json()["id"] != maxs.json()["id"]


async def test_a_refused_request_leaves_its_key_free(client: httpx.AsyncClient, as_: As) -> None:
    headers = as_("olga", Idempotency_Key=KEY)
    refused = await client.post(INVOICES, json=body(due_date="2000-01-01"), headers=headers)
    accepted = await client.post(INVOICES, json=body(), headers=headers)
    assert (refused.status_code, accepted.status_code) == (422, 201)


@pytest.mark.parametrize("key", ["short", "with blanks in it", "ümlaute-ümlaute", "x" * 129])
async def test_what_is_no_key_is_refused(client: httpx.AsyncClient, as_: As, key: str) -> None:
    headers = {name.encode(): value.encode() for name, value in as_("olga", Idempotency_Key=key).items()}
    answer = await client.post(INVOICES, json=body(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_invalid")


async def test_of_many_at_once_with_one_key_one_writes_and_all_get_its_answer(
    client: httpx.AsyncClient, as_: As, administration: asyncpg.Connection
) -> None:
    headers = as_("olga", Idempotency_Key=KEY)
    answers = await asyncio.gather(*(client.post(INVOICES, json=body(), headers=headers) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert await counted(administration, "document") == 1


async def test_of_many_who_post_the_same_version_one_posts_and_the_others_hear_of_it(
    client: httpx.AsyncClient, as_: As, administration: asyncpg.Connection
) -> None:
    invoice = await moved(client, await moved(client, await written(client), "submit", "olga"), "approve", "max")
    headers = as_("anna", If_Match=f'"{invoice["version"]}"')
    url = f"{INVOICES}/{invoice['id']}/actions/post"
    answers = await asyncio.gather(*(client.post(url, headers=headers) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 7
    assert await counted(administration, "number_given") == 1


async def test_a_refusal_changes_nothing_but_the_audit(
    client: httpx.AsyncClient, as_: As, administration: asyncpg.Connection
) -> None:
    invoice = await moved(client, await written(client, "max"), "submit", "max")
    before = [await counted(administration, table) for table in ("audit_entry", "outbox", "idempotency_result")]
    headers = as_("max", If_Match='"2"', Idempotency_Key=KEY)
    answer = await client.post(f"{INVOICES}/{invoice['id']}/actions/approve", headers=headers)
    after = [await counted(administration, table) for table in ("audit_entry", "outbox", "idempotency_result")]
    assert answer.status_code == 409
    assert after == [before[0] + 1, before[1], before[2]]


async def test_every_change_is_an_event_without_personal_data(
    client: httpx.AsyncClient, administration: asyncpg.Connection
) -> None:
    invoice = await posted(client)
    await moved(client, invoice, "reverse", "anna", "Falscher Kunde")
    rows = await administration.fetch("select kind, data::text from valeo.outbox order by id")
    assert [row["kind"] for row in rows] == [
        "invoice.created",
        "invoice.submitted",
        "invoice.approved",
        "invoice.posted",
        "invoice.posted",
        "invoice.reversed",
    ]
    assert not any(invoice["party"]["name"] in row["data"] or "olga" in row["data"] for row in rows)


async def test_connections_ended_by_the_server_cost_no_request(
    client: httpx.AsyncClient, as_: As, administration: asyncpg.Connection
) -> None:
    await asyncio.gather(*(client.get(INVOICES, headers=as_("olga")) for _ in range(8)))
    await administration.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where usename like 'valeo_app%' and datname = current_database()"
    )
    await asyncio.sleep(0.05)
    answers = await asyncio.gather(*(client.post(INVOICES, json=body(), headers=as_("olga")) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {201}


async def test_a_locked_document_answers_503_with_a_time_to_come_back(
    client: httpx.AsyncClient, as_: As, administration: asyncpg.Connection
) -> None:
    invoice = await written(client)
    async with administration.transaction():
        await administration.execute("select from valeo.document where id = $1 for update", invoice["id"])
        answer = await client.post(f"{INVOICES}/{invoice['id']}/actions/submit", headers=as_("olga", If_Match='"1"'))
    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "locked", "2")


async def test_a_connection_that_does_not_answer_any_more_is_replaced(
    client: httpx.AsyncClient, as_: As, administration: asyncpg.Connection
) -> None:
    await client.get(INVOICES, headers=as_("olga"))
    pids = await administration.fetch(
        "select pid from pg_stat_activity"
        " where application_name like 'valeo-erp none%' and datname = current_database()"
    )
    for row in pids:
        os.kill(row["pid"], signal.SIGSTOP)  # as a machine that is gone: the socket is open, nobody answers
    try:
        await asyncio.sleep(IDLE_SECONDS_BEFORE_CHECK + 0.1)
        async with asyncio.timeout(8):
            answer = await client.post(INVOICES, json=body(), headers=as_("olga"))
    finally:
        for row in pids:
            os.kill(row["pid"], signal.SIGCONT)
    assert pids
    assert answer.status_code == 201


class Stumbling:
    """A route whose statement the database ends some times before it lets it pass."""

    def __init__(self, app: FastAPI, times: int, sqlstate: str) -> None:
        self.tries = 0
        router = APIRouter(route_class=TransactionalRoute)

        @router.post("/stumble")
        async def stumble(transaction: Annotated[Transaction, writing(Scope.SALES_WRITE)]) -> int:
            self.tries += 1
            transaction.audit("stumble", "test", None)
            if self.tries <= times:
                await transaction.connection.execute(
                    text(f"do $$ begin raise exception 'stumbled' using errcode = '{sqlstate}'; end $$")
                )
            return self.tries

        app.include_router(router)


@pytest.mark.parametrize("sqlstate", ["40P01", "40001"])
async def test_a_deadlock_is_tried_again_and_leaves_the_traces_of_one_try(
    app: FastAPI, client: httpx.AsyncClient, as_: As, administration: asyncpg.Connection, sqlstate: str
) -> None:
    Stumbling(app, times=2, sqlstate=sqlstate)
    answer = await client.post("/stumble", headers=as_("olga"))
    assert (answer.status_code, answer.json()) == (200, 3)
    assert await counted(administration, "audit_entry") == 1


async def test_endless_deadlocks_end_in_a_refusal_to_come_back_later(
    app: FastAPI, client: httpx.AsyncClient, as_: As, administration: asyncpg.Connection
) -> None:
    stumbling = Stumbling(app, times=99, sqlstate="40P01")
    answer = await client.post("/stumble", headers=as_("olga"))
    assert (answer.status_code, answer.json()["code"], stumbling.tries) == (503, "contention", 3)
    assert await counted(administration, "audit_entry") == 0


async def test_nothing_of_an_unfinished_request_stays_on_its_connection(
    app: FastAPI, client: httpx.AsyncClient, as_: As, administration: asyncpg.Connection
) -> None:
    await asyncio.gather(
        *(client.post(INVOICES, json=body(due_date="2000-01-01"), headers=as_("olga")) for _ in range(8))
    )
    states: list[Any] = await administration.fetch(
        "select state from pg_stat_activity where application_name like 'valeo-erp %' and datname = current_database()"
    )
    assert {row["state"] for row in states} == {"idle"}
    assert app.state.services.engine.pool.checkedout() == 0
