"""Counts and logs every request: route template, status and time; no query, no ids, no names."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from http import HTTPStatus
from time import perf_counter
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from valeo_erp.composition import services_of

logger = logging.getLogger("valeo_erp.request")

UNMATCHED = "unmatched"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_PROBES = frozenset({"/healthz", "/readyz", "/metrics"})


def route_template(scope: Scope) -> str:
    """The path as the route declares it, such as `/api/v1/invoices/{document_id}`."""
    context = scope.get("fastapi", {}).get("effective_route_context") or scope.get("route")
    template: str = getattr(context, "path", "") or UNMATCHED
    return template


class RequestMiddleware:
    """Times each request from its first byte to its last."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = perf_counter()
        status, streams = HTTPStatus.INTERNAL_SERVER_ERROR.value, False

        async def send_noted(message: Message) -> None:
            nonlocal status, streams
            if message["type"] == "http.response.start":
                status = message["status"]
                streams = any(
                    name == b"content-type" and value.startswith(b"text/event-stream")
                    for name, value in message["headers"]
                )
                if not streams and services_of(scope["app"]).events.replaced:
                    # The Service leads new connections to the release that replaced this one; this one stays here.
                    message["headers"] = [*message["headers"], (b"connection", b"close")]
            await send(message)

        counted, traced = self._counted(scope), self._traced(scope)
        try:
            with counted:
                await self._app(scope, receive, send_noted)
        finally:
            self._note(scope, status, None if streams else perf_counter() - begun)
            if traced is not None:
                traced(route_template(scope), status)

    def _counted(self, scope: Scope) -> AbstractContextManager[None]:
        """Probes are not counted: who looks would always find himself."""
        if scope["path"] in _PROBES:
            return nullcontext()
        return services_of(scope["app"]).metrics.open_requests.track_inprogress()

    def _traced(self, scope: Scope) -> Callable[[str, int], None] | None:
        """What ends the span of a request with its route and status; None where none is made, as for probes."""
        tracing = services_of(scope["app"]).tracing
        if tracing is None or scope["path"] in _PROBES:
            return None
        method = scope["method"] if scope["method"] in _METHODS else "other"
        begun = tracing.begin(method, Headers(scope=scope))
        return lambda route, status: tracing.end(begun, method, route, status)

    def _note(self, scope: Scope, status: int, seconds: float | None) -> None:
        route = route_template(scope)
        method = scope["method"] if scope["method"] in _METHODS else "other"
        metrics = services_of(scope["app"]).metrics
        metrics.requests.labels(route, method, status).inc()
        told: dict[str, Any] = {"method": method, "route": route, "status": status}
        if seconds is not None:
            metrics.request_seconds.labels(route, method).observe(seconds)
            told["milliseconds"] = round(seconds * 1000, 1)
        logger.log(logging.DEBUG if route in _PROBES else logging.INFO, "Answered", extra=told)
