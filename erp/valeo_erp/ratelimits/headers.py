"""`RateLimit-*` on every answer that was counted."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from valeo_erp.ratelimits.allowance import Standing

STATE = "rate_standing"
"""Where a route's dependency leaves the `Standing`, in the state of the request."""


class RateLimitHeadersMiddleware:
    """Tells clients how they stand, so that they can slow down by themselves."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_standing(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_headers(scope.get("state", {}).get(STATE)))
            await send(message)

        await self._app(scope, receive, send_with_standing)


def _headers(standing: Standing | None) -> dict[str, str]:
    return {} if standing is None else standing.headers
