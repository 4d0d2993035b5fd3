"""The page of files that are made in the background."""

import asyncio
import html
import re
from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from tests.support.sign_in import Browser, browser


@pytest.fixture
async def anna(real_app: FastAPI) -> AsyncIterator[Browser]:
    async with browser(real_app) as made:
        await made.signs_in("anna")
        yield made


async def shown_when_done(person: Browser) -> str:
    """The table when the only job is over."""
    async with asyncio.timeout(30):
        while True:
            text = (await person.page("/files/table")).text
            if "/open" in text:
                return text
            await asyncio.sleep(0.2)


async def test_a_file_is_asked_for_on_the_list_and_taken_on_the_page(anna: Browser) -> None:
    asked = await anna.sends("/files/workbook?state=posted", {})
    assert asked.headers["hx-redirect"] == "/files"

    address = re.search(r'action="(/files/[^"]+/open)"', await shown_when_done(anna))
    assert address is not None
    opened = await anna.sends(address[1], {})

    assert opened.status_code == 303
    file = await anna.erp.get(opened.headers["location"])
    assert file.content.startswith(b"PK")
    assert (await anna.erp.get(opened.headers["location"])).status_code == 404


async def test_the_buttons_are_there_for_those_who_may(anna: Browser, olga: Browser) -> None:
    accountants, operators = (await anna.page("/invoices")).text, (await olga.page("/invoices")).text
    for address in ("/files/workbook", "/api/v1/exports/invoices.jsonl"):
        assert address in accountants
        assert address not in operators
    assert "/files/prints?kind=invoice" in operators
    orders = (await anna.page("/purchase-orders?state=posted")).text
    assert 'hx-post="/files/workbook?kind=purchase_order&state=posted"' in html.unescape(orders)
    assert "/api/v1/exports/invoices" not in orders
    assert "datev.csv" in (await anna.page("/files")).text
    assert "datev.csv" not in (await olga.page("/files")).text
