"""Workbooks in another program: LibreOffice calculates the sums itself and comes to those of the documents."""

import asyncio
import csv
import io
import re
import zipfile
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
from tests.support.invoices import posted

ALWAYS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""
"""The program believes the values in a file unless it is told to calculate when it opens one."""

CSV_OF_THE_FIRST_SHEET = "csv:Text - txt - csv (StarCalc):44,34,76,1,,1033,false,true,false,false,false,1"


def without_results(workbook: bytes) -> bytes:
    """The same workbook, where every formula has a wrong result."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            content = old.read(name).decode() if name.startswith("xl/worksheets/sheet") else None
            if content is None:
                new.writestr(name, old.read(name))
            else:
                new.writestr(name, re.sub(r"(</f>)<v>[^<]*</v>", r"\1<v>77777</v>", content))
    return made.getvalue()


async def calculated(workbook: bytes, folder: Path) -> list[list[str]]:
    """The cells of the first sheet, as LibreOffice shows them."""
    profile = folder / "profile" / "user"
    profile.mkdir(parents=True)
    (profile / "registrymodifications.xcu").write_text(ALWAYS)
    (folder / "list.xlsx").write_bytes(workbook)
    process = await asyncio.create_subprocess_exec(
        "soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to",
        CSV_OF_THE_FIRST_SHEET, "--outdir", str(folder / "out"), str(folder / "list.xlsx"),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    told, _ = await process.communicate()
    (sheet,) = (folder / "out").glob("*.csv")
    assert process.returncode == 0, told
    return list(csv.reader(io.StringIO(sheet.read_text(encoding="utf-8"))))


@pytest.mark.timeout(300)
async def test_libreoffice_calculates_the_same_sums(client: httpx.AsyncClient, tmp_path: Path) -> None:
    invoices = [await posted(client), await posted(client, note="")]
    answer = await client.get(
        "/api/v1/exports/invoices.xlsx", params={"language": "en"}, headers={"Authorization": "Bearer max"}
    )

    rows = await calculated(without_results(answer.content), tmp_path)

    heading, total = rows[0], next(row for row in rows if row[0] == "Total")
    for title, amount in (("Net", "net_total"), ("VAT", "tax_total"), ("Gross", "gross_total")):
        expected = sum(Decimal(invoice[amount]) for invoice in invoices)
        assert Decimal(total[heading.index(title)].replace(",", "")) == expected
