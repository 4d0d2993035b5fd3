"""Parties, items and the journal as files: the rows, the order and the values of their lists."""

import asyncio
import csv
import hashlib
import io
import json
from decimal import Decimal
from typing import Any

import httpx
import pytest
from tests.support.invoices import posted

ADAM = {"Authorization": "Bearer adam"}
NESTED = "grain"


async def file_of(client: httpx.AsyncClient, person: str = "adam", **query: str) -> tuple[dict[str, Any], bytes]:
    headers = {"Authorization": f"Bearer {person}"}
    answer = await client.post("/api/v1/exports/lists/jobs", params=query, headers=headers)
    assert answer.status_code == 202, answer.text
    job: dict[str, Any] = answer.json()
    async with asyncio.timeout(60):
        while job["state"] in {"waiting", "running"}:
            await asyncio.sleep(0.1)
            job = (await client.get(f"/api/v1/jobs/{job['id']}", headers=headers)).json()
    assert job["state"] == "done", job
    link = await client.post(f"/api/v1/jobs/{job['id']}/link", headers=headers)
    got = await client.get("/" + link.json()["url"].split("/", 3)[3])
    assert hashlib.sha256(got.content).hexdigest() == job["file"]["sha256"]
    return job, got.content


def flat(row: dict[str, Any]) -> dict[str, str]:
    """A row of the API as cells: what is empty is nothing, a field of a field has both names."""
    cells = {name: value for name, value in row.items() if name not in (NESTED, "version", "updated_at")}
    cells |= {f"{NESTED}.{name}": value for name, value in (row.get(NESTED) or {}).items()}
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in cells.items()
        if value is not None
    }


def same(cell: str, value: str) -> bool:
    """Numbers are equal as numbers."""
    try:
        return Decimal(cell) == Decimal(value)
    except ArithmeticError:
        return cell == value


@pytest.mark.parametrize("name", ["parties", "items"])
async def test_the_file_has_the_rows_order_and_values_of_the_list(client: httpx.AsyncClient, name: str) -> None:
    listed = (await client.get(f"/api/v1/{name}?limit=200", headers=ADAM)).json()["items"]

    job, content = await file_of(client, list=name, format="csv", dialect="machine")

    rows = list(csv.DictReader(io.StringIO(content.decode(), newline="")))
    assert [row["number"] for row in rows] == [row["number"] for row in listed]
    for row, told in zip(rows, listed, strict=True):
        assert all(same(row[column], value) for column, value in flat(told).items()), (row, told)
    assert (job["done"], job["total"]) == (len(listed), len(listed))
    assert job["file"]["name"].startswith(f"{name}-")


async def test_json_lines_have_the_names_of_the_api(client: httpx.AsyncClient) -> None:
    _, content = await file_of(client, list="parties", format="jsonl", text="brunner")

    (row,) = map(json.loads, content.decode().splitlines())
    assert (row["name"], row["tax_status"], row["vat_id"]) == ("Josef Brunner", "flat_rate_farmer", None)


async def test_the_german_file_has_german_headings_and_commas(client: httpx.AsyncClient) -> None:
    job, content = await file_of(client, list="items", format="csv", text="Dieselkraftstoff", active="true")

    (row,) = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";")
    assert (row["Nummer"], row["Preis je"], row["Aktiv"]) == ("6010", "100,0000", "true")
    assert job["filter"] == "text=Dieselkraftstoff&active=true"


async def test_the_journal_has_a_row_for_each_line(client: httpx.AsyncClient) -> None:
    invoice = await posted(client)
    (entry,) = (await client.get("/api/v1/journal", headers=ADAM)).json()["items"]

    _, content = await file_of(client, "anna", list="journal", format="csv", dialect="machine")

    rows = list(csv.DictReader(io.StringIO(content.decode(), newline="")))
    assert [(row["account"], row["debit"], row["credit"]) for row in rows] == [
        (line["account"], line["debit"], line["credit"]) for line in entry["lines"]
    ]
    assert {(row["document_number"], row["hash"]) for row in rows} == {(invoice["number"], entry["hash"])}
    assert sum(Decimal(row["debit"]) for row in rows) == sum(Decimal(row["credit"]) for row in rows)


async def test_who_may_not_read_the_book_gets_no_file_of_it(client: httpx.AsyncClient) -> None:
    answer = await client.post(
        "/api/v1/exports/lists/jobs",
        params={"list": "journal", "format": "csv"},
        headers={"Authorization": "Bearer max"},
    )

    assert (answer.status_code, answer.json()["scope"]) == (403, "ledger:read")


async def test_another_traders_parties_are_not_in_it(client: httpx.AsyncClient) -> None:
    _, content = await file_of(client, "bruno", list="parties", format="jsonl")

    assert {json.loads(line)["name"] for line in content.decode().splitlines()} == {"Agrar Börde GmbH", "Henrike Voss"}
