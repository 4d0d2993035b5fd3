"""Invoices on paper, read back from the PDF that the service hands out."""

import asyncio
import hashlib
import io
from typing import Any

import asyncpg
import httpx
import pypdf
import pytest
from fastapi import FastAPI
from tests.support.invoices import INVOICES, PARTY, moved, posted, written

from valeo_erp.app import create_app
from valeo_erp.kernel.settings import Settings


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


async def printed(client: httpx.AsyncClient, invoice: dict[str, Any], **query: str) -> httpx.Response:
    return await client.get(f"{INVOICES}/{invoice['id']}/pdf", params=query, headers={"Authorization": "Bearer olga"})


async def test_a_posted_invoice_says_its_number_and_its_gross_total(client: httpx.AsyncClient) -> None:
    invoice = await posted(client)

    answer = await printed(client, invoice)

    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == f'inline; filename="Rechnung-{invoice["number"]}.pdf"'
    text = text_of(answer.content)
    assert invoice["number"] in text
    assert f"{float(invoice['gross_total']):,.2f}".translate(str.maketrans(",.", ".,")) in text
    assert "ENTWURF" not in text


async def test_an_issued_invoice_is_byte_identical_ever_after(client: httpx.AsyncClient) -> None:
    invoice = await posted(client)
    first = await printed(client, invoice)
    await moved(client, invoice, "reverse", "anna", "Falsche Menge")

    again = await printed(client, invoice)

    assert again.content == first.content
    assert first.headers["etag"] == again.headers["etag"] == f'"{hashlib.sha256(first.content).hexdigest()}"'


async def test_two_replicas_that_print_at_once_hand_out_the_same_bytes(
    client: httpx.AsyncClient, app: FastAPI, settings: Settings
) -> None:
    invoice = await posted(client)
    other = create_app(settings, app.state.services.authenticator)
    async with other.router.lifespan_context(other):
        transport = httpx.ASGITransport(other)
        async with httpx.AsyncClient(transport=transport, base_url="http://other.test") as second:
            answers = await asyncio.gather(*(printed(each, invoice) for each in (client, second, client, second)))

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1


async def test_a_draft_says_entwurf_and_is_not_archived(client: httpx.AsyncClient) -> None:
    draft = await written(client)
    assert "ENTWURF" in text_of((await printed(client, draft)).content)
    for action, person in (("submit", "olga"), ("approve", "max"), ("post", "anna")):
        draft = await moved(client, draft, action, person)

    text = text_of((await printed(client, draft)).content)

    assert "ENTWURF" not in text
    assert draft["number"] in text


async def test_each_language_has_its_own_print(client: httpx.AsyncClient) -> None:
    invoice = await posted(client)

    german, english = await printed(client, invoice), await printed(client, invoice, language="en")

    assert "Rechnungsnummer" in text_of(german.content)
    assert "Invoice number" in text_of(english.content)
    assert pypdf.PdfReader(io.BytesIO(english.content)).root_object.get("/Lang", "") == "en"


async def test_a_reversal_names_what_it_reverses_and_asks_for_no_payment(client: httpx.AsyncClient) -> None:
    invoice = await posted(client)
    reversed_ = await moved(client, invoice, "reverse", "anna", "Falsche Menge")

    answer = await printed(client, {"id": reversed_["reversed_by_id"]})

    text = text_of(answer.content)
    assert "Stornorechnung" in text
    assert f"storniert die Rechnung {invoice['number']}" in " ".join(text.split())
    assert "Verwendungszweck" not in text


async def test_an_issued_invoice_without_lawful_content_is_refused_with_everything_that_is_missing(
    client: httpx.AsyncClient, administration: asyncpg.Connection
) -> None:
    invoice = await posted(client)
    await administration.execute("update valeo.tenant set vat_id = '', tax_number = '', street = ' '")

    answer = await printed(client, invoice)

    assert answer.status_code == 409
    assert answer.json()["code"] == "print_unlawful"
    assert [failure["code"] for failure in answer.json()["failures"]] == ["supplier_address", "supplier_tax_id"]


async def test_what_could_not_be_handed_out_is_not_posted_and_uses_no_number(
    client: httpx.AsyncClient, administration: asyncpg.Connection
) -> None:
    first = await posted(client)
    invoice = await written(client)
    for action, person in (("submit", "olga"), ("approve", "max")):
        invoice = await moved(client, invoice, action, person)
    await administration.execute("update valeo.party set street = ' ' where id = $1", PARTY)

    refused = await client.post(
        f"{INVOICES}/{invoice['id']}/actions/post",
        json={"reason": None},
        headers={"Authorization": "Bearer anna", "If-Match": f'"{invoice["version"]}"'},
    )

    assert (refused.status_code, refused.json()["code"]) == (409, "not_lawful")
    assert [failure["code"] for failure in refused.json()["failures"]] == ["recipient_address"]
    await administration.execute("update valeo.party set street = 'Hauptstr. 1' where id = $1", PARTY)
    posted_now = await moved(client, invoice, "post", "anna")
    assert int(posted_now["number"][-5:]) == int(first["number"][-5:]) + 1


async def test_every_print_is_in_the_history_of_the_invoice(client: httpx.AsyncClient) -> None:
    invoice = await posted(client)
    answer = await printed(client, invoice)
    await printed(client, invoice)

    history = await client.get(f"{INVOICES}/{invoice['id']}/audit", headers={"Authorization": "Bearer anna"})

    prints = [entry for entry in history.json()["items"] if entry["action"] == "print"]
    assert [entry["actor_name"] for entry in prints] == ["Olga Operator"] * 2
    assert {entry["after"]["sha256"] for entry in prints} == {hashlib.sha256(answer.content).hexdigest()}


async def test_the_archive_takes_no_change_and_no_wrong_digest(
    client: httpx.AsyncClient, administration: asyncpg.Connection
) -> None:
    await printed(client, await posted(client))

    with pytest.raises(Exception, match="append-only"):
        await administration.execute("update valeo.print_archive set pdf = 'x', sha256 = sha256('x')")
    with pytest.raises(Exception, match="ck_print_archive_sha256"):
        await administration.execute(
            "insert into valeo.print_archive select tenant_id, document_id, 'en', sha256, 'other', template_version, "
            "rendered_at from valeo.print_archive"
        )


async def test_what_the_client_has_already_is_not_sent_again(client: httpx.AsyncClient) -> None:
    invoice = await posted(client)
    first = await printed(client, invoice)

    answer = await client.get(
        f"{INVOICES}/{invoice['id']}/pdf",
        headers={"Authorization": "Bearer olga", "If-None-Match": first.headers["etag"]},
    )

    assert (answer.status_code, answer.content) == (304, b"")


@pytest.mark.parametrize(("person", "status"), [("bruno", 404), ("nobody", 403), ("stranger", 401)])
async def test_nobody_else_gets_the_print(client: httpx.AsyncClient, person: str, status: int) -> None:
    invoice = await posted(client)

    answer = await client.get(f"{INVOICES}/{invoice['id']}/pdf", headers={"Authorization": f"Bearer {person}"})

    assert answer.status_code == status
