"""The pages for governance: what the API offers, the reason where something is blocked, and forms that do it."""

import re
from collections.abc import AsyncIterator
from datetime import date
from html import unescape

import asyncpg
import pytest
from fastapi import FastAPI
from tests.support.invoices import body
from tests.support.sign_in import Browser, browser

YEAR = date.today().year  # noqa: DTZ011 - the seed has the periods of last year, this one and the next
PAGES = ("/numbering", "/numbering/invoice", "/periods", "/tax-codes", "/policies", "/users")
OWN = {"Sec-Fetch-Site": "same-origin"}
FORBIDDEN = {
    "olga": {"/numbering", "/numbering/invoice", "/policies", "/users"},
    "max": {"/users"},
    "adam": set[str](),
}


@pytest.fixture
async def adam(real_app: FastAPI) -> AsyncIterator[Browser]:
    async with browser(real_app) as made:
        await made.signs_in("adam")
        yield made


def form_of(page: str, action: str) -> dict[str, str]:
    """What a browser would send of the first form with this address: its inputs with their values."""
    start = page.index(f'hx-post="{action}"')
    form = page[start:].partition("</form>")[0]
    sent = {}
    for tag in re.findall(r"<input [^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name is not None and 'type="checkbox"' not in tag:
            sent[name[1]] = unescape(value[1]) if value is not None else ""
    return sent


async def does(person: Browser, page: str, action: str, **typed: str) -> str:
    """Fill in a form of a page and send it; what the page then loads."""
    shown = (await person.page(page)).text
    answer = await person.sends(action, form_of(shown, action) | typed)
    assert (answer.status_code, answer.headers.get("hx-trigger")) == (204, "valeo:done"), answer.text
    return unescape((await person.page(page)).text)


async def posts_an_invoice(*people: Browser) -> None:
    """Written and submitted by the first, approved by the second, posted by the third."""
    made = (await people[0].erp.post("/api/v1/invoices", json=body(), headers=OWN)).json()
    for person, action in zip(people, ("submit", "approve", "post"), strict=True):
        address = f"/api/v1/invoices/{made['id']}/actions/{action}"
        answer = await person.erp.post(address, json={}, headers=OWN | {"If-Match": f'"{made["version"]}"'})
        assert answer.status_code == 200, answer.text
        made = answer.json()


@pytest.mark.parametrize("person", FORBIDDEN)
async def test_the_menu_and_the_pages_show_what_one_may_see(real_app: FastAPI, person: str) -> None:
    async with browser(real_app) as made:
        await made.signs_in(person)
        menu = (await made.page("/invoices")).text
        for path in PAGES:
            answer = await made.page(path)
            assert answer.status_code == (403 if path in FORBIDDEN[person] else 200), path
            if path != "/numbering/invoice":
                assert (f'href="{path}"' in menu) == (path not in FORBIDDEN[person])


@pytest.mark.parametrize("language", ["de", "en"])
async def test_every_page_speaks_both_languages(adam: Browser, language: str) -> None:
    await adam.erp.get(f"/language/{language}")
    titles = {"de": "Nummernkreise", "en": "Number series"}
    for path in PAGES:
        text = (await adam.page(path)).text
        assert f'<html lang="{language}">' in text
        assert titles[language] in text


async def test_a_period_is_closed_and_reopened_on_the_page(adam: Browser) -> None:
    month = f"{YEAR}-01-01"
    closed = await does(adam, "/periods", f"/periods/{month}/close")
    assert f'hx-post="/periods/{month}/reopen"' in closed
    reopened = await does(adam, "/periods", f"/periods/{month}/reopen", reason="Nachtrag")
    assert f'hx-post="/periods/{month}/close"' in reopened
    audited = (await adam.erp.get("/api/v1/audit?object_kind=period&action=reopen")).json()["items"][0]
    assert audited["reason"] == "Nachtrag"


async def test_an_old_page_does_not_change_a_period_that_somebody_else_changed(adam: Browser) -> None:
    month = f"{YEAR}-01-01"
    old = form_of((await adam.page("/periods")).text, f"/periods/{month}/close")
    await does(adam, "/periods", f"/periods/{month}/close")
    answer = await adam.sends(f"/periods/{month}/close", old)
    assert (answer.status_code, answer.headers["hx-retarget"]) == (412, "#notice")


async def test_the_next_year_is_opened_on_the_page(adam: Browser) -> None:
    shown = await does(adam, "/periods", "/periods")
    assert f'hx-post="/periods/{YEAR + 2}-12-01/close"' in shown


async def test_who_may_not_close_is_told_so_and_has_no_buttons(olga: Browser) -> None:
    text = unescape((await olga.page("/periods")).text)
    assert "Das darf die Buchhaltung." in text
    assert "/close" not in text


async def test_the_proof_of_a_series_stands_on_its_page_and_numbers_are_explained_there(adam: Browser) -> None:
    assert "lückenlos" in (await adam.page("/numbering/invoice")).text
    shown = await does(
        adam,
        "/numbering/invoice",
        f"/numbering/invoice/years/{YEAR}/voids",
        last="2",
        reason="Vor der Wiederherstellung gedruckt",
    )
    assert f"INV-{YEAR}-00001" in shown
    assert f"INV-{YEAR}-00002" in shown
    assert "Vor der Wiederherstellung gedruckt" in shown
    assert f"INV-{YEAR}-00002 wurde schon vergeben; das Präfix bleibt." in shown


async def test_a_series_is_set_up_on_the_page(adam: Browser) -> None:
    changed = await does(adam, "/numbering/quotation", "/numbering/quotation", prefix="ANG")
    assert f"ANG-{YEAR}" in changed
    begun = await does(adam, "/numbering/quotation", f"/numbering/quotation/years/{YEAR}/start", start="421")
    assert 'name="start" type="number" min="1" max="999999999" required value="421"' in begun
    assert "Das Jahr ist noch nicht vorbei." in begun


async def test_a_wrong_field_is_named_and_nothing_changes(adam: Browser) -> None:
    fields = form_of((await adam.page("/numbering/quotation")).text, "/numbering/quotation")
    answer = await adam.sends("/numbering/quotation", fields | {"prefix": "klein"})
    assert answer.status_code == 422
    assert 'data-field="prefix"' in answer.text
    assert "QUO" in (await adam.page("/numbering/quotation")).text


async def test_a_rate_is_followed_and_ended_on_the_page(adam: Browser) -> None:
    action = "/tax-codes/standard/2021-01-01/successor"
    shown = await does(adam, "/tax-codes", action, valid_from=f"{YEAR + 1}-01-01", rate="20,5")
    assert "20,5" in shown
    assert f"/tax-codes/standard/{YEAR + 1}-01-01/successor" in shown
    ended = await does(adam, "/tax-codes", f"/tax-codes/standard/{YEAR + 1}-01-01/end", valid_to=f"{YEAR + 1}-12-31")
    assert f"31.12.{YEAR + 1}" in ended


async def test_a_policy_is_tried_out_written_and_put_in_force_by_somebody_else(
    adam: Browser, real_app: FastAPI
) -> None:
    page = (await adam.page("/policies")).text
    fields = form_of(page, "/policies") | {"above.0": "1000,00", "approvals.0": "2", "credit_limit": "block"}
    tried = await adam.sends("/policies/simulate", fields)
    assert (tried.status_code, "0 von 0 Belegen" in tried.text) == (200, True)
    answer = await adam.sends("/policies", fields | {"note": "Wie mit der Bank besprochen"})
    assert answer.status_code == 204, answer.text
    own = unescape((await adam.page("/policies")).text)
    assert "1000.00 €: 2 Freigaben" in own
    assert "Sie haben diese Fassung geschrieben; jemand anderes muss sie in Kraft setzen." in own
    assert (await adam.sends("/policies/1/activate", {})).status_code == 409
    async with browser(real_app) as eve:
        await eve.signs_in("eve")
        assert "in Kraft gesetzt von eve" in await does(eve, "/policies", "/policies/1/activate")


async def test_the_simulator_names_the_numbers_in_german(
    adam: Browser, real_app: FastAPI, administration: asyncpg.Connection
) -> None:
    async with browser(real_app) as olga, browser(real_app) as max_, browser(real_app) as anna:
        for made, person in ((olga, "olga"), (max_, "max"), (anna, "anna")):
            await made.signs_in(person)
        await posts_an_invoice(olga, max_, anna)
    await administration.execute("update valeo.party set credit_limit = 1")
    fields = form_of((await adam.page("/policies")).text, "/policies") | {"credit_limit": "warn"}
    tried = unescape((await adam.sends("/policies/simulate", fields)).text)
    assert "1 von 1 Belegen" in tried
    assert "Kreditlimit überschritten: 1" in tried
    assert "Offen sind 0,00 €, freigegeben 0,00 €, dazu kämen" in tried


async def test_somebody_is_kept_out_and_let_in_on_the_page(adam: Browser, olga: Browser) -> None:
    await olga.page("/invoices")
    out = await does(adam, "/users", "/users/olga/deactivate")
    assert 'hx-post="/users/olga/reactivate"' in out
    assert "Sie würden sich selbst aussperren" in out
    assert 'hx-post="/users/adam/deactivate"' not in out
    assert 'hx-post="/users/olga/deactivate"' in await does(adam, "/users", "/users/olga/reactivate")
