"""`valeo-erp token`: the ID token of a demo person, got by the same code flow as a browser, for use with curl."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from valeo_erp.identity.sign_in import begin, provider_address

_REDIRECT = "http://127.0.0.1/token"


class TokenRefusedError(RuntimeError):
    """The provider gave no token."""


def id_token(issuer: str, person: str, client_id: str) -> str:
    """Sign in as a person at the development identity provider.

    Args:
        issuer: its public URL.
        person: the subject, such as `olga`.
        client_id: the audience that the token is for.

    Raises:
        TokenRefusedError: the provider did not give a token; the message says what it answered.
    """
    sign_in = begin("/")
    with httpx.Client(timeout=10) as http:
        discovery = _json(http.get(issuer.rstrip("/") + "/.well-known/openid-configuration"))
        asked = provider_address(sign_in, discovery["authorization_endpoint"], client_id, _REDIRECT)
        answer = http.post(asked, data={"sub": person})
        came_back = parse_qs(urlsplit(answer.headers.get("location", "")).query)
        if came_back.get("state") != [sign_in.state] or "code" not in came_back:
            raise TokenRefusedError(f"The provider answered {answer.status_code} and gave no code for {person!r}.")
        form = {
            "grant_type": "authorization_code",
            "code": came_back["code"][0],
            "redirect_uri": _REDIRECT,
            "code_verifier": sign_in.verifier,
        }
        tokens = _json(http.post(discovery["token_endpoint"], data=form, auth=(client_id, "development")))
    return str(tokens["id_token"])


def _json(answer: httpx.Response) -> dict[str, Any]:
    if not answer.is_success:
        raise TokenRefusedError(f"{answer.request.url} answered {answer.status_code}: {answer.text[:200]}")
    body: dict[str, Any] = answer.json()
    return body
