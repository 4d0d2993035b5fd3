"""Price lists fill the lines of drafts that give no price: the party's own before that of everybody, by the day."""

import asyncio
from datetime import date
from typing import Any

import asyncpg
import httpx
import pytest
from tests.integration.masterdata.test_imports import sent
from tests.support.invoices import PARTY, item, moved, written
from tests.support.trade import failures

PRICES = "/api/v1/prices"
MAX = {"Authorization": "Bearer max"}


async def numbers(client: httpx.AsyncClient) -> tuple[str, str]:
    """The numbers of the first item and of the first party."""
    found = [
        (await client.get(address, headers=MAX)).json()["number"]
        for address in (f"/api/v1/items/{item(1)}", f"/api/v1/parties/{PARTY}")
    ]
    return found[0], found[1]


async def priced(client: httpx.AsyncClient, unit_price: str, valid_from: str, **more: Any) -> httpx.Response:
    wheat, _ = await numbers(client)
    body = {"item": wheat, "unit_price": unit_price, "valid_from": valid_from} | more
    return await client.post(PRICES, json=body, headers=MAX)


async def drafted(client: httpx.AsyncClient, supply_date: str, **line: Any) -> dict[str, Any]:
    """The first line of a new draft."""
    lines = [{"item_id": item(1), "quantity": "10"} | line]
    made = await written(client, lines=lines, document_date=supply_date, supply_date=supply_date)
    found: dict[str, Any] = made["lines"][0]
    return found


async def test_a_draft_takes_the_price_of_its_party_and_day_where_none_is_given(client: httpx.AsyncClient) -> None:
    _, farmer = await numbers(client)
    usual = (await drafted(client, "2026-03-01"))["unit_price"]
    assert (await priced(client, "230", "2026-04-01", valid_to="2026-04-30")).status_code == 201
    assert (await priced(client, "22.1", "2026-04-10", party=farmer, price_base="0.1")).status_code == 201
    found = {day: await drafted(client, day) for day in ("2026-03-31", "2026-04-09", "2026-04-10", "2026-05-02")}
    assert {day: line["unit_price"] for day, line in found.items()} == {
        "2026-03-31": usual,
        "2026-04-09": "230.000000",
        "2026-04-10": "22.100000",
        "2026-05-02": "22.100000",
    }
    assert (found["2026-04-10"]["price_base"], found["2026-04-10"]["net"]) == ("0.1000", "2210.00")
    assert (await drafted(client, "2026-04-10", unit_price="199"))["unit_price"] == "199.000000"


async def test_a_document_keeps_its_price_when_the_list_changes(client: httpx.AsyncClient) -> None:
    made = (await priced(client, "230", "2026-04-01")).json()
    lines = [{"item_id": item(1), "quantity": "10"}]
    draft = await written(client, lines=lines, document_date="2026-04-10")
    ended = await client.post(f"{PRICES}/{made['id']}/end", json={"valid_to": "2026-04-05"}, headers=MAX)
    assert (ended.status_code, ended.json()["valid_to"]) == (200, "2026-04-05")
    assert (await moved(client, draft, "submit", "olga"))["lines"][0]["unit_price"] == "230.000000"


async def test_two_prices_never_hold_on_the_same_day_also_when_written_at_the_same_time(
    client: httpx.AsyncClient,
) -> None:
    answers = await asyncio.gather(*(priced(client, str(200 + n), f"2026-04-{n + 1:02}") for n in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 422, 422, 422, 422]
    refused = next(answer for answer in answers if answer.status_code == 422)
    assert failures(refused).keys() == {"price_overlaps"}
    listed = (await client.get(PRICES, params={"item_id": item(1), "on": "2026-06-01"}, headers=MAX)).json()["items"]
    assert len(listed) == 1


@pytest.mark.parametrize("party", [False, True])
async def test_the_database_refuses_a_second_price_on_a_day_whoever_writes_it(
    client: httpx.AsyncClient, administration: asyncpg.Connection, party: bool
) -> None:
    _, farmer = await numbers(client)
    more = {"party": farmer} if party else {}
    assert (await priced(client, "230", "2026-04-01", valid_to="2026-04-30", **more)).status_code == 201
    copied = """
        insert into valeo.price (tenant_id, id, side, item_id, party_id, unit_price, price_base, valid_from, valid_to,
                                 created_by, created_at)
        select tenant_id, gen_random_uuid(), side, item_id, party_id, 1, 1, $1, null, 'psql', now() from valeo.price
    """
    with pytest.raises(asyncpg.ExclusionViolationError, match="ex_price_day"):
        await administration.execute(copied, date(2026, 4, 30))
    await administration.execute(copied, date(2026, 5, 1))


async def test_a_price_ends_earlier_but_never_later(client: httpx.AsyncClient) -> None:
    made = (await priced(client, "230", "2026-04-01", valid_to="2026-04-30")).json()
    for day, code in (("2026-05-01", "ends_already"), ("2026-03-31", "ends_before_it_begins")):
        answer = await client.post(f"{PRICES}/{made['id']}/end", json={"valid_to": day}, headers=MAX)
        assert (answer.status_code, answer.json()["code"]) == (409, code)


async def test_a_file_of_prices_is_tried_out_first_and_every_bad_row_is_told(client: httpx.AsyncClient) -> None:
    wheat, farmer = await numbers(client)
    good = f"item;party;side;unit_price;valid_from;valid_to\n{wheat};{farmer};sales;221,50;2026-07-01;2026-07-31\n"
    dry = await sent(client, good, f"{PRICES}/import", dry_run="true")
    assert (dry.status_code, dry.json()) == (200, {"rows": 1, "written": 0})
    bad = (
        good
        + f"{wheat};{farmer};sales;222;2026-07-31;\nnone;nobody;sales;1;2026-07-01;\n{wheat};;sales;viel;2026-07-01;\n"
    )
    answer = await sent(client, bad, f"{PRICES}/import")
    assert [(failure["code"], failure["field"]) for failure in answer.json()["failures"]] == [
        ("price_overlaps", "row 3.valid_from"),
        ("item_unknown", "row 4.item"),
        ("party_unknown", "row 4.party"),
        ("not_a_number", "row 5.unit_price"),
    ]
    assert (await client.get(PRICES, headers=MAX)).json()["items"] == []
    assert (await sent(client, good, f"{PRICES}/import")).json() == {"rows": 1, "written": 1}
    assert (await drafted(client, "2026-07-15"))["unit_price"] == "221.500000"


async def test_the_list_goes_on_where_its_cursor_says(client: httpx.AsyncClient) -> None:
    for month in (1, 2, 3):
        await priced(client, "230", f"2026-0{month}-01", valid_to=f"2026-0{month}-28")
    first = (await client.get(PRICES, params={"limit": 2}, headers=MAX)).json()
    rest = (await client.get(PRICES, params={"limit": 2, "cursor": first["next_cursor"]}, headers=MAX)).json()
    starts = [row["valid_from"] for row in first["items"] + rest["items"]]
    assert (starts, rest["next_cursor"]) == (["2026-03-01", "2026-02-01", "2026-01-01"], None)


async def test_a_price_has_who_wrote_and_ended_it_in_the_audit(client: httpx.AsyncClient) -> None:
    made = (await priced(client, "230", "2026-04-01")).json()
    await client.post(f"{PRICES}/{made['id']}/end", json={"valid_to": "2026-04-05"}, headers=MAX)
    query = {"object_id": made["id"]}
    entries = (await client.get("/api/v1/audit", params=query, headers={"Authorization": "Bearer adam"})).json()[
        "items"
    ]
    told = {entry["action"]: entry for entry in entries}
    assert {"create", "end"} <= told.keys()
    assert (told["end"]["before"]["valid_to"], told["end"]["after"]["valid_to"]) == (None, "2026-04-05")
