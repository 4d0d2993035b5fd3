"""Signing in at a real provider, and what the session is good for."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from tests.support.sign_in import ERP, Browser, browser, identity_provider, signed_in_settings

from valeo_erp.app import create_app
from valeo_erp.composition import services_of
from valeo_erp.demo.token import TokenRefusedError, id_token
from valeo_erp.kernel.clock import system_clock
from valeo_erp.kernel.settings import Settings


@pytest.fixture
async def stranger(real_app: FastAPI) -> AsyncIterator[Browser]:
    async with browser(real_app) as made:
        yield made


async def me(visitor: Browser, **headers: str) -> httpx.Response:
    return await visitor.erp.get("/api/v1/me", headers=headers)


async def test_a_page_leads_to_the_provider_and_back_to_itself(stranger: Browser) -> None:
    answer = await stranger.signs_in("olga", "/invoices?state=draft")
    assert (answer.status_code, answer.headers["location"]) == (303, "/invoices?state=draft")
    told = (await me(stranger)).json()
    assert (told["name"], told["roles"], told["tenant"]) == ("Olga Operator", ["operator"], "Landhandel Hofmann GmbH")


async def test_cookies_are_closed_to_scripts_and_other_sites(stranger: Browser) -> None:
    cookies = (await stranger.signs_in("olga")).headers.get_list("set-cookie")
    session = next(cookie for cookie in cookies if cookie.startswith("valeo-session="))
    assert "HttpOnly" in session
    assert "SameSite=lax" in session
    assert "Secure" not in session


async def test_by_https_the_cookies_are_bound_to_this_host(settings: Settings, issuer: str) -> None:
    app = create_app(signed_in_settings(settings, issuer, public_url="https://erp.test"))
    transport = httpx.ASGITransport(app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="https://x") as erp:
        visitor = Browser(erp)
        back = await visitor.chooses(await visitor.to_the_provider(), "olga")
        answer = await erp.get(back.replace("https://erp.test", "https://x"))
    session = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("__Host-valeo-session="))
    assert "Secure" in session
    assert answer.headers["strict-transport-security"].startswith("max-age=")


async def test_every_sign_in_is_a_new_session_and_ends_the_one_before(stranger: Browser) -> None:
    await stranger.signs_in("olga")
    first = stranger.erp.cookies["valeo-session"]
    provider = (await stranger.erp.get("/auth/login")).headers["location"]
    await stranger.erp.get(await stranger.chooses(provider, "max"))
    assert stranger.erp.cookies["valeo-session"] != first
    assert (await me(stranger)).json()["subject"] == "max"
    stranger.erp.cookies.set("valeo-session", first, domain="erp.test")
    stranger.erp.cookies.clear()
    assert (await me(stranger, Cookie=f"valeo-session={first}")).status_code == 401


async def test_only_a_hash_of_the_cookie_is_stored(olga: Browser, real_app: FastAPI) -> None:
    async with services_of(real_app).read_engine.connect() as connection:
        rows = (await connection.execute(text("select digest, principal::text from web_session"))).all()
    cookie = olga.erp.cookies["valeo-session"]
    assert len(rows) == 1
    assert cookie.encode() not in bytes(rows[0].digest)
    assert cookie not in rows[0].principal


async def test_signing_out_ends_the_session_on_the_server(olga: Browser) -> None:
    cookie = olga.erp.cookies["valeo-session"]
    answer = await olga.erp.post("/auth/logout", headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.headers["location"] == "/auth/signed-out"
    assert (await me(olga, Cookie=f"valeo-session={cookie}")).json()["code"] == "session_ended"
    assert "Sie sind abgemeldet" in (await olga.page("/auth/signed-out")).text


async def test_another_site_can_not_sign_people_out(olga: Browser) -> None:
    answer = await olga.erp.post("/auth/logout", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert (await me(olga)).status_code == 200


async def test_a_session_ends_after_eight_hours(settings: Settings, issuer: str) -> None:
    shift = timedelta()
    app = create_app(signed_in_settings(settings, issuer), clock=lambda: system_clock() + shift)
    async with app.router.lifespan_context(app), browser(app) as visitor:
        await visitor.signs_in("olga")
        shift = timedelta(hours=8, seconds=1)
        assert (await me(visitor)).json()["code"] == "session_ended"


async def test_the_cookie_changes_nothing_for_another_site(olga: Browser) -> None:
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {}):
        answer = await olga.erp.post("/api/v1/invoices", json={}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")
    own = await olga.erp.post("/api/v1/invoices", json={}, headers={"Origin": ERP})
    assert own.status_code == 422


async def test_a_code_of_another_browser_signs_nobody_in(stranger: Browser, real_app: FastAPI) -> None:
    async with browser(real_app) as attacker:
        back = await attacker.chooses(await attacker.to_the_provider(), "bruno")
    await stranger.to_the_provider()
    answer = await stranger.erp.get(back)
    assert answer.status_code == 400
    assert "gehört nicht zu diesem Browser" in answer.text
    assert "valeo-session" not in stranger.erp.cookies


async def test_a_code_works_once(stranger: Browser) -> None:
    back = await stranger.chooses(await stranger.to_the_provider(), "olga")
    sealed = stranger.erp.cookies["valeo-sign-in"]
    assert (await stranger.erp.get(back)).status_code == 303
    again = await stranger.erp.get(back, headers={"Cookie": f"valeo-sign-in={sealed}"})
    assert (again.status_code, again.json()["code"]) == (401, "sign_in_refused")


async def test_the_providers_no_is_told_in_words(stranger: Browser) -> None:
    provider = await stranger.to_the_provider()
    state = httpx.URL(provider).params["state"]
    query = {"error": "access_denied", "error_description": "<b>no</b>", "state": state}
    answer = await stranger.erp.get("/auth/callback", params=query, headers={"Accept": "text/html"})
    assert answer.status_code == 403
    assert "Der Anmeldedienst hat die Anmeldung nicht angenommen" in answer.text
    assert "<b>no</b>" not in answer.text


async def test_a_person_whom_no_tenant_knows_is_told_so(stranger: Browser) -> None:
    back = await stranger.chooses(await stranger.to_the_provider(), "stranger")
    answer = await stranger.page(back)
    assert answer.status_code == 403
    assert "keinem Mandanten zugeordnet" in answer.text


async def test_an_id_token_is_a_bearer_token(stranger: Browser, issuer: str) -> None:
    token = await asyncio.to_thread(id_token, issuer, "anna", "valeo-erp")
    told = (await me(stranger, Authorization=f"Bearer {token}")).json()
    assert (told["subject"], told["roles"]) == ("anna", ["accountant"])


async def test_a_token_for_somebody_else_is_refused(stranger: Browser, issuer: str) -> None:
    token = await asyncio.to_thread(id_token, issuer, "anna", "another-client")
    answer = await me(stranger, Authorization=f"Bearer {token}")
    assert (answer.status_code, answer.json()["code"]) == (401, "token_audience")
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_bearer_token_needs_no_origin(stranger: Browser, issuer: str) -> None:
    token = await asyncio.to_thread(id_token, issuer, "olga", "valeo-erp")
    answer = await stranger.erp.post("/api/v1/invoices", json={}, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 422


@pytest.mark.parametrize("header", ["Basic b2xnYTp4", "Bearer", "Bearer  ", "bearer x.y.z", "Bearer é"])
async def test_other_credentials_are_refused_in_words(stranger: Browser, header: str) -> None:
    answer = await stranger.erp.get("/api/v1/me", headers=[(b"Authorization", header.encode("latin-1"))])
    assert answer.status_code == 401
    assert answer.json()["detail"]


async def test_nobody_without_credentials_comes_in(stranger: Browser) -> None:
    assert (await me(stranger)).json()["code"] == "credentials_missing"


async def test_a_provider_that_is_away_is_told_in_words_and_sessions_go_on(settings: Settings, tmp_path: Path) -> None:
    with identity_provider(tmp_path) as issuer:
        app = create_app(signed_in_settings(settings, issuer))
        async with app.router.lifespan_context(app), browser(app) as visitor:
            await visitor.signs_in("olga")
            token = await asyncio.to_thread(id_token, issuer, "max", "valeo-erp")
            assert (await me(visitor, Authorization=f"Bearer {token}")).status_code == 200
    fresh = create_app(signed_in_settings(settings, issuer))
    async with fresh.router.lifespan_context(fresh), browser(fresh) as other:
        other.erp.cookies.update(visitor.erp.cookies)
        assert (await me(other)).status_code == 200
        away = await me(other, Authorization=f"Bearer {token}")
        assert (away.status_code, away.json()["code"]) == (503, "identity_provider_unreachable")
        assert away.headers["retry-after"]


def test_the_token_command_says_what_the_provider_said(issuer: str) -> None:
    with pytest.raises(TokenRefusedError, match="answered 404"):
        id_token(issuer + "/nowhere", "olga", "valeo-erp")
