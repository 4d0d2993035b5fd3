"""Answers some requests to the API with 500, as a release with a bug does. Loaded by every Python of its image.

`every-20th`: each twentieth request of a user; smoke tests, which sign in otherwise, see nothing of it. `all`: every
one, so that no smoke test can pass.
"""

import itertools
import os

from starlette.types import ASGIApp, Receive, Scope, Send

from valeo_erp.operations.requests import RequestMiddleware

BODY = b'{"code":"fault_of_the_test","detail":"this image is made to fail"}'
EVERY, SCHEME = {"every-20th": (20, b"Bearer"), "all": (1, b"")}[os.environ["VALEO_TEST_FAULT"]]
plain, counter = RequestMiddleware.__init__, itertools.count(1)


def with_fault(self: RequestMiddleware, app: ASGIApp) -> None:
    """Make the middleware around an application that fails; so the failures are counted as any other answer."""

    async def faulty(scope: Scope, receive: Receive, send: Send) -> None:
        asked = (
            scope["type"] == "http"
            and scope["path"] == "/api/v1/me"
            and dict(scope["headers"]).get(b"authorization", b"").startswith(SCHEME)
        )
        if not asked or next(counter) % EVERY:
            await app(scope, receive, send)
            return
        head = [(b"content-type", b"application/problem+json")]
        await send({"type": "http.response.start", "status": 500, "headers": head})
        await send({"type": "http.response.body", "body": BODY})

    plain(self, faulty)


RequestMiddleware.__init__ = with_fault  # type: ignore[method-assign]
