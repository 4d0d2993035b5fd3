"""Parties, items and tax codes."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from tests.support.invoices import INVOICES

As = Callable[..., dict[str, str]]


@dataclass(frozen=True)
class Kind:
    """One register, and something to write into it."""

    url: str
    new: dict[str, Any]
    seeded: int


PARTY = Kind(
    "/api/v1/parties",
    {"number": "20001", "name": "Hof Lindner", "street": "Am Anger 3", "postal_code": "94315", "city": "Straubing"},
    13,
)
ITEM = Kind(
    "/api/v1/items",
    {
        "number": "1050",
        "name": "Winterroggen",
        "name_en": "Winter rye",
        "unit": "dt",
        "list_price": "17.90",
        "tax_code": "reduced",
        "revenue_account": "8300",
    },
    19,
)
both = pytest.mark.parametrize("kind", [PARTY, ITEM], ids=["party", "item"])


@both
async def test_what_is_written_is_read_changed_and_found(client: httpx.AsyncClient, as_: As, kind: Kind) -> None:
    made = await client.post(kind.url, json=kind.new, headers=as_("max"))
    assert made.status_code == 201, made.text
    changed = await client.put(
        made.headers["location"], json=kind.new | {"name": "Ganz anders"}, headers=as_("max", If_Match='"1"')
    )
    read = await client.get(made.headers["location"], headers=as_("olga"))
    found = await client.get(kind.url, params={"text": "GANZ and"}, headers=as_("olga"))
    assert read.json() == changed.json()
    assert (read.headers["etag"], read.json()["name"]) == ('"2"', "Ganz anders")
    assert [row["number"] for row in found.json()["items"]] == [kind.new["number"]]


@both
async def test_pages_give_every_row_once_by_number(client: httpx.AsyncClient, as_: As, kind: Kind) -> None:
    numbers: list[str] = []
    query: dict[str, str | int] = {"limit": 4}
    while True:
        page = (await client.get(kind.url, params=query, headers=as_("olga"))).json()
        numbers += [row["number"] for row in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert numbers == sorted(set(numbers))
    assert len(numbers) == kind.seeded


@both
async def test_a_cursor_of_somebody_elses_making_is_refused(client: httpx.AsyncClient, as_: As, kind: Kind) -> None:
    answer = await client.get(kind.url, params={"cursor": "WzEsMl0"}, headers=as_("olga"))
    assert (answer.status_code, answer.json()["code"]) == (422, "cursor_invalid")


@both
async def test_a_number_is_taken_once(client: httpx.AsyncClient, as_: As, kind: Kind) -> None:
    first = await client.post(kind.url, json=kind.new, headers=as_("max"))
    again = await client.post(kind.url, json=kind.new, headers=as_("max"))
    other = await client.post(kind.url, json=kind.new | {"number": "777"}, headers=as_("max"))
    renamed = await client.put(other.headers["location"], json=kind.new, headers=as_("max", If_Match='"1"'))
    assert first.status_code == 201
    assert [(answer.status_code, answer.json()["code"]) for answer in (again, renamed)] == [(409, "number_taken")] * 2


@both
async def test_whoever_saw_an_older_version_changes_nothing(client: httpx.AsyncClient, as_: As, kind: Kind) -> None:
    made = await client.post(kind.url, json=kind.new, headers=as_("max"))
    url = made.headers["location"]
    answers = await asyncio.gather(
        *(client.put(url, json=kind.new | {"name": f"Nr. {n}"}, headers=as_("max", If_Match='"1"')) for n in range(4))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
    assert (await client.put(url, json=kind.new, headers=as_("max"))).status_code == 428


@both
async def test_another_tenants_row_is_not_there(client: httpx.AsyncClient, as_: As, kind: Kind) -> None:
    made = await client.post(kind.url, json=kind.new, headers=as_("max"))
    url = made.headers["location"]
    assert (await client.get(url, headers=as_("bruno"))).status_code == 404
    assert (await client.put(url, json=kind.new, headers=as_("bruno", If_Match='"1"'))).status_code == 404
    assert (await client.post(kind.url, json=kind.new, headers=as_("bruno"))).status_code == 201


@both
async def test_a_change_is_audited_with_before_and_after_and_told(
    client: httpx.AsyncClient, as_: As, kind: Kind, administration: asyncpg.Connection
) -> None:
    made = await client.post(kind.url, json=kind.new, headers=as_("max"))
    changed = kind.new | {"name": "Ganz anders"}
    await client.put(made.headers["location"], json=changed, headers=as_("mia", If_Match='"1"'))
    row = await administration.fetchrow(
        "select action, actor, before ->> 'name' as old, after ->> 'name' as new from valeo.audit_entry"
        " where object_id = $1 order by at desc",
        made.json()["id"],
    )
    events = await administration.fetch("select kind, data::text from valeo.outbox order by id")
    assert tuple(row) == ("edit", "mia", kind.new["name"], "Ganz anders")
    noun = kind.url.split("/")[-1].replace("parties", "party").replace("items", "item")
    assert [event["kind"] for event in events] == [f"{noun}.created", f"{noun}.edited"]
    assert not any("anders" in event["data"] for event in events)


async def test_an_item_needs_a_known_tax_code(client: httpx.AsyncClient, as_: As) -> None:
    answer = await client.post(ITEM.url, json=ITEM.new | {"tax_code": "luxury"}, headers=as_("max"))
    assert (answer.status_code, answer.json()["failures"][0]["field"]) == (422, "tax_code")


async def test_an_inactive_party_gets_no_new_invoice(client: httpx.AsyncClient, as_: As) -> None:
    made = await client.post(PARTY.url, json=PARTY.new | {"active": False}, headers=as_("max"))
    inactive = await client.get(PARTY.url, params={"active": "false"}, headers=as_("olga"))
    draft = {"party_id": made.json()["id"], "lines": [{"item_id": str(uuid4()), "quantity": "1"}]}
    answer = await client.post(INVOICES, json=draft, headers=as_("olga"))
    assert [row["number"] for row in inactive.json()["items"]] == ["20001"]
    assert answer.json()["failures"][0]["code"] == "party_inactive"


async def test_every_rate_that_ever_held_is_listed(client: httpx.AsyncClient, as_: As) -> None:
    codes = (await client.get("/api/v1/tax-codes", headers=as_("olga"))).json()["items"]
    assert [(code["rate"], code["valid_to"]) for code in codes if code["code"] == "standard"] == [
        ("19.0000", "2020-06-30"),
        ("16.0000", "2020-12-31"),
        ("19.0000", None),
    ]
