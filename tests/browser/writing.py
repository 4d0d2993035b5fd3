"""How people write an invoice with the form."""

import re

from playwright.sync_api import Page

CUSTOMER = re.compile("Biohof Aigner")
LINES = (("Winterweizen", "250"), ("Rapsextraktionsschrot", "2,5"), ("Harnstoff", "1.200,5"))


def choose(page: Page, label: str, name: str | re.Pattern[str]) -> None:
    """Choose the first option of a field that says so."""
    field = page.get_by_label(label, exact=True)
    option = field.locator("option", has_text=name).first
    field.select_option(value=option.get_attribute("value") or "")


def fill_lines(page: Page) -> None:
    """Three lines at list price."""
    for place, (item, quantity) in enumerate(LINES, start=1):
        choose(page, f"Position {place}: Artikel", item)
        page.get_by_label(f"Position {place}: Menge").fill(quantity)


def write_invoice(page: Page) -> str:
    """Write a draft; the address of its page, where the person is then."""
    page.get_by_role("link", name="Neue Rechnung").first.click()
    choose(page, "Kunde", CUSTOMER)
    fill_lines(page)
    page.get_by_role("button", name="Als Entwurf speichern").click()
    page.wait_for_url(re.compile(r"/invoices/[0-9a-f-]{36}$"))
    return re.sub(r"^https?://[^/]+", "", page.url)
