"""The pages of invoices: what they show, what they take, and how they refuse."""

import re
from collections.abc import AsyncIterator
from html import unescape
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from tests.support.invoices import PARTY, item
from tests.support.sign_in import Browser, browser

FORM = {
    "party_id": str(PARTY),
    "note": "Lieferung frei Hof.",
    "lines.0.item_id": item(1),
    "lines.0.quantity": "24,5",
    "lines.2.item_id": item(2),
    "lines.2.quantity": "1.200",
}


@pytest.fixture
async def max_(real_app: FastAPI) -> AsyncIterator[Browser]:
    async with browser(real_app) as made:
        await made.signs_in("max")
        yield made


async def written(person: Browser, **changed: str) -> str:
    """The address of a new invoice."""
    answer = await person.sends("/invoices", FORM | changed)
    assert answer.status_code == 201, answer.text
    return answer.headers["hx-redirect"]


async def does(person: Browser, address: str, action: str, version: int, reason: str = "") -> httpx.Response:
    return await person.sends(f"{address}/actions/{action}", {"version": str(version), "reason": reason})


def text_of(answer: httpx.Response) -> str:
    """The words of a page without its tags."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.text)))


async def test_the_form_writes_a_draft_by_the_same_use_case_as_the_api(olga: Browser) -> None:
    address = await written(olga)
    api: dict[str, Any] = (await olga.erp.get("/api/v1" + address)).json()
    assert api["state"] == "draft"
    assert [line["quantity"] for line in api["lines"]] == ["24.5000", "1200.0000"]
    page = text_of(await olga.page(address))
    assert "Entwurf" in page
    assert "24,5" in page
    assert "Angelegt Olga Operator" in page


async def test_a_form_that_is_sent_twice_writes_one_draft(olga: Browser) -> None:
    first = await olga.sends("/invoices", FORM, Idempotency_Key="key-of-one-form")
    second = await olga.sends("/invoices", FORM, Idempotency_Key="key-of-one-form")
    assert second.headers["idempotency-replayed"] == "true"
    assert first.headers["hx-redirect"] == second.headers["hx-redirect"]
    assert len((await olga.erp.get("/api/v1/invoices")).json()["items"]) == 1


async def test_faults_are_told_at_their_fields_and_in_words(olga: Browser) -> None:
    answer = await olga.sends("/invoices", FORM | {"party_id": "", "lines.2.quantity": "viel"})
    assert answer.status_code == 422
    assert answer.headers["hx-retarget"] == "#notice"
    assert 'data-field="party_id"' in answer.text
    assert re.search(r'data-field="lines\.2\.quantity"[^>]*>Das ist keine Zahl', answer.text)


async def test_faults_that_only_the_service_knows_are_told_at_their_fields_too(olga: Browser) -> None:
    answer = await olga.sends("/invoices", FORM | {"lines.2.item_id": str(PARTY)})
    assert re.search(r'data-field="lines\.2\.item_id"[^>]*>Diesen Artikel gibt es nicht', answer.text)


async def test_totals_come_from_the_server_while_somebody_types(olga: Browser) -> None:
    answer = await olga.sends("/invoices/calculate", FORM | {"lines.4.quantity": "3"})
    api = await olga.erp.post(
        "/api/v1/invoices/calculate",
        json={"lines": [{"item_id": item(1), "quantity": "24.5"}, {"item_id": item(2), "quantity": "1200"}]},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    gross = api.json()["gross_total"].replace(".", ",")
    assert gross in text_of(answer).replace(".", "")
    assert 'id="net-2"' in answer.text
    assert re.search(r'<output id="net-4"[^>]*>\u2013', answer.text)


async def test_an_unfinished_form_has_no_totals_and_no_refusal(olga: Browser) -> None:
    answer = await olga.sends("/invoices/calculate", {"lines.0.quantity": "x"})
    assert answer.status_code == 200
    assert "sobald eine Position vollständig ist" in answer.text


async def test_the_page_offers_what_the_api_offers_with_the_reason_when_blocked(max_: Browser) -> None:
    address = await written(max_)
    assert (await does(max_, address, "submit", 1)).status_code == 204
    page = (await max_.page(address)).text
    blocked = re.search(r"<button[^>]*disabled[^>]*>Freigeben</button>\s*<p[^>]*>([^<]*)", page)
    assert blocked is not None
    assert "Vier-Augen-Prinzip" in blocked[1]


async def test_a_refused_action_is_told_in_words_and_kept_in_the_history(olga: Browser) -> None:
    address = await written(olga)
    answer = await does(olga, address, "approve", 1)
    assert answer.status_code == 403
    assert "Ihre Rolle erlaubt das nicht" in answer.text
    assert "abgelehnt" in text_of(await olga.page(address))


async def test_an_invoice_goes_its_way_by_the_page(olga: Browser, max_: Browser, real_app: FastAPI) -> None:
    address = await written(olga)
    assert (await does(olga, address, "submit", 1)).headers["hx-trigger"] == "valeo:done"
    assert (await does(max_, address, "reject", 2)).status_code == 409
    assert (await does(max_, address, "reject", 2, "Falsche Menge")).status_code == 204
    page = text_of(await olga.page(address))
    assert "Abgelehnt Max Manager" in page
    assert "Falsche Menge" in page


async def test_a_conflict_says_so_and_changes_nothing(olga: Browser, max_: Browser) -> None:
    address = await written(olga)
    await does(max_, address, "submit", 1)
    answer = await olga.sends(address, FORM | {"version": "1", "note": "Neu"})
    assert answer.status_code == 412
    assert "Jemand hat die Rechnung inzwischen geändert" in answer.text
    assert (await olga.erp.get("/api/v1" + address)).json()["note"] == FORM["note"]


async def test_an_edit_shows_what_stands_there_and_writes_what_was_typed(olga: Browser) -> None:
    address = await written(olga)
    form = (await olga.page(f"{address}/edit")).text
    assert 'name="lines.1.quantity"' in form
    assert 'value="1200"' in form
    answer = await olga.sends(address, FORM | {"version": "1", "note": "Neu"})
    assert answer.headers["hx-redirect"] == address
    assert (await olga.erp.get("/api/v1" + address)).json()["note"] == "Neu"


async def test_what_may_not_be_edited_has_no_form(olga: Browser) -> None:
    address = await written(olga)
    await does(olga, address, "cancel", 1)
    answer = await olga.page(f"{address}/edit")
    assert answer.status_code == 409
    assert "kann die Rechnung nicht geändert werden" in answer.text


async def test_the_list_filters_and_goes_on_by_keyset(olga: Browser) -> None:
    first = await written(olga, note="Erste")
    for count in range(26):
        await written(olga, note=f"Nr. {count}")
    page = (await olga.page("/invoices")).text
    assert page.count("data-row") == 25
    following = re.search(r'hx-get="(/invoices/rows[^"]*)"', page)
    assert following is not None
    assert (await olga.page(unescape(following[1]))).text.count("data-row") == 2
    assert (await olga.page("/invoices/table?shown=27")).text.count("data-row") == 27
    found = await olga.page("/invoices/table?text=Erste&state=draft")
    assert found.text.count("data-row") == 1
    assert first in found.text
    assert found.headers["hx-replace-url"] == "/invoices?state=draft&text=Erste"
    assert "Keine Rechnung gefunden" in (await olga.page("/invoices?state=posted")).text


MEANINGLESS = [
    "/invoices?state=nonsense&text=%00%01",
    "/invoices?text=" + "a" * 900,
    "/invoices/table?shown=-1",
    "/invoices/table?shown=²",
    "/invoices/new",
    "/invoices/lines/3",
]


async def test_words_that_mean_nothing_are_no_condition(olga: Browser) -> None:
    for path in MEANINGLESS:
        assert (await olga.page(path)).status_code == 200, path


LOST = [
    "/invoices/01980000-0000-7000-8000-0000000000ff",
    "/invoices/nonsense",
    "/invoices/rows?cursor=nonsense",
    "/invoices?cursor=nonsense",
    "/invoices/lines/-1",
    "/invoices/rows",
    "/nowhere",
    "/static/nothing.css",
    "/static/../app.py",
    "/language/fr",
    "/auth/callback?code=x",
]


async def test_addresses_that_lead_nowhere_are_refused_on_a_page(olga: Browser) -> None:
    for path in LOST:
        answer = await olga.page(path)
        assert 400 <= answer.status_code < 500, path
        assert answer.headers["content-type"].startswith("text/html"), path
        assert "Das ging nicht" in answer.text or "Anmelden" in answer.text, path


BAD_FORMS = [
    {},
    {"version": "x", "lines.0.item_id": item(1)},
    {"party_id": "\x00", "note": "\x00", "lines.0.quantity": "1e400", "lines.0.item_id": "\x00"},
    {"lines.0.quantity": "NaN", "lines.0.item_id": item(1), "party_id": str(PARTY)},
    {"lines.0.quantity": "9" * 40, "lines.0.item_id": item(1), "party_id": str(PARTY)},
    {"document_date": "9999-99-99", **FORM},
    {"note": "x" * 3000, **FORM} | {"note": "x" * 3000},
]


async def test_no_form_is_a_fault_of_the_program(olga: Browser) -> None:
    address = await written(olga)
    for form in BAD_FORMS:
        for path in ("/invoices", address, f"{address}/actions/submit"):
            assert 400 <= (await olga.sends(path, form)).status_code < 500, form
        assert (await olga.sends("/invoices/calculate", form)).status_code == 200, form


async def test_what_people_typed_is_shown_as_text(olga: Browser) -> None:
    address = await written(olga, note="<script>alert(1)</script>")
    page = (await olga.page(address)).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


async def test_an_invoice_of_another_trader_is_not_here(olga: Browser, real_app: FastAPI) -> None:
    address = await written(olga)
    async with browser(real_app) as bruno:
        await bruno.signs_in("bruno")
        assert (await bruno.page(address)).status_code == 404
        assert (await does(bruno, address, "submit", 1)).status_code == 404
        assert "data-row" not in (await bruno.page("/invoices")).text


async def test_a_session_that_ended_leads_back_to_the_sign_in(olga: Browser) -> None:
    address = await written(olga)
    olga.erp.cookies.clear()
    answer = await olga.sends(f"{address}/actions/submit", {"version": "1"}, HX_Current_URL=f"http://erp.test{address}")
    assert answer.headers["hx-redirect"] == f"/auth/login?next={address.replace('/', '%2F')}"


async def test_the_development_provider_is_loud_on_every_page(olga: Browser) -> None:
    for path in ("/invoices", "/invoices/new", "/nowhere", "/auth/signed-out"):
        assert "Entwicklungs-Anmeldung" in (await olga.page(path)).text


async def test_the_language_is_the_browsers_until_one_is_chosen(olga: Browser) -> None:
    asked = {"Accept": "text/html", "Accept-Language": "en"}
    assert '<html lang="en">' in (await olga.erp.get("/invoices", headers=asked)).text
    await olga.page("/language/de?next=/invoices")
    assert '<html lang="de">' in (await olga.erp.get("/invoices", headers=asked)).text


async def test_nothing_from_elsewhere_runs_on_any_answer(olga: Browser) -> None:
    for path in ("/invoices", "/api/v1/me", "/nowhere", "/static/valeo.js", "/healthz"):
        headers = (await olga.page(path)).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "same-origin"


async def test_pages_hold_no_inline_code_or_style(olga: Browser) -> None:
    address = await written(olga)
    for path in ("/invoices", "/invoices/new", address, f"{address}/edit"):
        page = (await olga.page(path)).text
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", page)


async def test_assets_are_kept_for_ever_because_their_address_changes(olga: Browser) -> None:
    page = (await olga.page("/invoices")).text
    for address in re.findall(r'(?:href|src)="(/static/[^"]+)"', page):
        answer = await olga.erp.get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
