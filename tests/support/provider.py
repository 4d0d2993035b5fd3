"""An identity provider on the other side of HTTP: its keys, its clock, and whether it answers."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

ISSUER = "https://login.example"
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class FakeProvider:
    """Answers discovery and JWKS; counts what it was asked."""

    def __init__(self) -> None:
        self.keys: list[RSAKey | ECKey] = [RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})]
        self.up = True
        self.asked: list[str] = []
        self.issuer = ISSUER
        self.code_answer = httpx.Response(400, json={"error": "invalid_grant"})

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))
        if not self.up:
            raise httpx.ConnectError("refused")
        match request.url.path:
            case "/.well-known/openid-configuration":
                return httpx.Response(
                    200,
                    json={
                        "issuer": self.issuer,
                        "authorization_endpoint": f"{ISSUER}/authorize",
                        "token_endpoint": f"{ISSUER}/token",
                        "jwks_uri": f"{ISSUER}/jwks",
                    },
                )
            case "/jwks":
                return httpx.Response(200, json=KeySet(list(self.keys)).as_dict())
            case "/token":
                return self.code_answer
        return httpx.Response(404)

    def token(self, key: RSAKey | ECKey | OctKey | None = None, alg: str = "RS256", **changed: Any) -> str:
        """A token that is right in everything but what the test changes; None takes a claim away."""
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "aud": "valeo-erp",
            "sub": "olga",
            "name": "Olga Operator",
            "roles": ["operator"],
            "tenant": "hofmann",
            "iat": START.timestamp(),
            "exp": (START + timedelta(minutes=5)).timestamp(),
        } | changed
        signed_by = key or self.keys[-1]
        header = {"alg": alg, "kid": signed_by.kid or "first"}
        return jwt.encode(
            header, {name: value for name, value in claims.items() if value is not None}, signed_by, algorithms=[alg]
        )


class Time:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **by: float) -> None:
        self.now += timedelta(**by)
