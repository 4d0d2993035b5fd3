"""The pages of every kind: the same templates, what follows what, and nothing lost when a form is saved again."""

import re
from collections.abc import AsyncIterator
from html import unescape
from typing import Any

import pytest
from fastapi import FastAPI
from tests.support.invoices import PARTY, item
from tests.support.sign_in import Browser, browser

from valeo_erp.documents.document import Kind
from valeo_erp.documents.kinds import KINDS
from valeo_erp.pages.documents import WITHOUT_FORM
from valeo_erp.pages.words import WORDS


@pytest.fixture
async def adam(real_app: FastAPI) -> AsyncIterator[Browser]:
    async with browser(real_app) as made:
        await made.signs_in("adam")
        yield made


@pytest.fixture
async def max_(real_app: FastAPI) -> AsyncIterator[Browser]:
    async with browser(real_app) as made:
        await made.signs_in("max")
        yield made


def fields_of(page: str) -> dict[str, str]:
    """What a browser would send of the form: inputs, text and chosen options."""
    form = page[page.index('<form id="invoice"') :].partition("</form>")[0]
    sent = {}
    for tag in re.findall(r"<input [^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name is not None:
            sent[name[1]] = unescape(value[1]) if value is not None else ""
    for name, options in re.findall(r'<select [^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        sent[name] = chosen[1] if chosen is not None else ""
    return sent


async def api(person: Browser, address: str) -> dict[str, Any]:
    answer = await person.erp.get(f"/api/v1{address}")
    assert answer.status_code == 200, answer.text
    read: dict[str, Any] = answer.json()
    return read


async def quoted(person: Browser, body: dict[str, Any]) -> dict[str, Any]:
    """A quotation that the API wrote."""
    same_site = {"Origin": str(person.erp.base_url)}
    answer = await person.erp.post("/api/v1/quotations", json=body, headers=same_site)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def posted(olga: Browser, max_: Browser, adam: Browser, address: str, *, dispatched: bool) -> dict[str, Any]:
    steps = [("post", olga)] if dispatched else [("submit", olga), ("approve", max_), ("post", adam)]
    for version, (action, person) in enumerate(steps, 1):
        answer = await person.sends(f"{address}/actions/{action}", {"version": str(version), "reason": ""})
        assert answer.status_code == 204, answer.text
    return await api(olga, address)


async def test_every_kind_has_its_list_and_its_form_in_its_own_words(olga: Browser) -> None:
    for kind in Kind:
        base = f"/{KINDS[kind].collection}"
        listed = await olga.page(base)
        assert f">{WORDS[f'{kind}s'][0]}</h1>" in listed.text
        form = await olga.page(f"{base}/new")
        assert (form.status_code == 422) == (kind in WITHOUT_FORM)
        assert (f">{WORDS[f'new_{kind}'][0]}</h1>" in form.text) == (kind not in WITHOUT_FORM)


async def test_an_order_is_delivered_and_billed_by_the_forms_that_follow_it(
    olga: Browser, max_: Browser, adam: Browser
) -> None:
    first = {"party_id": str(PARTY), "lines.0.item_id": item(8), "lines.0.quantity": "10", "reference": "Best. 77"}
    address = (await olga.sends("/sales-orders", first)).headers["hx-redirect"]
    order = await posted(olga, max_, adam, address, dispatched=False)
    assert f"/delivery-notes/new?source={order['id']}" in (await olga.page(address)).text

    form = fields_of((await olga.page(f"/delivery-notes/new?source={order['id']}")).text)
    made = await olga.sends("/delivery-notes", form | {"lines.0.quantity": "6"})
    delivery = await posted(olga, max_, adam, made.headers["hx-redirect"], dispatched=True)
    assert delivery["lines"][0]["source_id"] == order["id"]
    shown = (await olga.page(f"/delivery-notes/{delivery['id']}")).text
    assert f'href="/api/v1/delivery-notes/{delivery["id"]}/pdf?language=de"' in shown
    assert "/xrechnung" not in shown

    form = fields_of((await olga.page(f"/invoices/new?source={delivery['id']}")).text)
    invoice = await api(olga, (await olga.sends("/invoices", form)).headers["hx-redirect"])
    assert (invoice["lines"][0]["quantity"], invoice["lines"][0]["source_id"]) == ("6.0000", delivery["id"])


async def test_saving_a_form_again_loses_nothing_that_the_api_wrote(olga: Browser) -> None:
    lines = [
        {"item_id": item(1), "quantity": "10", "moisture": "16.5", "description": "Weizen, Partie 7"},
        {"item_id": item(9), "quantity": "2", "tax_code": "zero"},
    ]
    body = {
        "party_id": str(PARTY),
        "lines": lines,
        "discount": "2.5",
        "reference": "B 1",
        "freight": {"item_id": item(18), "amount": "30.00"},
    }
    before = await quoted(olga, body)
    address = f"/quotations/{before['id']}"
    form = fields_of((await olga.page(f"{address}/edit")).text)
    assert (await olga.sends(address, form)).status_code == 201
    after = await api(olga, address)
    assert after == before  # the same content again is no change: not even another version


async def test_a_line_that_gets_another_item_forgets_what_it_was_written_with(olga: Browser) -> None:
    line = {"item_id": item(1), "quantity": "10", "description": "Weizen, Partie 7", "tax_code": "zero"}
    made = await quoted(olga, {"party_id": str(PARTY), "lines": [line]})
    address = f"/quotations/{made['id']}"
    form = fields_of((await olga.page(f"{address}/edit")).text)
    await olga.sends(address, form | {"lines.0.item_id": item(9), "lines.0.unit": ""})
    [changed] = (await api(olga, address))["lines"]
    assert (changed["item_id"], changed["tax_code"]) == (item(9), "standard")
    assert changed["description"] != "Weizen, Partie 7"
