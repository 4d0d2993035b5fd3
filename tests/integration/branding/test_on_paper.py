"""What a branding changes on paper, and what it never changes: papers that were archived before."""

import io
from typing import Any

import asyncpg
import httpx
import pypdf
import pytest
from tests.integration.branding.conftest import BRANDING, by, drafted, in_force
from tests.support.brands import SVG, png
from tests.support.invoices import INVOICES, posted, written
from tests.support.pictures import qr_codes

SEED_IBAN = "DE40742500000240187355"
NEW_IBAN = "DE89370400440532013000"


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


async def printed(client: httpx.AsyncClient, invoice: dict[str, Any], **query: str) -> httpx.Response:
    answer = await client.get(f"{INVOICES}/{invoice['id']}/pdf", params=query, headers=by("olga"))
    assert answer.status_code == 200, answer.text
    return answer


def giro_code(pdf: bytes) -> list[str]:
    (read,) = [code for code in qr_codes(pdf) if code.startswith("BCD")]
    return read.split("\n")


async def test_an_archived_paper_stays_byte_identical_after_a_new_branding(client: httpx.AsyncClient) -> None:
    old = await posted(client)
    before = await printed(client, old)
    assert before.headers["branding-version"] == "0"
    first = await in_force(client, SVG)
    middle = await posted(client)
    between = await printed(client, middle)
    await in_force(client, png(), letterhead_name="Ganz neu")

    after, still = await printed(client, old), await printed(client, middle)

    assert (after.content, after.headers["branding-version"]) == (before.content, "0")
    assert (still.content, still.headers["branding-version"]) == (between.content, str(first["version"]))
    assert after.headers["template-version"] == before.headers["template-version"]
    newest = await printed(client, await posted(client))
    assert newest.headers["branding-version"] == "2"
    assert "Ganz neu" in text_of(newest.content)


async def test_the_archive_names_the_versions_of_template_and_branding(
    client: httpx.AsyncClient, administration: asyncpg.Connection
) -> None:
    version = await in_force(client)
    invoice = await posted(client)
    answer = await printed(client, invoice)

    row = await administration.fetchrow("select template_version, branding_version from valeo.print_archive")
    history = await client.get(f"{INVOICES}/{invoice['id']}/audit", headers=by("anna"))

    assert row is not None
    assert dict(row) == {
        "template_version": answer.headers["template-version"],
        "branding_version": version["version"],
    }
    (told,) = [entry["after"] for entry in history.json()["items"] if entry["action"] == "print"]
    assert (told["template_version"], told["branding_version"]) == tuple(row)


async def test_the_account_of_the_branding_is_paid_to_and_all_stand_in_the_foot(client: httpx.AsyncClient) -> None:
    before = await printed(client, await posted(client))
    assert giro_code(before.content)[6] == SEED_IBAN
    await in_force(client)

    pdf = (await printed(client, await posted(client))).content

    assert giro_code(pdf)[4:7] == ["COBADEFFXXX", "Landhandel Hofmann GmbH", NEW_IBAN]
    text = text_of(pdf)
    assert "DE89 3704 0044 0532 0130 00" in text
    assert "DE02 1203 0000 0000 2020 51" in text
    for words in ("Hofmann Agrar", "Geschäftsführerin: Petra Hofmann", "Öko-Kontrollstelle DE-ÖKO-006"):
        assert words in " ".join(text.split())
    assert "Landhandel Hofmann GmbH" in text


async def test_the_e_invoice_names_the_account_that_the_paper_names(client: httpx.AsyncClient) -> None:
    await in_force(client, png())
    invoice = await posted(client)
    pdf = (await printed(client, invoice)).content
    inside = pypdf.PdfReader(io.BytesIO(pdf)).attachments["factur-x.xml"][0]
    alone = await client.get(f"{INVOICES}/{invoice['id']}/xrechnung", headers=by("olga"))
    for xml in (inside, alone.content):
        assert NEW_IBAN.encode() in xml
        assert SEED_IBAN.encode() not in xml


async def test_a_draft_is_printed_with_the_branding_in_force(client: httpx.AsyncClient) -> None:
    draft = await written(client)
    before = text_of((await printed(client, draft)).content)
    await in_force(client)
    assert "Hofmann Agrar" not in before
    assert "Hofmann Agrar" in text_of((await printed(client, draft)).content)


@pytest.mark.parametrize("logo", [None, SVG, png()])
async def test_a_preview_shows_any_version_with_entwurf_on_it_and_archives_nothing(
    client: httpx.AsyncClient, administration: asyncpg.Connection, logo: bytes | None
) -> None:
    draft = await drafted(client)
    if logo is not None:
        await client.put(f"{BRANDING}/1/logo", content=logo, headers=by("adam", draft))

    answer = await client.get(f"{BRANDING}/1/preview.pdf", headers=by("max"))

    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    (page,) = pypdf.PdfReader(io.BytesIO(answer.content)).pages
    text = page.extract_text()
    assert "ENTWURF" in text
    assert "Hofmann Agrar" in text
    assert "MUSTER" in text
    assert giro_code(answer.content)[6] == NEW_IBAN
    drawn = any(image for image in page.images) if logo == png() else True
    assert drawn
    assert await administration.fetchval("select count(*) from valeo.print_archive") == 0


async def test_a_preview_is_had_in_english_on_letter_and_as_a_picture(client: httpx.AsyncClient) -> None:
    await drafted(client)
    query = {"language": "en", "paper": "letter"}
    pdf = await client.get(f"{BRANDING}/1/preview.pdf", params=query, headers=by("max"))
    (page,) = pypdf.PdfReader(io.BytesIO(pdf.content)).pages
    assert "DRAFT" in page.extract_text()
    assert (round(page.mediabox.width), round(page.mediabox.height)) == (612, 792)
    picture = await client.get(f"{BRANDING}/1/preview.png", params=query, headers=by("max"))
    assert picture.headers["content-type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG")
