"""The data of a period for a tax auditor: valid, read back by its own description, equal to the book."""

import asyncio
import csv
import hashlib
import io
import zipfile
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from lxml import etree
from tests.support.invoices import INVOICES, body, moved, posted, written
from tests.support.people import BRANDT, PEOPLE

from valeo_erp.composition import services_of
from valeo_erp.kernel.tenancy import acting_for

ANNA = {"Authorization": "Bearer anna"}
YEAR = {"from": "2025-01-01", "to": "2027-12-31"}
Row = dict[str, Any]


@dataclass(frozen=True)
class Package:
    """A package, read as index.xml describes it, by nothing of the program."""

    files: dict[str, bytes]
    index: Any
    tables: dict[str, list[Row]]


def read(content: bytes) -> Package:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        files = {name: archive.read(name) for name in archive.namelist()}
    index = etree.fromstring(files["index.xml"])
    described = index.findall("Media/Table")
    return Package(files, index, {table.findtext("Name"): rows(table, files) for table in described})


def rows(table: Any, files: dict[str, bytes]) -> list[Row]:
    layout = table.find("VariableLength")
    text = files[table.findtext("URL")].decode("utf-8" if table.find("UTF8") is not None else "cp1252")
    assert text.endswith(layout.findtext("RecordDelimiter"))
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=layout.findtext("ColumnDelimiter"),
        quotechar=layout.findtext("TextEncapsulator"),
        strict=True,
    )
    lines = list(reader)[int(table.findtext("Range/From")) - 1 :]
    columns = layout.findall("VariablePrimaryKey") + layout.findall("VariableColumn")
    return [
        {column.findtext("Name"): typed(column, cell) for column, cell in zip(columns, line, strict=True)}
        for line in lines
    ]


def typed(column: Any, cell: str) -> Any:
    """A cell by its declared type; whatever does not fit it fails."""
    if column.find("Numeric") is not None:
        if not cell:
            return None
        whole, _, part = cell.partition(",")
        assert len(part) == int(column.findtext("Numeric/Accuracy")), (column.findtext("Name"), cell)
        return Decimal(f"{whole}.{part or 0}")
    if column.find("Date") is not None:
        assert column.findtext("Date/Format") == "DD.MM.YYYY"
        return datetime.strptime(cell, "%d.%m.%Y").date() if cell else None  # noqa: DTZ007 - a day
    return cell


async def packed(client: httpx.AsyncClient, **days: str) -> tuple[dict[str, Any], bytes]:
    """The finished job, and its file by its link."""
    answer = await client.post("/api/v1/exports/gobd/jobs", params=YEAR | days, headers=ANNA)
    assert answer.status_code == 202, answer.text
    job: dict[str, Any] = answer.json()
    async with asyncio.timeout(60):
        while job["state"] in {"waiting", "running"}:
            await asyncio.sleep(0.1)
            job = (await client.get(f"/api/v1/jobs/{job['id']}", headers=ANNA)).json()
    assert job["state"] == "done", job
    link = await client.post(f"/api/v1/jobs/{job['id']}/link", headers=ANNA)
    got = await client.get("/" + link.json()["url"].split("/", 3)[3])
    assert got.status_code == 200, got.text
    return job, got.content


@pytest.fixture
async def book(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    """Two invoices, one of them reversed, and a draft that nobody is to see."""
    hostile = body()["lines"]
    hostile[0] |= {"description": '=cmd|"x";<&> Weizen, „B“'}
    first, second = await posted(client, lines=hostile, note="Zeile eins\nZeile zwei"), await posted(client)
    await moved(client, second, "reverse", "anna", "Falsche Menge")
    await written(client)
    return [first, second]


async def test_the_index_is_valid_by_the_document_type_in_the_package(
    client: httpx.AsyncClient, book: list[dict[str, Any]]
) -> None:
    _, content = await packed(client)

    package = read(content)

    document_type = etree.DTD(io.BytesIO(package.files["valeo-gobd.dtd"]))
    assert document_type.validate(package.index), document_type.error_log
    assert b'<!DOCTYPE DataSet SYSTEM "valeo-gobd.dtd">' in package.files["index.xml"]
    assert set(package.files) == {"index.xml", "valeo-gobd.dtd", "manifest.csv"} | {
        table.findtext("URL") for table in package.index.findall("Media/Table")
    }
    assert package.index.findtext("DataSupplier/Name") == "Landhandel Hofmann GmbH"
    assert book


async def test_the_journal_in_the_package_is_the_journal(
    client: httpx.AsyncClient, book: list[dict[str, Any]], administration: asyncpg.Connection
) -> None:
    _, content = await packed(client)

    journal = read(content).tables["Buchungen"]

    kept = await administration.fetch(
        "select sequence, position, account, debit, credit from valeo.journal_line order by sequence, position"
    )
    assert [(row["Journalnummer"], row["Zeile"], row["Konto"], row["Soll"], row["Haben"]) for row in journal] == [
        tuple(row) for row in kept
    ]
    assert sum(row["Soll"] for row in journal) == sum(row["Haben"] for row in journal) > 0
    assert {row["Belegnummer"] for row in journal} >= {invoice["number"] for invoice in book}


async def test_the_balances_are_the_sums_of_the_journal(client: httpx.AsyncClient, book: list[dict[str, Any]]) -> None:
    _, content = await packed(client)
    tables = read(content).tables

    for account in tables["Konten"]:
        mine = [row for row in tables["Buchungen"] if row["Konto"] == account["Konto"]]
        assert account["Soll"] == sum(row["Soll"] for row in mine)
        assert account["Haben"] == sum(row["Haben"] for row in mine)
        assert account["Endsaldo"] == account["Anfangssaldo"] + account["Soll"] - account["Haben"]
    assert {row["Konto"] for row in tables["Buchungen"]} == {row["Konto"] for row in tables["Konten"]}
    assert sum(account["Endsaldo"] for account in tables["Konten"]) == 0
    assert book


async def test_what_was_before_the_period_is_the_opening_balance(
    client: httpx.AsyncClient, book: list[dict[str, Any]]
) -> None:
    _, content = await packed(client, **{"from": "2027-12-31"})

    tables = read(content).tables

    assert tables["Buchungen"] == tables["Belege"] == tables["Belegpositionen"] == tables["Nummern"] == []
    owed = next(account for account in tables["Konten"] if account["Konto"] == "1400")
    assert owed["Anfangssaldo"] == owed["Endsaldo"] == Decimal(book[0]["gross_total"])
    assert owed["Soll"] == owed["Haben"] == 0


async def test_documents_and_lines_say_what_was_issued_letter_by_letter(
    client: httpx.AsyncClient, book: list[dict[str, Any]]
) -> None:
    _, content = await packed(client)
    tables = read(content).tables

    documents = {row["Beleg-Id"]: row for row in tables["Belege"]}
    first = documents[book[0]["id"]]
    assert (first["Belegart"], first["Belegnummer"], first["Status"]) == ("Rechnung", book[0]["number"], "gebucht")
    assert first["Brutto"] == Decimal(book[0]["gross_total"])
    assert first["Belegdatum"] == date.fromisoformat(book[0]["document_date"])
    assert len(documents) == 3  # the draft is not there
    assert documents[book[1]["id"]]["Status"] == "storniert"
    assert {row["Storniert Beleg-Id"] for row in documents.values()} == {"", book[1]["id"]}
    lines = [row for row in tables["Belegpositionen"] if row["Beleg-Id"] == book[0]["id"]]
    assert lines[0]["Bezeichnung"] == '=cmd|"x";<&> Weizen, „B“'
    assert sum(row["Netto"] for row in lines) == first["Netto"]


async def test_every_reference_of_the_index_leads_to_a_row(
    client: httpx.AsyncClient, book: list[dict[str, Any]]
) -> None:
    _, content = await packed(client)
    package = read(content)

    followed = 0
    for table in package.index.findall("Media/Table"):
        for key in table.findall("VariableLength/ForeignKey"):
            target = package.tables[key.findtext("References")]
            named = {
                tuple(row[name.text] for name in key.findall("Name")) for row in package.tables[table.findtext("Name")]
            }
            assert named <= {tuple(row.values())[: len(key.findall("Name"))] for row in target}
            followed += len(named)
    assert followed > 3
    assert book


async def test_the_proof_of_numbers_has_every_number_that_was_given(
    client: httpx.AsyncClient, book: list[dict[str, Any]]
) -> None:
    _, content = await packed(client)

    numbers = read(content).tables["Nummern"]

    assert [row["Laufende Nummer"] for row in numbers] == [1, 2, 3]
    assert [row["Nummer"] for row in numbers][:2] == [invoice["number"] for invoice in book]


async def test_the_manifest_and_the_audit_know_the_sums(
    client: httpx.AsyncClient, book: list[dict[str, Any]], administration: asyncpg.Connection
) -> None:
    job, content = await packed(client)
    package = read(content)

    assert hashlib.sha256(content).hexdigest() == job["file"]["sha256"]
    manifest = list(csv.DictReader(io.StringIO(package.files["manifest.csv"].decode()), delimiter=";"))
    for entry in manifest:
        assert hashlib.sha256(package.files[entry["Datei"]]).hexdigest() == entry["SHA-256"]
    assert sum(int(entry["Zeilen"]) for entry in manifest) == job["done"] == job["total"]
    assert job["filter"] == "from=2025-01-01&to=2027-12-31"
    after = await administration.fetchval(
        "select after::text from valeo.audit_entry where action = 'export' and object_kind = 'journal'"
    )
    assert job["file"]["sha256"] in after
    assert book


async def test_another_trader_gets_nothing_of_it(client: httpx.AsyncClient, app: FastAPI, book: list[Any]) -> None:
    desk = services_of(app).jobs.maker.auditors
    with acting_for(BRANDT):
        made = await desk.package(PEOPLE["bruno"], date(2025, 1, 1), date(2027, 12, 31), lambda _: None)
    tables = read(b"".join(made.spool.chunks())).tables
    made.spool.close()

    assert tables["Buchungen"] == tables["Belege"] == []
    assert {row["Name"] for row in tables["Geschaeftspartner"]} == {"Agrar Börde GmbH", "Henrike Voss"}
    assert book


async def test_a_period_that_ends_before_it_begins_is_refused(client: httpx.AsyncClient) -> None:
    days = {"from": "2026-02-01", "to": "2026-01-31"}
    answer = await client.post("/api/v1/exports/gobd/jobs", params=days, headers=ANNA)

    assert (answer.status_code, answer.json()["code"]) == (422, "period_ends_first")


async def test_the_book_is_not_for_everybody(client: httpx.AsyncClient) -> None:
    headers = {"Authorization": "Bearer max"}
    answer = await client.post("/api/v1/exports/gobd/jobs", params=YEAR, headers=headers)

    assert (answer.status_code, answer.json()["scope"]) == (403, "ledger:read")
    assert (await client.get(INVOICES, headers=headers)).status_code == 200
