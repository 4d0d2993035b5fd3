"""An invoice goes its way between people who see each other's changes live."""

import re

from playwright.sync_api import Page, expect
from tests.browser.conftest import Visit
from tests.browser.writing import write_invoice


def does(page: Page, action: str) -> None:
    page.get_by_role("button", name=action, exact=True).click()


def test_from_draft_to_posted_between_three_people_without_a_reload(visit: Visit) -> None:
    olga = visit("olga")
    expect(olga.locator("#live")).to_have_text("Live")
    overview = visit("mia")
    address = write_invoice(olga)
    row = overview.get_by_role("row").filter(has=overview.locator(f'a[href="{address}"]'))
    expect(row).to_contain_text("Entwurf")

    does(olga, "Vorlegen")
    expect(olga.locator("#state")).to_have_text("Vorgelegt")
    expect(olga.locator("#state")).to_be_focused()
    olga.evaluate("window.neverReloaded = true")

    max_ = visit("max", address)
    does(max_, "Freigeben")
    expect(max_.locator("#state")).to_have_text("Freigegeben")
    expect(olga.locator("#state")).to_have_text("Freigegeben")

    anna = visit("anna", address)
    does(anna, "Buchen")
    expect(anna.locator("#number")).to_have_text(re.compile(r"INV-20\d\d-\d{5}"))
    number = anna.locator("#number").inner_text()

    expect(olga.locator("#state")).to_have_text("Gebucht")
    expect(olga.locator("#number")).to_have_text(number)
    expect(olga.get_by_role("listitem").filter(has_text="Anna Accountant")).to_contain_text("Gebucht")
    expect(row).to_contain_text(number)
    assert olga.evaluate("window.neverReloaded") is True

    link = olga.get_by_role("link", name="PDF drucken").get_attribute("href") or ""
    pdf = olga.request.get(link)
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.body().startswith(b"%PDF-")


def test_the_submitter_sees_the_approval_blocked_by_four_eyes(visit: Visit) -> None:
    max_ = visit("max")
    write_invoice(max_)
    does(max_, "Vorlegen")
    approve = max_.get_by_role("button", name="Freigeben")
    expect(approve).to_be_disabled()
    expect(approve).to_have_accessible_description(re.compile("Vier-Augen-Prinzip"))


def test_a_rejection_needs_a_reason_that_everybody_reads(visit: Visit) -> None:
    olga = visit("olga")
    address = write_invoice(olga)
    does(olga, "Vorlegen")
    expect(olga.locator("#state")).to_have_text("Vorgelegt")

    max_ = visit("max", address)
    does(max_, "Ablehnen …")
    dialog = max_.get_by_role("dialog", name="Ablehnen")
    expect(dialog.get_by_label("Grund")).to_be_focused()
    dialog.get_by_role("button", name="Ablehnen").click()
    expect(dialog).to_be_visible()  # the browser asks for the reason
    dialog.get_by_label("Grund").fill("Menge stimmt nicht mit dem Wiegeschein überein")
    dialog.get_by_role("button", name="Ablehnen").click()
    expect(dialog).to_be_hidden()

    expect(olga.locator("#state")).to_have_text("Abgelehnt")
    expect(olga.get_by_text("Menge stimmt nicht mit dem Wiegeschein überein")).to_be_visible()


def test_a_browser_that_was_cut_off_catches_up(visit: Visit) -> None:
    olga = visit("olga")
    address = write_invoice(olga)
    does(olga, "Vorlegen")
    expect(olga.locator("#state")).to_have_text("Vorgelegt")
    cut = {"held": True}
    olga.route("**/api/v1/events*", lambda route: route.abort() if cut["held"] else route.continue_())
    olga.reload()
    expect(olga.locator("#live")).to_have_text("Getrennt")

    max_ = visit("max", address)
    does(max_, "Freigeben")
    expect(max_.locator("#state")).to_have_text("Freigegeben")

    cut["held"] = False
    expect(olga.locator("#live")).to_have_text("Live")
    expect(olga.locator("#state")).to_have_text("Freigegeben")
