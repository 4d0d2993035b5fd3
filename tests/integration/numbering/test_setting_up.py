"""Series as people set them up: a prefix while it is unused, where a year begins, closed years, explained numbers."""

import asyncio
from datetime import date
from typing import Any

import asyncpg
import httpx
import pytest
from tests.support.invoices import INVOICES, moved, posted, written
from tests.support.trade import failures

from valeo_erp.numbering.series import MOST_VOIDS

SERIES = "/api/v1/number-series"
INVOICE = f"{SERIES}/invoice"
THIS_YEAR = date.today().year  # noqa: DTZ011 - the same as the server's but for two hours a year
LAST_YEAR = THIS_YEAR - 1


def by(person: str, **more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {person}"} | {name.replace("_", "-"): value for name, value in more.items()}


async def series(client: httpx.AsyncClient, kind: str = "invoice") -> httpx.Response:
    return await client.get(f"{SERIES}/{kind}", headers=by("max"))


async def sets(
    client: httpx.AsyncClient, path: str, body: dict[str, Any] | None = None, method: str = "POST", person: str = "adam"
) -> httpx.Response:
    """The answer to a change by somebody who has just read the series."""
    etag = (await series(client)).headers["etag"]
    return await client.request(method, f"{INVOICE}{path}", json=body, headers=by(person, If_Match=etag))


async def proof(client: httpx.AsyncClient, year: int = THIS_YEAR) -> dict[str, Any]:
    answer = await client.get(f"{INVOICE}/proof", params={"year": year}, headers=by("anna"))
    found: dict[str, Any] = answer.json()
    return found


async def approved(client: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    invoice = await moved(client, await written(client, **more), "submit", "olga")
    done: dict[str, Any] = await moved(client, invoice, "approve", "max")
    return done


async def posting(client: httpx.AsyncClient, invoice: dict[str, Any]) -> httpx.Response:
    headers = by("anna", If_Match=f'"{invoice["version"]}"')
    return await client.post(f"{INVOICES}/{invoice['id']}/actions/post", headers=headers)


async def trail(client: httpx.AsyncClient, action: str) -> dict[str, Any]:
    query = {"object_kind": "number_series", "action": action, "outcome": "done"}
    found: dict[str, Any] = (await client.get("/api/v1/audit", params=query, headers=by("anna"))).json()["items"][0]
    return found


async def test_a_series_is_set_up_once_for_a_kind_with_a_prefix_of_its_own(
    client: httpx.AsyncClient, administration: asyncpg.Connection
) -> None:
    await administration.execute("delete from valeo.number_series where document_kind = 'invoice'")
    taken = {"document_kind": "invoice", "prefix": "CRN"}
    assert (await client.post(SERIES, json=taken, headers=by("adam"))).json()["code"] == "series_exists"
    body = {"document_kind": "invoice", "prefix": "RE"}
    made = await client.post(SERIES, json=body, headers=by("adam", Idempotency_Key="set-up-invoice"))
    assert (made.status_code, made.json()["version"], made.headers["etag"]) == (201, 1, '"1"')
    again = await client.post(SERIES, json=body, headers=by("adam", Idempotency_Key="set-up-invoice"))
    assert (again.status_code, again.content) == (201, made.content)
    assert (await client.post(SERIES, json=body, headers=by("adam"))).status_code == 409
    assert (await client.post(SERIES, json=body, headers=by("anna"))).json()["scope"] == "numbering:write"
    assert (await posted(client))["number"] == f"RE-{THIS_YEAR}-00001"
    entry = await trail(client, "create")
    assert (entry["before"], entry["after"]["prefix"]) == (None, "RE")


async def test_a_prefix_changes_only_while_no_number_was_given(client: httpx.AsyncClient) -> None:
    assert failures(await sets(client, "", {"prefix": "CRN"}, "PUT")).keys() == {"prefix_taken"}
    changed = await sets(client, "", {"prefix": "RE"}, "PUT")
    assert (changed.status_code, changed.json()["prefix"], changed.json()["version"]) == (200, "RE", 2)
    entry = await trail(client, "edit")
    assert (entry["before"]["prefix"], entry["after"]["prefix"]) == ("INV", "RE")
    await posted(client)
    refused = await sets(client, "", {"prefix": "INV"}, "PUT")
    assert failures(refused) == {"series_used": f"RE-{THIS_YEAR}-00001 was given; the prefix stays."}


async def test_a_change_of_a_series_that_was_changed_meanwhile_is_refused(client: httpx.AsyncClient) -> None:
    await sets(client, "", {"prefix": "RE"}, "PUT")
    stale = await client.put(INVOICE, json={"prefix": "RG"}, headers=by("adam", If_Match='"1"'))
    assert (stale.status_code, stale.json()["current_version"]) == (412, 2)
    assert (await client.put(INVOICE, json={"prefix": "RG"}, headers=by("adam"))).status_code == 428
    assert (await series(client)).json()["prefix"] == "RE"


async def test_a_posting_at_work_gives_no_number_of_an_old_prefix(client: httpx.AsyncClient) -> None:
    invoices = [await approved(client) for _ in range(6)]
    answers = await asyncio.gather(
        sets(client, "", {"prefix": "RE"}, "PUT"), *(posting(client, invoice) for invoice in invoices)
    )
    found = await proof(client)
    assert {answer.status_code for answer in answers[1:]} == {200}
    assert answers[0].status_code in {200, 409}
    assert (found["complete"], found["count"]) == (True, 6)


async def test_a_year_begins_where_another_system_ended(client: httpx.AsyncClient) -> None:
    begun = await sets(client, "/years", {"year": THIS_YEAR, "start": 421})
    assert begun.json()["years"][0]["last"] == 420
    assert (await sets(client, "/years", {"year": THIS_YEAR, "start": 422})).status_code == 200
    assert [(await posted(client))["number"][-5:] for _ in range(2)] == ["00422", "00423"]
    found = await proof(client)
    assert (found["complete"], found["start"], found["count"], found["missing"]) == (True, 422, 2, [])
    refused = await sets(client, "/years", {"year": THIS_YEAR, "start": 500})
    assert failures(refused).keys() == {"year_used"}


async def test_a_beginning_is_taken_back_while_the_year_is_unused(client: httpx.AsyncClient) -> None:
    await sets(client, "/years", {"year": THIS_YEAR, "start": 421})
    assert (await sets(client, "/years", {"year": THIS_YEAR, "start": 1})).json()["years"] == []
    assert (await posted(client))["number"].endswith("-00001")


async def test_a_closed_year_gives_no_number_until_it_is_reopened_with_a_reason(client: httpx.AsyncClient) -> None:
    old = {"document_date": f"{LAST_YEAR}-12-30", "supply_date": f"{LAST_YEAR}-12-30"}
    assert failures(await sets(client, f"/years/{LAST_YEAR}/close")).keys() == {"year_unused"}
    await posted(client, **old)
    await posted(client)
    assert failures(await sets(client, f"/years/{THIS_YEAR}/close")).keys() == {"year_not_over"}
    assert (await sets(client, f"/years/{LAST_YEAR}/close")).status_code == 200
    late = await approved(client, **old)
    assert failures(await posting(client, late)).keys() == {"series_closed"}
    closed = await proof(client, LAST_YEAR)
    assert (closed["complete"], closed["count"], closed["closed_at"] is not None) == (True, 1, True)
    assert failures(await sets(client, f"/years/{LAST_YEAR}/close")).keys() == {"already_closed"}
    reason = {"reason": "Nachtrag laut Prüfung"}
    assert (await sets(client, f"/years/{LAST_YEAR}/reopen", reason)).status_code == 200
    assert (await trail(client, "reopen_year"))["reason"] == "Nachtrag laut Prüfung"
    assert failures(await sets(client, f"/years/{LAST_YEAR}/reopen", reason)).keys() == {"not_closed"}
    assert (await posting(client, late)).json()["number"].endswith("-00002")


async def test_the_next_numbers_are_voided_with_a_reason_and_never_given(client: httpx.AsyncClient) -> None:
    """After a restore: 2 and 3 were printed before it, and are on no document any more."""
    await posted(client)
    body = {"year": THIS_YEAR, "first": 2, "last": 3, "reason": "Vor der Wiederherstellung gedruckt"}
    assert (await sets(client, "/voids", body)).status_code == 200
    assert (await posted(client))["number"].endswith("-00004")
    found = await proof(client)
    assert (found["complete"], found["count"], found["explained_count"], found["missing"]) == (True, 2, 2, [])
    explained = found["explained"][0]
    assert (explained["number"][-5:], explained["reason"], explained["voided_by"]) == ("00002", body["reason"], "adam")
    assert (await trail(client, "void"))["after"]["numbers"] == [f"INV-{THIS_YEAR}-0000{n}" for n in (2, 3)]


async def test_a_missing_number_stays_missing_until_somebody_explains_it(
    client: httpx.AsyncClient, administration: asyncpg.Connection
) -> None:
    numbers = [(await posted(client))["number"] for _ in range(3)]
    await administration.execute("set session_replication_role = replica")  # triggers off, as a disaster would
    await administration.execute("delete from valeo.number_given where sequence = 2")
    body = {"year": THIS_YEAR, "first": 2, "last": 2, "reason": "Verloren"}
    assert failures(await sets(client, "/voids", body)).keys() == {"number_taken"}
    await administration.execute(
        "delete from valeo.document_line where document_id in (select id from valeo.document where number = $1)",
        numbers[1],
    )
    await administration.execute("delete from valeo.document where number = $1", numbers[1])
    lost = await proof(client)
    assert (lost["complete"], lost["missing"]) == (False, [numbers[1]])
    assert (await sets(client, "/voids", body)).status_code == 200
    explained = await proof(client)
    assert (explained["complete"], explained["missing"], explained["explained_count"]) == (True, [], 1)


REFUSED: list[tuple[dict[str, int], set[str]]] = [
    ({"first": 1, "last": 1}, {"number_taken"}),
    ({"first": 3, "last": 3}, {"leaves_a_gap"}),
    ({"first": 2, "last": 1}, {"range"}),
    ({"first": 2, "last": 2 + MOST_VOIDS}, {"range"}),
]


@pytest.mark.parametrize(("numbers", "codes"), REFUSED)
async def test_what_is_given_or_would_leave_a_gap_is_not_voided(
    client: httpx.AsyncClient, numbers: dict[str, int], codes: set[str]
) -> None:
    await posted(client)
    refused = await sets(client, "/voids", {"year": THIS_YEAR, "reason": "Probe"} | numbers)
    assert failures(refused).keys() == codes
    assert (await proof(client))["explained_count"] == 0


async def test_a_void_is_never_changed_and_never_of_a_number_that_was_given(
    client: httpx.AsyncClient, administration: asyncpg.Connection
) -> None:
    await posted(client)
    await sets(client, "/voids", {"year": THIS_YEAR, "first": 2, "last": 2, "reason": "Probe"})
    of_given = (
        "insert into valeo.number_void select tenant_id, document_kind, year, sequence, number, 'x', 'x', now()"
        " from valeo.number_given"
    )
    for attempt in ("update valeo.number_void set reason = 'x'", "delete from valeo.number_void", of_given):
        with pytest.raises(asyncpg.RestrictViolationError):
            await administration.execute(attempt)


async def test_an_administrator_and_postings_at_the_same_time_leave_a_whole_series(client: httpx.AsyncClient) -> None:
    invoices = [await approved(client) for _ in range(8)]

    async def voids() -> int:
        done = 0
        for _ in range(6):
            year = next(iter((await series(client)).json()["years"]), {"last": 0})
            first = int(year["last"]) + 1
            body = {"year": THIS_YEAR, "first": first, "last": first, "reason": "Probe"}
            done += (await sets(client, "/voids", body)).status_code == 200
        return done

    voiding = asyncio.create_task(voids())
    answers = await asyncio.gather(*(posting(client, invoice) for invoice in invoices))
    voided, found = await voiding, await proof(client)
    assert (found["complete"], found["count"], found["explained_count"]) == (True, 8, voided), found
    assert len({answer.json()["number"] for answer in answers}) == 8
