"""Everybody can use the page: WCAG 2.2 AA as far as a machine can see it, and the keyboard alone."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import Visit
from tests.browser.writing import write_invoice
from tests.support.gates_in_memory import Web, going_live

from valeo_operator.cluster.kinds import CONFIG_MAPS
from valeo_operator.golive.look import GateKeeper, Policies
from valeo_operator.golive.shown import FILE

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def violations(page: Page) -> list[str]:
    """What axe finds, in words."""
    page.evaluate(AXE)
    found: dict[str, Any] = page.evaluate("(rules) => axe.run(document, rules)", RULES)
    return [
        f"{fault['id']}: {fault['help']} {[n['html'][:120] for n in fault['nodes']]}" for fault in found["violations"]
    ]


@pytest.mark.parametrize("language", ["de-DE", "en-US"])
def test_every_page_passes_axe(visit: Visit, language: str) -> None:
    page = visit("max", "/invoices/new", language)
    assert violations(page) == []
    page.get_by_role("button", name="Position hinzufügen" if language == "de-DE" else "Add a line").click()
    page.locator("#save").click()
    expect(page.locator("[aria-invalid]").first).to_be_visible()
    assert violations(page) == []
    page.goto("/invoices")
    assert violations(page) == []
    page.goto("/auth/signed-out")
    assert violations(page) == []


@pytest.mark.parametrize("language", ["de-DE", "en-US"])
def test_the_pages_for_governance_pass_axe(visit: Visit, language: str) -> None:
    page = visit("adam", "/numbering", language)
    found = {}
    for path in ("/numbering", "/numbering/invoice", "/periods", "/tax-codes", "/policies", "/users"):
        page.goto(path)
        found[path] = violations(page)
    assert {path: faults for path, faults in found.items() if faults} == {}


def test_an_invoice_and_its_dialog_pass_axe(visit: Visit) -> None:
    olga = visit("olga")
    address = write_invoice(olga)
    olga.get_by_role("button", name="Vorlegen").click()
    expect(olga.locator("#state")).to_have_text("Vorgelegt")
    assert violations(olga) == []
    max_ = visit("max", address)
    max_.get_by_role("button", name="Ablehnen …").click()
    expect(max_.get_by_role("dialog")).to_be_visible()
    assert violations(max_) == []


@pytest.mark.parametrize("language", ["de-DE", "en-US"])
def test_the_go_live_gates_pass_axe_and_are_drawn(visit: Visit, shown_gates: Path, language: str) -> None:
    world = going_live()
    keeper = GateKeeper(world, Web(), lambda: world.now, Policies(world))
    with ThreadPoolExecutor() as apart:  # the loop of this thread is Playwright's
        apart.submit(lambda: asyncio.run(keeper.look(world.erp))).result()
    shown = json.loads(world.objects[CONFIG_MAPS, "erp", "production-golive-shown"]["data"][FILE])
    (shown_gates / FILE).write_text(json.dumps({**shown, "at": datetime.now(UTC).isoformat()}))
    page = visit("adam", "/go-live", language)
    expect(page.locator("#answer")).to_have_text("Nicht freigegeben" if language == "de-DE" else "No go")
    assert page.locator("svg.progress-bar-of-gates rect").count() > 20
    assert violations(page) == []
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_keyboard_alone_is_enough(visit: Visit) -> None:
    page = visit("olga")
    page.reload()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Zum Inhalt springen")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("main").get_by_role("link", name="Neue Rechnung")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Kunde", exact=True)).to_be_focused()
    page.keyboard.type("Bio")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Rechnungsdatum")).to_be_focused()


def test_on_a_small_screen_nothing_is_cut_off(visit: Visit) -> None:
    page = visit("olga")
    address = write_invoice(page)
    page.set_viewport_size({"width": 360, "height": 740})
    for path in ("/invoices", "/invoices/new", address):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
