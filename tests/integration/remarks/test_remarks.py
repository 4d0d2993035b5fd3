"""Comments and files at documents: kept as they came, seen by whoever may read the document, erased with the person."""

import hashlib
from typing import Any

import asyncpg
import httpx
import pytest
from tests.integration.gdpr.test_desk import ADAM, erased, party
from tests.support.invoices import INVOICES, PARTY, item, moved, posted, written
from tests.support.sign_in import Browser

from valeo_erp.kernel.settings import Settings

OLGA = {"Authorization": "Bearer olga"}
PDF = b"%PDF-1.7\nLieferschein"
LINES = [{"item_id": item(1), "quantity": "1"}]


async def said(client: httpx.AsyncClient, document: dict[str, Any], text: str) -> httpx.Response:
    return await client.post(f"{INVOICES}/{document['id']}/comments", json={"text": text}, headers=OLGA)


async def attached(client: httpx.AsyncClient, document: dict[str, Any], name: str, content: bytes) -> httpx.Response:
    address = f"{INVOICES}/{document['id']}/attachments"
    return await client.post(address, params={"name": name}, content=content, headers=OLGA)


async def read(client: httpx.AsyncClient, document: dict[str, Any], what: str) -> Any:
    answer = await client.get(f"{INVOICES}/{document['id']}/{what}", headers=OLGA)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def test_a_comment_is_read_with_author_and_time_also_on_a_posted_document(client: httpx.AsyncClient) -> None:
    invoice = await posted(client)
    made = await said(client, invoice, "  Zahlt erst nach der Ernte.\nFrau Grün weiß Bescheid. ")
    assert made.status_code == 201, made.text
    [comment] = await read(client, invoice, "comments")
    assert comment == made.json()
    assert (comment["text"], comment["author"]) == ("Zahlt erst nach der Ernte.\nFrau Grün weiß Bescheid.", "olga")


@pytest.mark.parametrize("text", ["", "   ", "x" * 4001, "mit \x00 darin"])
async def test_a_comment_that_says_nothing_or_too_much_is_refused(client: httpx.AsyncClient, text: str) -> None:
    invoice = await written(client)
    assert (await said(client, invoice, text)).status_code == 422
    assert await read(client, invoice, "comments") == []


async def test_comments_and_files_are_audited_without_their_words(client: httpx.AsyncClient) -> None:
    invoice = await written(client)
    await said(client, invoice, "Geheim")
    await attached(client, invoice, "Lieferschein.pdf", PDF)
    history = await read(client, invoice, "audit")
    assert [entry["action"] for entry in history] == ["create", "comment", "attach"]
    assert history[1]["after"]["sha256"] == hashlib.sha256(b"Geheim").hexdigest()
    assert "Geheim" not in str(history)
    assert history[2]["after"]["sha256"] == hashlib.sha256(PDF).hexdigest()


async def test_comments_and_files_are_told_to_the_live_listeners(
    client: httpx.AsyncClient, administration: asyncpg.Connection
) -> None:
    invoice = await written(client)
    await said(client, invoice, "Neu")
    await attached(client, invoice, "Lieferschein.pdf", PDF)
    rows = await administration.fetch("select kind from valeo.outbox where object_id = $1 order by id", invoice["id"])
    assert [row["kind"] for row in rows] == ["invoice.created", "invoice.commented", "invoice.attached"]


async def test_a_file_comes_back_as_it_came_and_is_never_shown_in_the_page(client: httpx.AsyncClient) -> None:
    invoice = await written(client)
    made = await attached(client, invoice, "Größe.pdf", PDF)
    assert made.status_code == 201, made.text
    assert made.json() | {"id": "", "at": ""} == {
        "id": "",
        "at": "",
        "added_by": "olga",
        "added_by_name": made.json()["added_by_name"],
        "name": "Größe.pdf",
        "media_type": "application/pdf",
        "size": len(PDF),
        "sha256": hashlib.sha256(PDF).hexdigest(),
    }
    assert await read(client, invoice, "attachments") == [made.json()]
    file = await client.get(f"{INVOICES}/{invoice['id']}/attachments/{made.json()['id']}", headers=OLGA)
    assert file.content == PDF
    assert (
        file.headers["content-disposition"]
        == "attachment; filename=\"Gr__e.pdf\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe.pdf"
    )
    assert file.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in file.headers["content-security-policy"]


async def test_a_file_of_one_document_is_not_there_at_another(client: httpx.AsyncClient) -> None:
    one, other = await written(client), await written(client)
    made = (await attached(client, one, "Lieferschein.pdf", PDF)).json()
    foreign = await client.get(f"{INVOICES}/{other['id']}/attachments/{made['id']}", headers=OLGA)
    assert foreign.status_code == 404
    assert (
        await client.get(f"/api/v1/quotations/{one['id']}/attachments/{made['id']}", headers=OLGA)
    ).status_code == 404


async def test_what_the_content_does_not_allow_is_refused_with_the_reason(client: httpx.AsyncClient) -> None:
    invoice = await written(client)
    answer = await attached(client, invoice, "rechnung.pdf", b"<html><script>alert(1)</script></html>")
    assert (answer.status_code, [f["code"] for f in answer.json()["failures"]]) == (422, ["file_type"])
    assert await read(client, invoice, "attachments") == []


async def test_a_file_may_be_larger_than_other_bodies_but_not_larger_than_its_own_limit(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    invoice = await written(client)
    assert settings.body_limit_bytes < settings.attachment_limit_bytes
    largest = PDF.ljust(settings.attachment_limit_bytes, b" ")
    assert (await attached(client, invoice, "voll.pdf", largest)).status_code == 201
    over = await attached(client, invoice, "mehr.pdf", largest + b" ")
    assert (over.status_code, over.json()["failures"][0]["code"]) == (422, "file_too_large")
    assert (await attached(client, invoice, "viel.pdf", largest + b" " * 20_000)).status_code == 413


@pytest.mark.parametrize("table", ["document_comment", "document_attachment"])
async def test_comments_and_files_can_not_be_changed_by_the_application_nor_by_a_superuser(
    client: httpx.AsyncClient, settings: Settings, administration: asyncpg.Connection, table: str
) -> None:
    from valeo_erp.kernel.database import connector  # noqa: PLC0415 - of this test alone

    invoice = await written(client)
    await said(client, invoice, "Neu")
    await attached(client, invoice, "Lieferschein.pdf", PDF)
    connection = await connector(settings, settings.application_credentials, "test")()
    await connection.execute("set valeo.erasing = 'on'")
    for change in (f"delete from {table}", f"update {table} set at = now()"):  # noqa: S608 - names of this test
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(change)
        with pytest.raises(asyncpg.RestrictViolationError):
            await administration.execute(change.replace(table, f"valeo.{table}"))
    await connection.close()


async def test_an_erasure_takes_comments_and_files_of_cancelled_documents_along(
    client: httpx.AsyncClient, administration: asyncpg.Connection
) -> None:
    one = await party(client)
    draft = await written(client, party_id=one["id"])
    await said(client, draft, "Frau Grün ruft an")
    await attached(client, draft, "Grün.pdf", PDF)
    await moved(client, draft, "cancel", "olga")
    kept = await posted(client)
    await said(client, kept, "bleibt")
    bundle = (await client.get(f"/api/v1/gdpr/parties/{one['id']}/bundle", headers=ADAM)).json()
    assert [comment["text"] for comment in bundle["documents"][0]["comments"]] == ["Frau Grün ruft an"]
    assert [file["name"] for file in bundle["documents"][0]["attachments"]] == ["Grün.pdf"]
    assert (await erased(client, one["id"])).status_code == 200
    assert await administration.fetchval("select count(*) from valeo.document_attachment") == 0
    assert [row["text"] for row in await administration.fetch("select text from valeo.document_comment")] == ["bleibt"]


async def test_on_the_page_olga_says_something_and_attaches_a_file(olga: Browser) -> None:
    same_site = {"Origin": str(olga.erp.base_url)}
    draft = (
        await olga.erp.post("/api/v1/quotations", json={"party_id": str(PARTY), "lines": LINES}, headers=same_site)
    ).json()
    address = f"/quotations/{draft['id']}"
    page = (await olga.erp.get(address)).text
    assert f'hx-post="{address}/comments"' in page
    assert f'hx-post="{address}/attachments"' in page
    spoken = await olga.erp.post(f"{address}/comments", data={"text": "Bitte <b>bald</b>"}, headers=same_site)
    assert (spoken.status_code, spoken.headers["hx-trigger"]) == (204, "valeo:kept")
    sent = await olga.erp.post(
        f"{address}/attachments", files={"file": ("Angebot.pdf", PDF, "text/html")}, headers=same_site
    )
    assert (sent.status_code, sent.headers["hx-trigger"]) == (204, "valeo:kept")
    part = (await olga.erp.get(f"{address}/remarks")).text
    assert "Bitte &lt;b&gt;bald&lt;/b&gt;" in part
    assert "Angebot.pdf" in part
    link = part.partition(f'href="{address}/attachments/')[2].partition('"')[0]
    file = await olga.erp.get(f"{address}/attachments/{link}")
    assert (file.content, file.headers["content-type"]) == (PDF, "application/pdf")
    refused = await olga.erp.post(f"{address}/attachments", files={"file": ("x.pdf", b"MZ")}, headers=same_site)
    assert refused.status_code == 422
