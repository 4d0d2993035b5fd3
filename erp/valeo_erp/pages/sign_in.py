"""`/auth/…`: signing in at the identity provider by the code flow with PKCE, and out again."""

import hmac
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from valeo_erp.composition import Services, services_of
from valeo_erp.identity import origin, sessions, sign_in
from valeo_erp.identity.oidc import session_cookie_name
from valeo_erp.identity.scopes import Principal
from valeo_erp.kernel.problems import Problem
from valeo_erp.kernel.settings import Settings
from valeo_erp.pages.rendering import page

router = APIRouter(prefix="/auth", include_in_schema=False)

Word = Annotated[str, Query(max_length=4000)]


def _redirect_uri(settings: Settings) -> str:
    return settings.public_url.rstrip("/") + "/auth/callback"


def _set_cookie(answer: Response, settings: Settings, name: str, value: str, lasts: timedelta, path: str) -> None:
    """No script reads it, no foreign page sends it along with a write."""
    answer.set_cookie(
        name,
        value,
        max_age=int(lasts.total_seconds()),
        path=path,
        secure=settings.secure_cookies,
        httponly=True,
        samesite="lax",
    )


@router.get("/login")
async def login(request: Request, next_path: Annotated[str, Query(alias="next", max_length=2000)] = "/") -> Response:
    """Send the browser to the identity provider."""
    services = services_of(request.app)
    begun = sign_in.begin(origin.local_path(next_path))
    endpoint = (await services.oidc.provider.discovery()).authorization_endpoint
    address = sign_in.provider_address(
        begun, endpoint, services.settings.oidc_audience, _redirect_uri(services.settings)
    )
    answer = RedirectResponse(address, HTTPStatus.SEE_OTHER)
    sealed = sign_in.sealed(begun, services.settings.session_keys())
    _set_cookie(answer, services.settings, sign_in.COOKIE, sealed, sign_in.SIGN_IN_LASTS, "/auth")
    return answer


@router.get("/callback")
async def callback(
    request: Request, code: Word = "", state: Word = "", error: Word = "", error_description: Word = ""
) -> Response:
    """The identity provider sends the browser back: with a code, or with the reason why not."""
    services = services_of(request.app)
    begun = sign_in.unsealed(request.cookies.get(sign_in.COOKIE), services.settings.session_keys())
    if begun is None or not hmac.compare_digest(begun.state.encode(), state.encode()):
        return page("sign_in_lost.html", request, None, {}, HTTPStatus.BAD_REQUEST)
    if error or not code:
        told = f"{error} {error_description}".strip()[:300] or "no code"
        raise Problem(HTTPStatus.FORBIDDEN, "sign_in_refused", f"The identity provider said: {told}")
    principal = await _principal(services, begun, code)
    cookie = await _new_session(services, principal, request.cookies.get(session_cookie_name(services.settings)))
    answer = RedirectResponse(begun.next_path, HTTPStatus.SEE_OTHER)
    answer.delete_cookie(sign_in.COOKIE, path="/auth")
    name = session_cookie_name(services.settings)
    _set_cookie(answer, services.settings, name, cookie, sessions.SESSION_LASTS, "/")
    return answer


@router.post("/logout")
async def logout(request: Request) -> Response:
    """End the session on the server, so that its cookie is worth nothing any more."""
    services = services_of(request.app)
    if not origin.is_own(request.headers, services.settings.public_url):
        raise Problem(HTTPStatus.FORBIDDEN, "foreign_origin", "Only the page of this installation may ask this.")
    name = session_cookie_name(services.settings)
    cookie = request.cookies.get(name)
    if cookie:
        async with services.engine.begin() as connection:
            await sessions.end(connection, cookie)
    answer = RedirectResponse("/auth/signed-out", HTTPStatus.SEE_OTHER)
    answer.delete_cookie(name, path="/", secure=services.settings.secure_cookies, httponly=True, samesite="lax")
    return answer


@router.get("/signed-out")
async def signed_out(request: Request) -> Response:
    """Say so, and offer to sign in again."""
    return page("signed_out.html", request, None, {})


async def _principal(services: Services, begun: sign_in.SignIn, code: str) -> Principal:
    token = await services.oidc.provider.exchange(code, begun.verifier, _redirect_uri(services.settings))
    return await services.oidc.by_token(services.read_engine, token, services.clock(), begun.nonce)


async def _new_session(services: Services, principal: Principal, previous: str | None) -> str:
    """Always a new one, so that nobody can prepare a session for somebody else to sign in to."""
    async with services.engine.begin() as connection:
        if previous:
            await sessions.end(connection, previous)
        return await sessions.start(connection, principal, services.clock())
