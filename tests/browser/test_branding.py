"""The branding in a real browser: two administrators, a logo, a preview that is seen, and axe."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import Visit
from tests.browser.test_accessibility import violations
from tests.support.brands import SVG, svg


def seen(page: Page, picture: str) -> int:
    """How wide a picture is that has been loaded; 0 if it could not be."""
    page.wait_for_function("(id) => document.querySelector(id).complete", arg=picture)
    width: int = page.eval_on_selector(picture, "(image) => image.naturalWidth")
    return width


def test_two_administrators_bring_a_branding_into_force(visit: Visit, tmp_path: Path) -> None:
    adam = visit("adam", "/branding")
    adam.get_by_role("link", name="Neue Fassung").click()
    adam.get_by_label("Name im Briefkopf").fill("Hofmann Agrar")
    adam.get_by_label("Hauptfarbe").fill("#9acd32")
    adam.get_by_label("Warum diese Fassung?").fill("Neues Logo")
    adam.get_by_role("button", name="Als Entwurf speichern").click()
    expect(adam.locator(".field-failure")).to_have_text("Der Kontrast ist 1,88:1; verlangt sind 4,5:1 (WCAG 2.2).")
    expect(adam.get_by_label("Hauptfarbe")).to_be_focused()
    assert violations(adam) == []
    adam.get_by_label("Hauptfarbe").fill("#7a1f1f")
    adam.get_by_role("button", name="Als Entwurf speichern").click()
    adam.wait_for_url(re.compile(r"/branding/\d+$"))
    address = re.sub(r"^https?://[^/]+", "", adam.url)
    (tmp_path / "hostile.svg").write_bytes(svg("<script>alert(1)</script>"))
    adam.get_by_label("Datei").set_input_files(tmp_path / "hostile.svg")
    adam.get_by_role("button", name="Logo speichern").click()
    expect(adam.locator("#notice")).to_contain_text("Das Element script wird nicht gedruckt")
    (tmp_path / "logo.svg").write_bytes(SVG)
    adam.get_by_label("Datei").set_input_files(tmp_path / "logo.svg")
    adam.get_by_role("button", name="Logo speichern").click()
    expect(adam.locator(".brand-logo")).to_be_visible()
    assert seen(adam, ".brand-logo") > 0
    assert seen(adam, "#preview") > 900
    assert violations(adam) == []
    adam.get_by_role("button", name="Vorschlagen").click()
    expect(adam.locator("#state")).to_have_text("Vorgeschlagen")
    activate = adam.get_by_role("button", name="In Kraft setzen")
    expect(activate).to_be_disabled()
    expect(activate).to_have_accessible_description(re.compile("Vier-Augen-Prinzip"))
    eve = visit("eve", address)
    eve.get_by_role("button", name="In Kraft setzen").click()
    expect(eve.locator("#state")).to_have_text("In Kraft")
    assert violations(eve) == []


@pytest.mark.parametrize("language", ["de-DE", "en-US"])
def test_the_pages_of_the_branding_pass_axe(visit: Visit, language: str) -> None:
    page = visit("adam", "/branding", language)
    assert violations(page) == []
    page.goto("/branding/new")
    assert violations(page) == []
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
