"""An identity provider on HTTP with a real key: discovery, JWKS, and as many people as a benchmark needs."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

AUDIENCE = "valeo-erp"
TOKEN_SECONDS = 3600


class Issuer:
    """Signs tokens that the ERP verifies against its published key."""

    def __init__(self, url: str, key: RSAKey) -> None:
        self.url = url
        self._key = key
        self.bearer = cache(self._bearer)

    def _bearer(self, person: str, role: str, tenant: str = "hofmann") -> dict[str, str]:
        """The header with which a person comes; signed once."""
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": person,
            "name": person.title(),
            "roles": [role],
            "tenant": tenant,
            "iat": now,
            "exp": now + TOKEN_SECONDS,
        }
        token = jwt.encode({"alg": "RS256", "kid": self._key.kid or ""}, claims, self._key)
        return {"Authorization": f"Bearer {token}"}


@contextmanager
def issuer() -> Iterator[Issuer]:
    """One, while it answers."""
    key = RSAKey.generate_key(2048, {"kid": "bench", "use": "sig"})
    documents: dict[str, object] = {"/jwks": KeySet([key]).as_dict()}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.path in documents
            body = json.dumps(documents.get(self.path, {})).encode()
            self.send_response(200 if known else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    url = f"http://127.0.0.1:{server.server_address[1]}"
    documents["/.well-known/openid-configuration"] = {
        "issuer": url,
        "authorization_endpoint": f"{url}/authorize",
        "token_endpoint": f"{url}/token",
        "jwks_uri": f"{url}/jwks",
    }
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Issuer(url, key)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
