"""The steps of signing in by the authorization code flow with PKCE, as values: no request, no network."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta

from authlib.common.security import generate_token
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from itsdangerous import BadSignature, URLSafeTimedSerializer

COOKIE = "valeo-sign-in"
SIGN_IN_LASTS = timedelta(minutes=10)
SCOPES = "openid profile email"


@dataclass(frozen=True)
class SignIn:
    """One sign-in under way; kept by the browser in a signed cookie.

    Attributes:
        state: comes back with the code; another one belongs to another sign-in.
        nonce: comes back inside the ID token.
        verifier: the secret of PKCE; only its hash goes to the provider at first.
        next_path: where to go afterwards.
    """

    state: str
    nonce: str
    verifier: str
    next_path: str


def begin(next_path: str) -> SignIn:
    """A new sign-in with fresh random words."""
    return SignIn(generate_token(32), generate_token(32), generate_token(64), next_path)


def provider_address(sign_in: SignIn, endpoint: str, client_id: str, redirect_uri: str) -> str:
    """Where to send the browser."""
    address: str = prepare_grant_uri(
        endpoint,
        client_id=client_id,
        response_type="code",
        redirect_uri=redirect_uri,
        scope=SCOPES,
        state=sign_in.state,
        nonce=sign_in.nonce,
        code_challenge=create_s256_code_challenge(sign_in.verifier),
        code_challenge_method="S256",
    )
    return address


def sealed(sign_in: SignIn, keys: Sequence[bytes]) -> str:
    """The cookie's value, signed with the first key."""
    return str(_serializer(keys).dumps(asdict(sign_in)))


def unsealed(cookie: str | None, keys: Sequence[bytes]) -> SignIn | None:
    """The sign-in of a cookie, signed with any of the keys; None if it was forged or is too old."""
    if cookie is None:
        return None
    try:
        kept = _serializer(keys).loads(cookie, max_age=int(SIGN_IN_LASTS.total_seconds()))
        return SignIn(**kept)
    except (BadSignature, TypeError):
        return None


def _serializer(keys: Sequence[bytes]) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer([*reversed(keys)], salt="valeo sign-in")  # itsdangerous signs with the last one
