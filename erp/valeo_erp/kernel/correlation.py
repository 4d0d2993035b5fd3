"""The correlation id: taken from `X-Correlation-ID` if it is a plain token, else made; in every answer and log line."""

import re
from contextvars import ContextVar
from uuid import uuid4

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "X-Correlation-ID"
_PLAIN = re.compile(rb"[A-Za-z0-9._-]{8,64}")
_current: ContextVar[str] = ContextVar("correlation_id", default="-")


def current_correlation_id() -> str:
    """The id of the request being answered, `-` outside of one."""
    return _current.get()


class CorrelationMiddleware:
    """Gives every HTTP request a correlation id."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = next((value for name, value in scope["headers"] if name == b"x-correlation-id"), b"")
        correlation_id = given.decode("ascii") if _PLAIN.fullmatch(given) else uuid4().hex
        # Never reset: the answer to a fault of the program is made outside of this, in the same task.
        _current.set(correlation_id)

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = correlation_id
            await send(message)

        await self._app(scope, receive, send_with_id)
