"""Refusals for people: where a browser asked, problem+json becomes a page, a notice, or the way to sign in.

Whoever prefers HTML gets it (RFC 9110 section 12.5.1); every other client gets the problem as it is.
"""

import json
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from valeo_erp.identity.origin import local_path
from valeo_erp.kernel.problem_answers import MEDIA_TYPE
from valeo_erp.pages.rendering import reader_of, render

_KEPT = (b"retry-after", b"etag", b"x-correlation-id")


class ProblemPagesMiddleware:
    """Looks at the answer's head; whatever is no problem passes untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or not _for_people(scope):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        start: Message | None = None
        body = b""

        async def watch(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start" and _is_problem(message):
                start = message
            elif start is None:
                await send(message)
            else:
                body += message.get("body", b"")
                if not message.get("more_body", False):
                    await answer(request, start, json.loads(body))(scope, receive, send)

        await self._app(scope, receive, watch)


def _for_people(scope: Scope) -> bool:
    headers = dict(scope["headers"])
    return b"hx-request" in headers or b"text/html" in headers.get(b"accept", b"")


def _is_problem(start: Message) -> bool:
    return any(name == b"content-type" and value == MEDIA_TYPE.encode() for name, value in start["headers"])


def answer(request: Request, start: Message, problem: dict[str, Any]) -> Response:
    """What people get for a problem."""
    by_htmx = "hx-request" in request.headers
    if start["status"] == HTTPStatus.UNAUTHORIZED and (by_htmx or _may_sign_in(request)):
        return _to_sign_in(request, by_htmx=by_htmx)
    template = "problem_notice.html" if by_htmx else "problem_page.html"
    text = render(template, reader_of(request, None), {"problem": problem})
    response = HTMLResponse(text, start["status"])
    response.raw_headers.extend((name, value) for name, value in start["headers"] if name in _KEPT)
    if by_htmx:
        response.headers["HX-Retarget"] = "#notice"
        response.headers["HX-Reswap"] = "innerHTML"
    return response


def _may_sign_in(request: Request) -> bool:
    """Not from the sign-in itself, which would go round in circles."""
    return request.method == "GET" and not request.url.path.startswith("/auth/")


def _to_sign_in(request: Request, *, by_htmx: bool) -> Response:
    came_from = urlsplit(request.headers.get("hx-current-url", "")) if by_htmx else urlsplit(str(request.url))
    back = local_path(came_from.path + (f"?{came_from.query}" if came_from.query else ""))
    address = f"/auth/login?next={quote(back, safe='')}"
    if by_htmx:
        return Response(status_code=HTTPStatus.UNAUTHORIZED, headers={"HX-Redirect": address})
    return RedirectResponse(address, HTTPStatus.SEE_OTHER)
