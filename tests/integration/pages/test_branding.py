"""The branding on the page: written in the form, refused at its fields, put in force by a second person."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from tests.support.admins import TwoAdmins
from tests.support.brands import SVG, svg

from valeo_erp.app import create_app
from valeo_erp.kernel.settings import Settings

FORM = {
    "letterhead_name": "Hofmann Agrar",
    "register_entry": "",
    "footer_lines": "Erste Zeile\r\n\r\nZweite Zeile",
    "bank_accounts.0.bank_name": "Sparkasse Uelzen",
    "bank_accounts.0.iban": "DE89 3704 0044 0532 0130 00",
    "bank_accounts.0.bic": "",
    "bank_accounts.1.bank_name": " ",
    "colours.primary": "#7A1F1F",
    "colours.tint": "#fbf1f1",
    "note": "Neue Bank",
}


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[FastAPI]:
    """The running application, which knows a second administrator."""
    made = create_app(settings, TwoAdmins())
    async with made.router.lifespan_context(made):
        yield made


def by(person: str, language: str = "de") -> dict[str, str]:
    return {"Authorization": f"Bearer {person}", "HX-Request": "true", "Accept-Language": language}


async def sees(client: httpx.AsyncClient, path: str, person: str = "max", language: str = "de") -> str:
    answer = await client.get(path, headers=by(person, language))
    assert answer.status_code == 200, answer.text
    return answer.text


async def sends(client: httpx.AsyncClient, path: str, person: str, **fields: str) -> httpx.Response:
    return await client.post(path, data=fields, headers=by(person))


async def written(client: httpx.AsyncClient) -> str:
    """The address of a new draft."""
    answer = await sends(client, "/branding", "adam", **FORM)
    assert answer.status_code == 201, answer.text
    return answer.headers["hx-redirect"]


async def test_the_form_begins_with_the_master_data_and_then_with_what_is_in_force(client: httpx.AsyncClient) -> None:
    assert "DE40742500000240187355" in await sees(client, "/branding/new", "adam")
    address = await written(client)
    await sends(client, f"{address}/propose", "adam", revision="1")
    await sends(client, f"{address}/activate", "eve", revision="2")
    again = await sees(client, "/branding/new", "adam")
    assert "DE89370400440532013000" in again
    assert "Erste Zeile\nZweite Zeile" in again


async def test_a_version_goes_from_draft_to_in_force_by_the_buttons(client: httpx.AsyncClient) -> None:
    address = await written(client)
    assert "Entwurf" in await sees(client, address)
    assert (await sends(client, f"{address}/propose", "adam", revision="1")).headers["hx-redirect"] == address
    own = await sees(client, address, "adam")
    assert "jemand anderes muss es freigeben" in own
    refused = await sends(client, f"{address}/activate", "adam", revision="2")
    assert (refused.status_code, refused.headers["hx-retarget"]) == (409, "#notice")
    assert "jemand anderes muss es freigeben" in refused.text
    assert f'hx-post="{address}/activate"' in await sees(client, address, "eve")
    await sends(client, f"{address}/activate", "eve", revision="2")
    assert "In Kraft" in await sees(client, "/branding")
    assert "In force" in await sees(client, "/branding", language="en")


async def test_what_is_wrong_is_told_at_its_field_in_german_with_its_figures(client: httpx.AsyncClient) -> None:
    wrong = {
        "colours.primary": "#9acd32",
        "footer_lines": "gut\n{{ 7*7 }}",
        "bank_accounts.0.iban": "DE89370400440532013001",
        "letterhead_name": "<b>",
    }
    answer = await sends(client, "/branding", "adam", **(FORM | wrong))
    assert answer.status_code == 422
    for field, words in (
        ("colours.primary", "Der Kontrast ist 1,88:1; verlangt sind 4,5:1"),
        ("footer_lines", "{{ gehört zu Vorlagen"),
        ("bank_accounts.0.iban", "DE89370400440532013001 ist keine IBAN"),
        ("letterhead_name", "&lt; gehört zu HTML"),
    ):
        assert f'<li data-field="{field}">{words}' in answer.text, answer.text
    missing = await sends(client, "/branding", "adam", **(FORM | {"note": " ", "bank_accounts.0.bank_name": ""}))
    assert 'data-field="note">Bitte ausfüllen.' in missing.text
    assert 'data-field="bank_accounts.0.bank_name">Bitte ausfüllen.' in missing.text


async def test_a_draft_is_changed_and_a_conflict_is_told(client: httpx.AsyncClient) -> None:
    address = await written(client)
    changed = FORM | {"letterhead_name": "Anders", "revision": "1"}
    assert (await sends(client, address, "adam", **changed)).headers["hx-redirect"] == address
    assert "Anders" in await sees(client, address)
    late = await sends(client, address, "eve", **changed)
    assert (late.status_code, "inzwischen geändert" in late.text) == (412, True)
    tampered = await sends(client, address, "adam", **(changed | {"revision": "x"}))
    assert tampered.status_code == 422


async def test_a_logo_is_kept_shown_and_taken_away(client: httpx.AsyncClient) -> None:
    address = await written(client)
    hostile = {"file": ("logo.svg", svg("<script>alert(1)</script>"), "image/svg+xml")}
    refused = await client.post(f"{address}/logo?revision=1", files=hostile, headers=by("adam"))
    assert (refused.status_code, "Das Element script wird nicht gedruckt" in refused.text) == (422, True)
    good = {"file": ("logo.svg", SVG, "image/svg+xml")}
    kept = await client.post(f"{address}/logo?revision=1", files=good, headers=by("adam"))
    assert kept.headers["hx-redirect"] == address
    assert f'src="/api/v1{address}/logo?sha256=' in await sees(client, address)
    await sends(client, f"{address}/logo/remove", "adam", revision="2")
    assert "Kein Logo." in await sees(client, address)


@pytest.mark.parametrize("language", ["de", "en"])
async def test_whoever_may_not_write_sees_no_form(client: httpx.AsyncClient, language: str) -> None:
    address = await written(client)
    shown = await sees(client, address, "anna", language)
    assert 'name="letterhead_name"' not in shown
    assert "disabled" in shown
    assert (await client.get("/branding/new", headers=by("anna"))).status_code == 403
    assert (await client.get("/branding", headers=by("olga"))).status_code == 403
    assert 'href="/branding"' not in (await client.get("/invoices", headers=by("olga"))).text
