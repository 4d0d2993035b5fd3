"""The OpenID Connect provider as this process sees it: its discovery document, its keys, its token endpoint.

Keys are cached. An unknown key id asks the provider again, at most every few seconds, so that a rotated key is
accepted at once and a flood of forged tokens reaches nobody. While the provider is down, known keys stay valid.
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, Key, RSAKey

from valeo_erp.identity.claims import Expected, doubts
from valeo_erp.kernel.clock import Clock
from valeo_erp.kernel.problems import Failure, Problem, unavailable
from valeo_erp.kernel.settings import Settings

logger = logging.getLogger(__name__)

ALGORITHMS = ("RS256", "PS256", "ES256")
"""Asymmetric only: with these, a public key can never serve as a shared secret."""

KEYS_FRESH = timedelta(minutes=10)
ASK_AGAIN_AFTER = timedelta(seconds=5)
TIMEOUT_SECONDS = 4.0
_LONGEST_TOKEN = 16_000


@dataclass(frozen=True)
class Discovery:
    """What the provider tells of itself, with the addresses at which this process reaches it."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


def unauthenticated(code: str, detail: str, failures: list[Failure] | None = None) -> Problem:
    """401 for credentials that are missing or not believed."""
    headers = {"WWW-Authenticate": f'Bearer realm="valeo-erp", error="{code}"'}
    return Problem(HTTPStatus.UNAUTHORIZED, code, detail, failures or [], headers=headers)


def reached_by_server(url: str, issuer: str, internal_url: str | None) -> str:
    """The address with the provider's internal origin, where its public one is not reachable from here."""
    if internal_url is None:
        return url
    address, public, internal = urlsplit(url), urlsplit(issuer), urlsplit(internal_url)
    if (address.scheme, address.netloc) != (public.scheme, public.netloc):
        return url
    return urlunsplit((internal.scheme, internal.netloc, address.path, address.query, ""))


class IdentityProvider:
    """One provider. Holds no connection, only what it learned."""

    def __init__(self, settings: Settings, clock: Clock, transport: httpx.AsyncBaseTransport | None = None) -> None:
        """Nothing is asked before it is needed.

        Args:
            settings: which provider, and how this installation is known to it.
            clock: the source of every instant.
            transport: how HTTP goes out; the network unless given.
        """
        self._settings = settings
        self._clock = clock
        self._transport = transport
        self._discovery: Discovery | None = None
        self._keys: dict[str, Key] = {}
        self._learned_at: datetime | None = None
        self._asked_at: datetime | None = None
        self._asking = asyncio.Lock()

    async def discovery(self) -> Discovery:
        """The provider's endpoints.

        Raises:
            Problem: 503 when the provider cannot be reached or is not the configured one.
        """
        if self._discovery is None:
            self._discovery = await self._discover()
        return self._discovery

    async def claims(self, token: str, nonce: str | None = None) -> dict[str, Any]:
        """The claims of a token that may be believed.

        Raises:
            Problem: 401 with every reason against the token; 503 when no key can be had to judge it.
        """
        header = self._header(token)
        discovery = await self.discovery()
        key = await self._key(str(header.get("kid", "")))
        try:
            claims = jwt.decode(token, key, algorithms=list(ALGORITHMS)).claims
        except (JoseError, ValueError) as error:
            raise unauthenticated("token_signature", "The signature of the token is not the provider's.") from error
        against = doubts(claims, Expected(discovery.issuer, self._settings.oidc_audience, nonce), self._clock())
        if against:
            raise unauthenticated(against[0].code, " ".join(doubt.message for doubt in against), against)
        return claims

    async def exchange(self, code: str, verifier: str, redirect_uri: str) -> str:
        """The ID token for an authorization code (RFC 6749 section 4.1.3, with PKCE).

        Raises:
            Problem: 401 when the provider refuses the code, 503 when it cannot be reached.
        """
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
            "client_id": self._settings.oidc_audience,
        }
        secret = client_secret(self._settings)
        authentication = None if secret is None else httpx.BasicAuth(self._settings.oidc_audience, secret)
        answer = await self._ask("POST", (await self.discovery()).token_endpoint, data=form, auth=authentication)
        body = _object(answer)
        token = body.get("id_token")
        if answer.status_code != HTTPStatus.OK or not isinstance(token, str):
            logger.warning("The identity provider refused a code", extra={"error": str(body.get("error", ""))[:80]})
            raise unauthenticated("sign_in_refused", "The identity provider did not accept this sign-in. Start again.")
        return token

    @staticmethod
    def _header(token: str) -> Mapping[str, Any]:
        if len(token) > _LONGEST_TOKEN or not token.isascii():
            raise unauthenticated("token_malformed", "The bearer token is not a JSON Web Token.")
        try:
            header = jws.extract_compact(token.encode()).headers()
        except (JoseError, ValueError) as error:
            raise unauthenticated("token_malformed", "The bearer token is not a JSON Web Token.") from error
        if header.get("alg") not in ALGORITHMS:
            raise unauthenticated("token_algorithm", f"Only tokens signed by {', '.join(ALGORITHMS)} are accepted.")
        return header

    async def _key(self, key_id: str) -> Key:
        key = self._known(key_id)
        if key is not None and (not self._stale() or self._asking.locked()):
            return key
        async with self._asking:  # of many requests with a new key, one asks and the others wait for it
            if self._may_ask() and (self._known(key_id) is None or self._stale()):
                await self._learn_keys()
        key = self._known(key_id)
        if key is not None:
            return key
        if self._learned_at is None:
            raise _unreachable("Its keys are not known yet.")
        raise unauthenticated("token_key_unknown", "The token is signed with a key that the provider does not publish.")

    def _known(self, key_id: str) -> Key | None:
        if not key_id and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        return self._keys.get(key_id)

    def _stale(self) -> bool:
        return self._learned_at is None or self._clock() - self._learned_at > KEYS_FRESH

    def _may_ask(self) -> bool:
        return self._asked_at is None or self._clock() - self._asked_at > ASK_AGAIN_AFTER

    async def _learn_keys(self) -> None:
        self._asked_at = self._clock()
        try:
            answer = await self._ask("GET", (await self.discovery()).jwks_uri)
        except Problem:
            if not self._keys:
                raise
            logger.warning("The identity provider cannot be reached; its known keys stay in use")
            return
        self._keys = signing_keys(_object(answer))
        self._learned_at = self._clock()

    async def _discover(self) -> Discovery:
        issuer = self._settings.oidc_issuer
        internal = self._settings.oidc_internal_url
        address = issuer.rstrip("/") + "/.well-known/openid-configuration"
        document = _object(await self._ask("GET", reached_by_server(address, issuer, internal)))
        told = str(document.get("issuer", ""))
        if told.rstrip("/") != issuer.rstrip("/"):
            logger.error("The identity provider is another one", extra={"configured": issuer, "told": told})
            raise _unreachable(f"The provider at {issuer} calls itself {told or 'nothing'}; both must be the same.")
        try:
            return Discovery(
                issuer=told,
                authorization_endpoint=str(document["authorization_endpoint"]),
                token_endpoint=reached_by_server(str(document["token_endpoint"]), issuer, internal),
                jwks_uri=reached_by_server(str(document["jwks_uri"]), issuer, internal),
            )
        except KeyError as error:
            raise _unreachable(f"Its discovery document lacks {error}.") from error

    async def _ask(
        self, method: str, url: str, data: dict[str, str] | None = None, auth: httpx.BasicAuth | None = None
    ) -> httpx.Response:
        try:
            async with httpx.AsyncClient(transport=self._transport, timeout=TIMEOUT_SECONDS) as client:
                answer = await client.request(method, url, data=data, auth=auth or httpx.USE_CLIENT_DEFAULT)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            logger.warning("The identity provider cannot be reached", extra={"cause": repr(error)})
            raise _unreachable("It does not answer.") from error
        if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise _unreachable(f"It answered {answer.status_code}.")
        return answer


def client_secret(settings: Settings) -> str | None:
    """The secret by which the provider knows this client; the development provider takes any."""
    if settings.oidc_client_secret_file is not None:
        return settings.oidc_client_secret_file.read_text(encoding="utf-8").strip()
    return "development" if settings.development_provider else None


def signing_keys(document: Mapping[str, Any]) -> dict[str, Key]:
    """The usable keys of a JWKS by key id. Others (for encryption, of unknown kind) are left aside."""
    listed = document.get("keys")
    keys: dict[str, Key] = {}
    for described in listed if isinstance(listed, list) else []:
        if not isinstance(described, dict) or described.get("use", "sig") != "sig":
            continue
        try:
            key = JWKRegistry.import_key(described)
        except (JoseError, ValueError) as error:
            logger.warning("A key of the identity provider cannot be read", extra={"cause": repr(error)})
            continue
        if isinstance(key, RSAKey | ECKey):
            keys[str(described.get("kid", ""))] = key
    return keys


def _object(answer: httpx.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        body = None
    return body if isinstance(body, dict) else {}


def _unreachable(why: str) -> Problem:
    return unavailable("identity_provider_unreachable", f"The identity provider cannot be used at the moment. {why}")
