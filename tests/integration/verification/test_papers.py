"""The way from the QR code on a paper to the page that says whether it is genuine."""

from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from tests.support.invoices import INVOICES, moved, posted, written
from tests.support.pictures import qr_codes

from valeo_erp.verification.repository import paper_statement

GERMAN, ENGLISH = {"Accept-Language": "de"}, {"Accept-Language": "en"}


async def verify_address(client: httpx.AsyncClient, document_id: str) -> str:
    """As a phone reads it from the print."""
    pdf = await client.get(f"{INVOICES}/{document_id}/pdf", headers={"Authorization": "Bearer olga"})
    (address,) = (text for text in qr_codes(pdf.content) if "/verify/" in text)
    return address


async def test_the_code_on_the_print_leads_to_a_page_that_says_genuine(client: httpx.AsyncClient, app: FastAPI) -> None:
    invoice = await posted(client)
    address = await verify_address(client, invoice["id"])
    assert address.startswith(f"{app.state.services.settings.public_url}/verify/{invoice['id']}?code=")

    german = await client.get(address, headers=GERMAN)
    english = await client.get(address, headers=ENGLISH)

    assert (german.status_code, english.status_code) == (200, 200)
    assert "Der Beleg ist echt." in german.text
    assert "The document is genuine." in english.text
    assert invoice["number"] in german.text
    assert f"{float(invoice['gross_total']):,.2f}" in english.text
    assert invoice["party"]["name"] not in german.text + english.text
    assert "Hofmann" not in german.text


async def test_a_reversed_invoice_and_its_reversal_are_genuine_too(client: httpx.AsyncClient) -> None:
    invoice = await posted(client)
    reversed_ = await moved(client, invoice, "reverse", "anna", "Falsche Menge")

    for document_id in (invoice["id"], reversed_["reversed_by_id"]):
        answer = await client.get(await verify_address(client, document_id), headers=GERMAN)
        assert "Der Beleg ist echt." in answer.text


async def test_a_draft_carries_no_code(client: httpx.AsyncClient) -> None:
    draft = await written(client)

    pdf = await client.get(f"{INVOICES}/{draft['id']}/pdf", headers={"Authorization": "Bearer olga"})

    assert qr_codes(pdf.content) == []


async def test_every_other_code_is_answered_alike_and_tells_nothing(client: httpx.AsyncClient) -> None:
    invoice, draft = await posted(client), await written(client)
    other = urlsplit(await verify_address(client, (await posted(client))["id"]))
    (code,) = parse_qs(other.query)["code"]
    wrong = [
        f"/verify/{invoice['id']}",
        f"/verify/{invoice['id']}?code=",
        f"/verify/{invoice['id']}?code={code}",
        f"/verify/{invoice['id']}?code=%C3%BC%ED%A0%80",
        f"/verify/{draft['id']}?code={code}",
        f"/verify/{uuid4()}?code={code}",
        f"/verify/none?code={code}",
        f"/verify/%00?code={code}",
    ]

    answers = [await client.get(path, headers=GERMAN) for path in wrong]

    assert {answer.status_code for answer in answers} == {404}
    bodies = {answer.text.replace(path.split("?")[0], "") for path, answer in zip(wrong, answers, strict=True)}
    assert all("Der Beleg ist nicht echt." in body for body in bodies)
    assert all(invoice["number"] not in body for body in bodies)


async def test_more_questions_than_allowed_are_refused(client: httpx.AsyncClient, app: FastAPI) -> None:
    for _ in range(300):
        app.state.services.verifications.take()

    answer = await client.get(f"/verify/{uuid4()}")

    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_the_page_only_answers(client: httpx.AsyncClient, method: str) -> None:
    assert (await client.request(method, f"/verify/{uuid4()}")).status_code == 405


async def test_the_page_reads_one_document_however_many_there_are(
    client: httpx.AsyncClient, app: FastAPI, administration: asyncpg.Connection
) -> None:
    draft = await written(client)
    await administration.execute("set search_path to valeo")
    for column in ("search_text", "gross_cents"):  # copies have them
        await administration.execute(f"alter table document alter column {column} drop expression")
    await administration.execute(
        "insert into document select (jsonb_populate_record(d, jsonb_build_object('id', gen_random_uuid()))).* "
        "from document d, generate_series(1, 5000)"
    )
    await administration.execute("analyze document, tenant")
    statement = paper_statement(UUID(draft["id"]))
    text = str(statement.compile(dialect=app.state.services.engine.dialect, compile_kwargs={"literal_binds": True}))

    plan = await administration.fetch(f"explain {text}")

    assert "Seq Scan on document" not in "\n".join(row[0] for row in plan), plan
