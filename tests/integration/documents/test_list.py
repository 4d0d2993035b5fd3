"""The list of invoices: filters, order and pages."""

from collections.abc import Callable
from typing import Any

import asyncpg
import httpx
import pytest
from tests.support.invoices import INVOICES, moved, posted, written

As = Callable[..., dict[str, str]]
SECOND_PARTY = "01980000-0001-7000-8000-000000000003"


async def listed(client: httpx.AsyncClient, as_: As, **query: str | int) -> list[dict[str, Any]]:
    """All rows, page by page."""
    rows: list[dict[str, Any]] = []
    while True:
        answer = await client.get(INVOICES, params=query, headers=as_("olga"))
        assert answer.status_code == 200, answer.text
        page = answer.json()
        rows += page["items"]
        if page["next_cursor"] is None:
            return rows
        query["cursor"] = page["next_cursor"]


@pytest.fixture
async def three(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    """Three drafts of three days, the second of another party and submitted."""
    made = [
        await written(client, document_date="2026-01-10", note="100 % Anzahlung"),
        await written(client, document_date="2026-01-20", party_id=SECOND_PARTY),
        await written(client, document_date="2026-01-30"),
    ]
    await moved(client, made[1], "submit", "olga")
    return made


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row["id"] for row in rows]


@pytest.mark.parametrize("limit", [1, 2, 50])
async def test_pages_of_any_size_give_every_row_once_newest_first(
    client: httpx.AsyncClient, as_: As, three: list[dict[str, Any]], limit: int
) -> None:
    assert ids(await listed(client, as_, limit=limit)) == ids(three)[::-1]


async def test_the_oldest_come_first_when_asked_for(
    client: httpx.AsyncClient, as_: As, three: list[dict[str, Any]]
) -> None:
    assert ids(await listed(client, as_, limit=1, sort="document_date")) == ids(three)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"state": "submitted"}, [1]),
        ({"state": "posted"}, []),
        ({"party_id": SECOND_PARTY}, [1]),
        ({"from": "2026-01-20"}, [2, 1]),
        ({"to": "2026-01-20"}, [1, 0]),
        ({"from": "2026-01-11", "to": "2026-01-29"}, [1]),
        ({"text": "gut schönau"}, [1]),
        ({"text": "SCHÖNAU"}, [1]),
        ({"text": "10003"}, [1]),
        ({"text": "100 %"}, [0]),
        ({"text": "100_"}, []),
        ({"text": "anzahlung", "state": "submitted"}, []),
        ({"text": "10"}, [2, 1, 0]),
        ({"text": "an"}, [0]),
        ({"text": "za"}, []),
        ({"number": "INV-2026-00001"}, []),
        ({"from_gross": "0.01", "to": "2026-01-10"}, [0]),
        ({"to_gross": "0.00"}, []),
    ],
)
async def test_filters_narrow_it_down(
    client: httpx.AsyncClient, as_: As, three: list[dict[str, Any]], query: dict[str, str], found: list[int]
) -> None:
    assert ids(await listed(client, as_, **query)) == [three[index]["id"] for index in found]


@pytest.mark.parametrize("sort", ["document_date", "gross_total", "due_date"])
@pytest.mark.parametrize("sign", ["", "-"])
async def test_every_order_gives_every_row_once_and_backwards_the_mirror(
    client: httpx.AsyncClient, as_: As, three: list[dict[str, Any]], sort: str, sign: str
) -> None:
    rows = await listed(client, as_, limit=1, sort=f"{sign}{sort}")
    keys = [(float(row[sort]) if sort == "gross_total" else row[sort], row["id"]) for row in rows]
    assert len(keys) == len(three)
    assert keys == sorted(keys, reverse=sign == "-")


async def test_by_number_come_those_that_have_one(
    client: httpx.AsyncClient, as_: As, three: list[dict[str, Any]]
) -> None:
    numbers = [(await posted(client))["number"] for _ in range(2)]
    assert [row["number"] for row in await listed(client, as_, limit=1, sort="number")] == numbers
    assert [row["number"] for row in await listed(client, as_, limit=1, sort="-number")] == numbers[::-1]
    assert [row["number"] for row in await listed(client, as_, number=numbers[1])] == [numbers[1]]
    assert [row["number"] for row in await listed(client, as_, text=numbers[1][-4:].lower())] == [numbers[1]]


async def test_a_number_that_grew_longer_comes_after_those_of_the_same_day(
    client: httpx.AsyncClient, as_: As, administration: asyncpg.Connection
) -> None:
    first = await posted(client)
    year = first["document_date"][:4]
    await administration.execute("update valeo.number_counter set last = 99998 where document_kind = 'invoice'")
    for _ in range(2):
        await posted(client)
    numbers = [row["number"] for row in await listed(client, as_, limit=1, sort="number")]
    assert numbers == [first["number"], f"INV-{year}-99999", f"INV-{year}-100000"]


async def test_a_cursor_of_one_order_is_none_of_another(
    client: httpx.AsyncClient, as_: As, three: list[dict[str, Any]]
) -> None:
    query: dict[str, str | int] = {"limit": 1, "sort": "gross_total"}
    cursor = (await client.get(INVOICES, params=query, headers=as_("olga"))).json()["next_cursor"]
    answer = await client.get(INVOICES, params={"cursor": cursor, "sort": "due_date"}, headers=as_("olga"))
    assert (answer.status_code, answer.json()["code"]) == (422, "cursor_invalid")


@pytest.mark.parametrize("cursor", ["x", "AAAA", "WzFd", "WyIyMDI2LTAxLTAxIiwgIm5vIl0", "W10", "_" * 500])
async def test_a_cursor_of_somebody_elses_making_is_refused(client: httpx.AsyncClient, as_: As, cursor: str) -> None:
    answer = await client.get(INVOICES, params={"cursor": cursor}, headers=as_("olga"))
    assert (answer.status_code, answer.json()["code"]) == (422, "cursor_invalid")


async def test_a_row_of_the_list_has_the_amounts_of_the_document(
    client: httpx.AsyncClient, as_: As, three: list[dict[str, Any]]
) -> None:
    row = (await listed(client, as_, party_id=SECOND_PARTY))[0]
    assert row["gross_total"] == three[1]["gross_total"]
    assert row["party_name"] == three[1]["party"]["name"]
