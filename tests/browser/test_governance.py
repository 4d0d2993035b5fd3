"""Governance in a real browser: a refusal stands at its field, and what was done is there at once."""

from datetime import date

from playwright.sync_api import expect
from tests.browser.conftest import Visit

YEAR = date.today().year  # noqa: DTZ011 - as the installation has it


def test_a_period_is_closed_and_reopened_with_a_reason(visit: Visit) -> None:
    page = visit("anna", "/periods")
    row = page.get_by_role("row").filter(has_text=f"01.01.{YEAR - 1}")
    row.get_by_role("button", name="Schließen").click()
    expect(row.get_by_text("geschlossen", exact=True)).to_be_visible()
    row.get_by_label("Grund").fill("Rechnung nachgereicht")
    row.get_by_role("button", name="Wieder öffnen").click()
    expect(row.get_by_text("offen", exact=True)).to_be_visible()


def test_numbers_are_explained_and_the_proof_shows_them(visit: Visit) -> None:
    page = visit("adam", f"/numbering/goods_receipt?year={YEAR + 1}")
    page.get_by_label("Letzte Nummer").fill("200")
    page.get_by_label("Grund").last.fill("Alte Blöcke")
    page.get_by_role("button", name="Nummern als nicht belegt erklären").click()
    expect(page.get_by_role("alert")).to_contain_text("1 bis 100 Nummern")
    page.get_by_label("Letzte Nummer").fill("2")
    page.get_by_role("button", name="Nummern als nicht belegt erklären").click()
    expect(page.get_by_role("cell", name="Alte Blöcke").first).to_be_visible()
    expect(page.locator("#state")).to_have_text("lückenlos")


def test_a_policy_is_tried_out_before_it_is_written(visit: Visit) -> None:
    page = visit("adam", "/policies")
    page.get_by_label("Über (brutto, €)").first.fill("1,00")
    page.get_by_role("button", name="An gebuchten Belegen ausprobieren").click()
    expect(page.get_by_text("Belegen wären betroffen")).to_be_visible()
    page.get_by_label("Begründung").fill("Probe")
    page.get_by_role("button", name="Als Entwurf speichern").click()
    expect(page.get_by_text("Sie haben diese Fassung geschrieben")).to_be_visible()
