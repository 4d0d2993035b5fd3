"""Who asks: by a bearer token of the identity provider, by an API key, or by the web page's session cookie.

The bearer is an ID token (or a JWT access token) whose audience is this installation, as the Kubernetes API server
takes it. Verified tokens are remembered for a short while, because verifying one costs more than a read by id.
"""

import hashlib
from collections import OrderedDict
from datetime import datetime, timedelta
from http import HTTPStatus
from uuid import UUID

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncEngine

from valeo_erp.apikeys.authentication import KeyRing
from valeo_erp.apikeys.key import PREFIX
from valeo_erp.identity import origin, sessions, smoke
from valeo_erp.identity.claims import CLOCK_SKEW, bearer_of, read_role_map
from valeo_erp.identity.provider import IdentityProvider, unauthenticated
from valeo_erp.identity.scopes import Principal
from valeo_erp.kernel.problems import Problem
from valeo_erp.kernel.settings import Settings
from valeo_erp.kernel.tenancy import EVERY, acting_for
from valeo_erp.tenants.repository import tenant_id_of
from valeo_erp.users.mirror import Mirror

REMEMBERED_FOR = timedelta(minutes=5)
"""A token is verified again after this time, so that a withdrawn key does not live on."""

REMEMBERED_TOKENS = 10_000


def session_cookie_name(settings: Settings) -> str:
    """Where users come by https, the browser itself guards the cookie against other hosts (`__Host-`)."""
    return "__Host-valeo-session" if settings.secure_cookies else "valeo-session"


class OidcAuthenticator:
    """Implements `Authenticator` against an OpenID Connect provider."""

    def __init__(self, settings: Settings, provider: IdentityProvider) -> None:
        self._settings = settings
        self.provider = provider
        self._cookie = session_cookie_name(settings)
        self._tokens: OrderedDict[bytes, tuple[Principal, datetime]] = OrderedDict()
        self._tenants: dict[str, UUID] = {}
        self._role_map = read_role_map(settings.oidc_role_map)
        self._keys = KeyRing()
        self._people = Mirror()

    async def authenticate(self, request: Request) -> Principal:
        """The verified caller: the header counts before the cookie."""
        services = request.app.state.services
        now: datetime = services.clock()
        header = request.headers.get("authorization")
        if header is not None:
            scheme, _, token = header.partition(" ")
            if scheme == smoke.SCHEME:
                return await self._by_smoke_token(services.read_engine, token.strip(), now)
            if scheme.lower() != "bearer" or not token:
                raise unauthenticated("credentials_unsupported", "Send `Authorization: Bearer` and a token.")
            return await self._by_bearer(services.read_engine, token.strip(), now)
        cookie = request.cookies.get(self._cookie)
        if not cookie:
            raise unauthenticated("credentials_missing", "Sign in first, or send a bearer token.")
        principal = await self._by_cookie(services.read_engine, cookie, request, now)
        await self._people.require_active(services.read_engine, principal, now)
        return principal

    async def _by_bearer(self, engine: AsyncEngine, token: str, now: datetime) -> Principal:
        if token.startswith(PREFIX):
            return await self._keys.principal(engine, token, now)
        principal = await self.by_token(engine, token, now)
        await self._people.require_active(engine, principal, now)
        return principal

    async def by_token(self, engine: AsyncEngine, token: str, now: datetime, nonce: str | None = None) -> Principal:
        """The principal of a token.

        Raises:
            Problem: 401 if it is not believed, 403 if its tenant is not here, 503 if the provider is needed and away.
        """
        digest = hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
        principal, until = self._tokens.get(digest, (None, now))
        if principal is not None and until > now and nonce is None:
            return principal
        bearer = bearer_of(
            await self.provider.claims(token, nonce),
            self._settings.oidc_roles_claim,
            self._settings.oidc_tenant_claim,
            self._role_map,
        )
        tenant_id = await self._tenant_id(engine, bearer.tenant)
        principal = Principal(bearer.subject, bearer.name, tenant_id, bearer.roles, bearer.expires_at)
        self._remember(digest, principal, min(bearer.expires_at + CLOCK_SKEW, now + REMEMBERED_FOR))
        return principal

    def _remember(self, digest: bytes, principal: Principal, until: datetime) -> None:
        self._tokens[digest] = (principal, until)
        if len(self._tokens) > REMEMBERED_TOKENS:
            self._tokens.popitem(last=False)

    async def _by_cookie(self, engine: AsyncEngine, cookie: str, request: Request, now: datetime) -> Principal:
        if request.method not in origin.SAFE_METHODS and not origin.is_own(request.headers, self._settings.public_url):
            raise Problem(HTTPStatus.FORBIDDEN, "foreign_origin", "Only the page of this installation may ask this.")
        async with engine.connect() as connection:
            principal = await sessions.find(connection, cookie, now)
        if principal is None:
            raise unauthenticated("session_ended", "The session has ended. Sign in again.")
        return principal

    async def _by_smoke_token(self, engine: AsyncEngine, token: str, now: datetime) -> Principal:
        """One of the persons of the smoke tests, who are in no other tenant than theirs."""
        key = self._settings.smoke_key()
        if key is None:
            raise unauthenticated("smoke_key_missing", "This process was given no key for smoke tests.")
        principal = smoke.opened(token, key, now)
        if await self._found(engine, smoke.TENANT) != principal.tenant_id:
            raise _tenant_unknown()
        return principal

    async def _tenant_id(self, engine: AsyncEngine, slug: str | None) -> UUID:
        if slug is None:
            claim = self._settings.oidc_tenant_claim
            raise Problem(HTTPStatus.FORBIDDEN, "tenant_missing", f"The token names no tenant in its claim {claim!r}.")
        if slug == smoke.TENANT:
            raise Problem(
                HTTPStatus.FORBIDDEN, "tenant_reserved", f"The tenant {slug!r} is for smoke tests, not for people."
            )
        return await self._found(engine, slug)

    async def _found(self, engine: AsyncEngine, slug: str) -> UUID:
        known = self._tenants.get(slug)
        if known is not None:
            return known
        with acting_for(EVERY):
            async with engine.connect() as connection:
                found = await tenant_id_of(connection, slug.replace("\x00", "")[:200])
        if found is None:
            raise _tenant_unknown()
        self._tenants[slug] = found
        return found


def _tenant_unknown() -> Problem:
    return Problem(HTTPStatus.FORBIDDEN, "tenant_unknown", "The tenant of this token is not in this installation.")
