"""The form of an invoice: totals from the server, faults at their fields, and nothing that was typed is lost."""

import re

from playwright.sync_api import expect
from tests.browser.conftest import Visit
from tests.browser.writing import CUSTOMER, choose, fill_lines, write_invoice


def test_totals_come_from_the_server_while_typing(visit: Visit) -> None:
    page = visit("olga", "/invoices/new")
    choose(page, "Position 1: Artikel", "Winterweizen")
    page.get_by_label("Position 1: Menge").fill("250")
    page.get_by_label("Position 1: Einzelpreis").fill("20,40")
    page.get_by_label("Position 1: Einheit").select_option("dt")
    expect(page.get_by_label("Position 1: Netto")).to_have_text("5.100,00")
    expect(page.locator("#form-gross")).to_have_text("5.457,00\u00a0€")
    page.get_by_label("Position 1: Rabatt %").fill("10")
    expect(page.locator("#form-gross")).to_have_text("4.911,30\u00a0€")


def test_lines_are_added_and_removed(visit: Visit) -> None:
    page = visit("olga", "/invoices/new")
    page.get_by_role("button", name="Position hinzufügen").click()
    expect(page.get_by_label("Position 4: Artikel")).to_be_focused()
    page.get_by_role("button", name="Position hinzufügen").click()
    expect(page.get_by_label("Position 5: Artikel")).to_be_focused()
    fill_lines(page)
    expect(page.get_by_label("Position 3: Netto")).not_to_have_text("\u2013")
    before = page.locator("#form-gross").inner_text()
    page.get_by_role("button", name="Position 2: Position entfernen").click()
    expect(page.get_by_label("Position 2: Artikel")).to_have_count(0)
    expect(page.locator("#form-gross")).not_to_have_text(before)


def test_faults_stand_at_their_fields_and_the_input_stays(visit: Visit) -> None:
    page = visit("olga", "/invoices/new")
    fill_lines(page)
    page.get_by_label("Position 2: Menge").fill("viel")
    page.get_by_role("button", name="Als Entwurf speichern").click()
    customer = page.get_by_label("Kunde", exact=True)
    expect(customer).to_be_focused()
    expect(customer).to_have_attribute("aria-invalid", "true")
    quantity = page.get_by_label("Position 2: Menge")
    expect(quantity).to_have_accessible_description("Das ist keine Zahl.")
    expect(quantity).to_have_value("viel")
    page.get_by_role("button", name="Position 2: Menge: Das ist keine Zahl.").click()
    expect(quantity).to_be_focused()

    quantity.fill("2,5")
    choose(page, "Kunde", CUSTOMER)
    page.get_by_role("button", name="Als Entwurf speichern").click()
    page.wait_for_url(re.compile(r"/invoices/[0-9a-f-]{36}$"))
    expect(page.locator("#state")).to_have_text("Entwurf")


def test_a_conflict_never_loses_what_was_typed(visit: Visit) -> None:
    olga = visit("olga")
    address = write_invoice(olga)
    olga.get_by_role("link", name="Bearbeiten").click()
    olga.get_by_label("Bemerkung").fill("Mein langer Text")

    mia = visit("mia", f"{address}/edit")
    mia.get_by_label("Bemerkung").fill("Schneller")
    mia.get_by_role("button", name="Änderungen speichern").click()
    expect(mia.get_by_text("Schneller")).to_be_visible()

    olga.get_by_role("button", name="Änderungen speichern").click()
    expect(olga.get_by_role("alert")).to_contain_text("Jemand hat die Rechnung inzwischen geändert")
    expect(olga.get_by_label("Bemerkung")).to_have_value("Mein langer Text")


def test_the_list_narrows_down_while_typing(visit: Visit) -> None:
    page = visit("olga")
    write_invoice(page)
    page.get_by_role("link", name="Zur Liste").click()
    page.get_by_label("Suche").fill("gibt es nicht")
    expect(page.get_by_text("Keine Rechnung gefunden.")).to_be_visible()
    page.get_by_label("Suche").fill("Aigner")
    expect(page.locator("[data-row]").first).to_contain_text("Biohof Aigner")
    page.get_by_label("Status").select_option("posted")
    expect(page).to_have_url(re.compile(r"state=posted&text=Aigner$"))
