"""The posting batch of a real journal, read back by the csv module."""

import csv
import hashlib
import io
import json
from decimal import Decimal
from typing import Any

import asyncpg
import httpx
import pytest
from tests.support.invoices import PARTY, body, item, moved, posted, written
from tests.support.trade import Desk, of

QUERY = {"from": "2026-01-01", "to": "2026-12-31", "consultant": "29098", "client": "55003"}
MIXED = [*body()["lines"], {"item_id": item(9), "quantity": "7"}, {"item_id": item(15), "quantity": "3.3333"}]


async def batch(client: httpx.AsyncClient, person: str = "anna", /, **query: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {person}"}
    return await client.get("/api/v1/exports/datev.csv", params=QUERY | query, headers=headers)


def rows_of(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    _, *table = answer.content.decode("cp1252").split("\r\n")
    return list(csv.DictReader(io.StringIO("\r\n".join(table), newline=""), delimiter=";"))


def amount(row: dict[str, str]) -> Decimal:
    sign = {"S": 1, "H": -1}[row["Soll/Haben-Kennzeichen"]]
    return sign * Decimal(row["Umsatz (ohne Soll/Haben-Kz)"].replace(",", "."))


async def this_year(client: httpx.AsyncClient, invoice: dict[str, Any]) -> dict[str, str]:
    """The query for the year in which an invoice was written."""
    year = invoice["document_date"][:4]
    return {"from": f"{year}-01-01", "to": f"{year}-12-31"}


async def test_the_batch_holds_what_the_journal_has_on_the_receivables(client: httpx.AsyncClient) -> None:
    invoices = [await posted(client), await posted(client, lines=MIXED)]
    await written(client)
    reversed_ = await moved(client, invoices[0], "reverse", "anna", "Falsche Menge")

    rows = rows_of(await batch(client, **await this_year(client, invoices[0])))

    sums: dict[str, Decimal] = {}
    for row in rows:
        sums[row["Belegfeld 1"]] = sums.get(row["Belegfeld 1"], Decimal(0)) + amount(row)
    gross = [Decimal(invoice["gross_total"]) for invoice in invoices]
    assert list(sums.values()) == [gross[0], gross[1], -gross[0]]
    assert reversed_["state"] == "reversed"
    assert {row["Konto"] for row in rows} == {"10001"}
    assert {row["Gegenkonto (ohne BU-Schlüssel)"] for row in rows} == {"8300", "8400"}
    assert {row["Belegdatum"] for row in rows} == {
        "".join(reversed(invoice["document_date"][5:].split("-"))) for invoice in invoices
    }


async def test_only_the_days_that_were_asked_for_are_in_it(client: httpx.AsyncClient) -> None:
    invoice = await posted(client)
    year = int(invoice["document_date"][:4]) - 1

    answer = await batch(client, **{"from": f"{year}-01-01", "to": f"{year}-12-31"})

    assert rows_of(answer) == []
    assert answer.headers["export-rows"] == "0"


async def test_the_file_says_its_name_length_and_digest_and_is_audited(
    client: httpx.AsyncClient, administration: asyncpg.Connection
) -> None:
    invoice = await posted(client)

    answer = await batch(client, **await this_year(client, invoice))

    year = invoice["document_date"][:4]
    assert answer.headers["content-type"] == "text/csv; charset=windows-1252"
    assert f'filename="EXTF_Buchungsstapel-{year}0101-{year}1231.csv"' in answer.headers["content-disposition"]
    assert int(answer.headers["content-length"]) == len(answer.content)
    row = await administration.fetchrow("select * from valeo.audit_entry where action = 'export'")
    after = json.loads(row["after"])
    assert (row["actor"], after["format"], after["rows"]) == ("anna", "datev", int(answer.headers["export-rows"]))
    assert after["sha256"] == hashlib.sha256(answer.content).hexdigest()


async def test_a_name_that_windows_1252_does_not_know_does_not_stop_the_batch(
    client: httpx.AsyncClient, administration: asyncpg.Connection
) -> None:
    await administration.execute("update valeo.party set name = $1 where id = $2", 'Łąka; "Żuk" & Söhne', PARTY)
    invoice = await posted(client)

    rows = rows_of(await batch(client, **await this_year(client, invoice)))

    assert {row["Buchungstext"] for row in rows} == {'??ka; "?uk" & Söhne'}


async def test_the_batch_is_for_those_who_may_export_the_ledger_and_of_their_tenant(client: httpx.AsyncClient) -> None:
    invoice = await posted(client)
    year = await this_year(client, invoice)

    answers = {person: await batch(client, person, **year) for person in ("olga", "max", "anna", "adam", "bruno")}

    assert {person: answer.status_code for person, answer in answers.items()} == {
        "olga": 403, "max": 403, "anna": 200, "adam": 200, "bruno": 200,
    }  # fmt: skip
    assert answers["max"].json()["scope"] == "ledger:export"
    assert answers["bruno"].headers["export-rows"] == "0"


@pytest.mark.parametrize(
    "query",
    [
        {"from": "2026-07-01", "to": "2026-06-30"},
        {"from": "2026-07-01", "to": "2027-01-01"},
        {"from": "2026-06-01", "to": "2026-07-01", "year_begins": "7"},
        {"from": "x"},
        {"consultant": "1000"},
        {"client": "0"},
        {"client": "100000"},
        {"year_begins": "13"},
    ],
)
async def test_a_batch_that_datev_would_not_take_is_refused(client: httpx.AsyncClient, query: dict[str, str]) -> None:
    assert (await batch(client, **query)).status_code == 422


async def test_what_a_batch_can_not_say_is_refused_with_the_invoice(
    client: httpx.AsyncClient, administration: asyncpg.Connection
) -> None:
    await administration.execute("update valeo.item set revenue_account = '8300' where id = $1", item(9))
    invoice = await posted(client, lines=[{"item_id": item(9), "quantity": "7"}])

    answer = await batch(client, **await this_year(client, invoice))

    assert (answer.status_code, answer.json()["code"]) == (409, "datev_tax")
    assert invoice["number"] in answer.json()["detail"]


async def test_what_was_credited_and_bought_is_in_the_batch_as_the_journal_has_it(client: httpx.AsyncClient) -> None:
    desk, farmer = Desk(client), "01980000-0001-7000-8000-000000000002"
    abroad = (await desk.reads("parties", text="Innviertel"))["items"][0]["id"]
    invoice = await desk.posts("invoices", str(PARTY), {"item_id": item(1), "quantity": "10"})
    documents = [
        await desk.posts("credit-notes", str(PARTY), of(invoice, quantity="1")),
        await desk.posts("self-billed-credits", farmer, {"item_id": item(1), "quantity": "10", "moisture": "16"}),
        await desk.posts("supplier-invoices", abroad, {"item_id": item(1), "quantity": "10"}),
    ]

    rows = rows_of(await batch(client, **await this_year(client, invoice)))

    sums: dict[str, Decimal] = {}
    for row in rows:
        sums[row["Belegfeld 1"]] = sums.get(row["Belegfeld 1"], Decimal(0)) + amount(row)
    assert sums == {
        invoice["number"]: Decimal(invoice["gross_total"]),
        **{document["number"]: -Decimal(document["gross_total"]) for document in documents},
    }
    assert [(row["Konto"], row["Gegenkonto (ohne BU-Schlüssel)"], row["BU-Schlüssel"]) for row in rows] == [
        ("10001", "8300", ""),
        ("10001", "8300", ""),
        ("1600", "3300", "0040"),
        ("1600", "1570", ""),
        ("1600", "3300", "0018"),
    ]
