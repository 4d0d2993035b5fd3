"""Lists as files, read back by the csv module and by openpyxl."""

import base64
import csv
import hashlib
import io
import json
from datetime import datetime
from decimal import Decimal
from typing import Any

import asyncpg
import httpx
import openpyxl
import pytest
from tests.support.invoices import INVOICES, PARTY, item, posted, written

EXPORTS = "/api/v1/exports/invoices"
HOSTILE = ['=HYPERLINK("http://evil.example")', "+1+1", "-2+3", "@SUM(A1)", "＝1+1", 'Semi;colon "quoted", comma']  # noqa: RUF001


async def exported(client: httpx.AsyncClient, ending: str, person: str = "max", **query: str) -> httpx.Response:
    return await client.get(f"{EXPORTS}.{ending}", params=query, headers={"Authorization": f"Bearer {person}"})


def machine_rows(answer: httpx.Response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.content.decode(), newline="")))


def german_rows(answer: httpx.Response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""), delimiter=";"))


def workbook(answer: httpx.Response, **options: bool) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(answer.content), **options)


async def test_the_machine_dialect_says_what_the_api_says(client: httpx.AsyncClient) -> None:
    invoice = await posted(client)
    draft = await written(client)

    answer = await exported(client, "csv", dialect="machine", sort="document_date")

    assert answer.headers["content-type"].startswith("text/csv")
    first, second = machine_rows(answer)
    assert first | invoice_row(invoice) == first
    assert first["posted_at"].endswith("Z")
    assert (second["number"], second["state"], second["id"]) == ("", "draft", draft["id"])


def invoice_row(invoice: dict[str, Any]) -> dict[str, str]:
    names = ("id", "number", "state", "document_date", "supply_date", "due_date", "currency", "net_total",
             "tax_total", "gross_total", "note")  # fmt: skip
    return {name: invoice[name] for name in names} | {"party_name": invoice["party"]["name"]}


async def test_the_german_dialect_opens_in_a_german_spreadsheet(client: httpx.AsyncClient) -> None:
    invoice = await posted(client)

    answer = await exported(client, "csv")

    assert answer.content.startswith(b"\xef\xbb\xbfNummer;Status;Belegdatum;")
    assert answer.content.count(b"\r\n") == answer.content.count(b"\n") == 2
    (row,) = german_rows(answer)
    assert row["Status"] == "gebucht"
    assert row["Belegdatum"] == f"{datetime.fromisoformat(invoice['document_date']):%d.%m.%Y}"
    assert row["Brutto"] == invoice["gross_total"].replace(".", ",")


@pytest.mark.parametrize("dialect", ["german", "machine"])
async def test_no_name_becomes_a_formula_in_csv(
    client: httpx.AsyncClient, administration: asyncpg.Connection, dialect: str
) -> None:
    for name in HOSTILE:
        await administration.execute("update valeo.party set name = $1 where id = $2", name, PARTY)
        await posted(client, note=name)

    answer = await exported(client, "csv", dialect=dialect, sort="document_date")

    rows = german_rows(answer) if dialect == "german" else machine_rows(answer)
    names = [row["Kunde" if dialect == "german" else "party_name"] for row in rows]
    notes = [row["Bemerkung" if dialect == "german" else "note"] for row in rows]
    assert names == notes == [f"'{name}" for name in HOSTILE[:-1]] + [HOSTILE[-1]]


async def test_no_name_becomes_a_formula_in_xlsx(client: httpx.AsyncClient, administration: asyncpg.Connection) -> None:
    for name in HOSTILE:
        await administration.execute("update valeo.party set name = $1 where id = $2", name, PARTY)
        await posted(client, note=name)

    documents, lines, _ = workbook(await exported(client, "xlsx", sort="document_date")).worksheets

    assert [documents.cell(row, 7).value for row in range(2, 2 + len(HOSTILE))] == HOSTILE
    assert {documents.cell(row, 7).data_type for row in range(2, 2 + len(HOSTILE))} == {"s"}
    assert {cell.data_type for row in lines.iter_rows(2, 10) for cell in row} <= {"s", "n"}


async def test_json_lines_say_what_the_api_says(client: httpx.AsyncClient) -> None:
    invoice = await posted(client, note='=1+1\n"ä"')
    draft = await written(client, note="")

    answer = await exported(client, "jsonl", sort="document_date")

    assert answer.headers["content-type"] == "application/jsonl"
    assert answer.content.endswith(b"}\n")
    first, second = (json.loads(line) for line in answer.text.splitlines())
    assert first | invoice_row(invoice) == first
    assert first["note"] == '=1+1\n"ä"'
    assert (second["id"], second["number"], second["posted_at"], second["note"]) == (draft["id"], None, None, "")


async def test_json_lines_csv_and_workbook_hold_the_same_rows(client: httpx.AsyncClient) -> None:
    for _ in range(3):
        await posted(client)

    table, lines = await exported(client, "csv", dialect="machine"), await exported(client, "jsonl")

    objects = [json.loads(line) for line in lines.text.splitlines()]
    assert [{name: value or "" for name, value in each.items()} for each in objects] == machine_rows(table)


async def test_the_workbook_holds_real_dates_numbers_and_sums(client: httpx.AsyncClient) -> None:
    invoices = [await posted(client), await posted(client, note="")]

    answer = await exported(client, "xlsx", language="en", sort="document_date")

    documents = workbook(answer)["Documents"]
    assert documents.freeze_panes == "A2"
    assert documents.auto_filter.ref == "A1:O3"
    assert documents["C2"].value == datetime.fromisoformat(invoices[0]["document_date"])
    assert documents["L2"].value == float(invoices[0]["gross_total"])
    assert documents["L5"].value == "=SUMIFS(L2:L3,$I$2:$I$3,$I5)"
    total = sum(Decimal(invoice["gross_total"]) for invoice in invoices)
    assert Decimal(str(workbook(answer, data_only=True)["Documents"]["L5"].value)) == total


async def test_the_line_sheet_holds_every_line_in_the_order_of_the_documents(client: httpx.AsyncClient) -> None:
    invoices = [await posted(client) for _ in range(2)]

    lines = workbook(await exported(client, "xlsx", sort="document_date"))["Positionen"]

    rows = [[cell.value for cell in row] for row in lines.iter_rows(2, 7)]
    assert [row[:3] for row in rows] == [
        [invoice["number"], invoice["id"], position] for invoice in invoices for position in (1, 2, 3)
    ]
    assert [row[14] for row in rows[:3]] == [float(line["net"]) for line in invoices[0]["lines"]]


async def test_the_manifest_of_a_workbook_is_that_of_the_csv_of_the_same_rows(client: httpx.AsyncClient) -> None:
    await posted(client)
    table = await exported(client, "csv", dialect="machine", state="posted")

    book = await exported(client, "xlsx", language="en", state="posted")

    manifest = {row[0].value: row[1].value for row in workbook(book)["Manifest"].iter_rows()}
    assert manifest["Snapshot"] == book.headers["export-snapshot"]
    assert manifest["Filter"] == "kind=invoice&state=posted"
    assert (manifest["Documents"], manifest["Lines"]) == ("1", "3")
    assert manifest["SHA-256 of the documents"] == hashlib.sha256(table.content).hexdigest()


@pytest.mark.parametrize("ending", ["csv", "jsonl", "xlsx"])
async def test_a_file_says_its_length_rows_and_digest(client: httpx.AsyncClient, ending: str) -> None:
    await posted(client)
    await written(client)

    answer = await exported(client, ending, state="posted")

    assert int(answer.headers["content-length"]) == len(answer.content)
    assert answer.headers["export-rows"] == "1"
    assert answer.headers["export-filter"] == "kind=invoice&state=posted"
    digest = base64.b64encode(hashlib.sha256(answer.content).digest()).decode()
    assert answer.headers["repr-digest"] == f"sha-256=:{digest}:"
    assert answer.headers["content-disposition"].startswith('attachment; filename="invoices-')


async def test_the_filters_are_those_of_the_list(client: httpx.AsyncClient) -> None:
    await posted(client, note="Weizen für Ötztal")
    await written(client, document_date="2026-01-05", due_date="2026-01-19")
    for query in ({"text": "ötztal"}, {"to": "2026-01-31"}, {"from": "2026-02-01"}, {"party_id": item(1)}):
        shown = await client.get(INVOICES, params=query, headers={"Authorization": "Bearer max"})

        rows = machine_rows(await exported(client, "csv", dialect="machine", **query))

        assert [row["id"] for row in rows] == [entry["id"] for entry in shown.json()["items"]]


async def test_an_empty_list_is_a_file_with_headings(client: httpx.AsyncClient) -> None:
    table, book = await exported(client, "csv", dialect="machine"), await exported(client, "xlsx")

    assert machine_rows(table) == []
    assert table.headers["export-rows"] == "0"
    assert [sheet.max_row for sheet in workbook(book).worksheets] == [1, 1, 6]


@pytest.mark.parametrize("ending", ["csv", "jsonl", "xlsx"])
async def test_every_export_is_audited_with_filter_and_count(
    client: httpx.AsyncClient, administration: asyncpg.Connection, ending: str
) -> None:
    await posted(client)

    answer = await exported(client, ending, text="Lieferung & mehr")

    row = await administration.fetchrow("select * from valeo.audit_entry where action = 'export'")
    after = json.loads(row["after"])
    assert (row["actor"], row["object_kind"], row["outcome"]) == ("max", "invoice", "done")
    assert (after["format"], after["rows"]) == (ending, 0)
    assert after["filter"] == answer.headers["export-filter"] == "kind=invoice&text=Lieferung+%26+mehr"
    assert after["sha256"] == hashlib.sha256(answer.content).hexdigest()


@pytest.mark.parametrize("ending", ["csv", "jsonl", "xlsx"])
async def test_exports_need_the_scope_and_stay_inside_the_tenant(client: httpx.AsyncClient, ending: str) -> None:
    await posted(client)

    answers = [await exported(client, ending, person) for person in ("olga", "stranger", "bruno")]

    assert [answer.status_code for answer in answers] == [403, 401, 200]
    assert answers[2].headers["export-rows"] == "0"


@pytest.mark.parametrize(
    "query", [{"state": "lost"}, {"from": "1e9"}, {"to": "2026-02-30"}, {"party_id": "x"}, {"dialect": "french"}]
)
async def test_a_filter_that_means_nothing_is_refused(client: httpx.AsyncClient, query: dict[str, str]) -> None:
    answer = await exported(client, "csv", **query)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
